/**
 * How a report's page looks: one column of sections, charts that wrap, tables that scroll within their own box.
 *
 * @module
 */
import { darkOf, fontFamily, inks } from "./charts/theme.ts";

const variables = (ink: (name: keyof typeof inks) => string, ground: string): string =>
  `--ground:${ground};--text:${ink("text")};--quiet:${ink("quiet")};--grid:${ink("grid")};`;

const light = variables((name) => inks[name], "#ffffff");
const dark = variables((name) => darkOf[inks[name]], "#14171a");

/** CSS. */
export const pageStyle: string = `
:root{${light}color-scheme:light dark}
@media (prefers-color-scheme: dark){:root{${dark}}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);font:16px/1.5 ${fontFamily};-webkit-text-size-adjust:100%}
header,main{max-width:1020px;margin:0 auto;padding:0 20px}
header{padding-top:28px}
h1{font-size:26px;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}
header p{margin:0;color:var(--quiet)}
nav{display:flex;flex-wrap:wrap;gap:4px 18px;margin:14px 0 0;padding-bottom:14px;border-bottom:1px solid var(--grid)}
nav a{color:var(--text);font-size:14px;text-underline-offset:3px;text-decoration-color:var(--quiet)}
section{margin:32px 0 40px}
h2{font-size:19px;line-height:1.3;margin:0 0 4px}
.caption{color:var(--quiet);font-size:14px;max-width:76ch;margin:0 0 12px}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,400px),1fr));gap:14px 22px;align-items:start}
.chart{margin-left:-10px;max-width:480px}
.chart svg{display:block;width:100%;height:auto}
.table{overflow-x:auto;margin:8px 0 10px}
table{border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:6px 18px 6px 0;border-bottom:1px solid var(--grid);white-space:nowrap;vertical-align:top}
th{color:var(--quiet);font-weight:normal}
td:last-child{white-space:normal;min-width:16em}
td.number:last-child{min-width:0}
.number{text-align:right}
@media (max-width: 520px){header,main{padding-left:14px;padding-right:14px}h1{font-size:22px}.chart{margin-left:-8px;margin-right:-8px}}
`;
