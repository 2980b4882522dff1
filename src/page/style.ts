/**
 * How pages with agents and curves look: readable in light and dark, from 360 px on.
 *
 * @module
 */
import { inks } from "../scene/palette.ts";

const variables = (side: "light" | "dark"): string =>
  Object.entries(inks).map(([name, ink]) => `--${name}:${ink[side]};`).join("");

/** Colours of the page as CSS variables. */
const colours = `:root{${variables("light")}--accent:#0072b2;--panel:#f7f8f9;color-scheme:light dark}
@media (prefers-color-scheme:dark){:root{${variables("dark")}--accent:#4ba3e3;--panel:#1b1f24}}`;

/** CSS of an agent and its controls, which a report's page has too. */
export const agentStyle: string = `${colours}
.agent{min-width:0;margin:0;container-type:inline-size}
.agent h3{font-size:15px;margin:0 0 2px;font-weight:600;overflow-wrap:anywhere}
.agent .note,.agent .hint{margin:2px 0 6px;font-size:13px;color:var(--quiet)}
.agent .note:empty,.agent .hint:empty{display:none}
.figure{display:grid;grid-template-columns:minmax(0,3fr) minmax(0,2fr);gap:14px}
.stage,.strips{display:block;width:100%;height:340px;touch-action:pan-y}
.stage[hidden],.figure[hidden]{display:none}
.stage{background:var(--panel);border-radius:6px;cursor:grab;outline-offset:2px}
.scrub{width:100%;margin:8px 0 0;accent-color:var(--accent)}
.clock{display:block;font-size:13px;color:var(--quiet);font-variant-numeric:tabular-nums;min-height:1.5em}
.controls{display:flex;flex-wrap:wrap;gap:6px;margin-top:6px;align-items:center}
.controls label{font-size:13px;color:var(--quiet)}
button,select,input[type=number],input[type=text]{font:inherit;font-size:14px;color:var(--text);background:var(--panel);
border:1px solid var(--line);border-radius:5px;padding:4px 10px;min-height:32px}
.controls input[type=number]{width:5.2em}
.play{min-width:4.6em}
button:hover,select:hover{border-color:var(--text)}
button:focus-visible,select:focus-visible,input:focus-visible,canvas:focus-visible{outline:2px solid var(--accent);outline-offset:1px}
@container (max-width:720px){.figure{grid-template-columns:minmax(0,1fr)}.stage{height:280px}.strips{height:250px}}
`;

/** CSS of a whole page. */
export const pageStyle: string = `${agentStyle}
*{box-sizing:border-box}
body{margin:0;background:var(--background);color:var(--text);font:15px/1.45 Arimo,Helvetica,Arial,Liberation Sans,sans-serif;
-webkit-text-size-adjust:100%}
header,main{max-width:1500px;margin:0 auto;padding:0 22px}
header{display:flex;flex-wrap:wrap;gap:4px 16px;align-items:baseline;padding-top:16px;padding-bottom:10px}
h1{font-size:20px;margin:0;overflow-wrap:anywhere}
h2{font-size:15px;font-weight:600;margin:0 0 8px;overflow-wrap:anywhere}
header p{margin:0;color:var(--quiet);font-size:14px}
.bar{display:flex;flex-wrap:wrap;gap:6px 12px;align-items:center;margin-bottom:6px}
.bar label{font-size:13px;color:var(--quiet);display:flex;gap:6px;align-items:center}
main>section{border-top:1px solid var(--grid);padding:14px 0 18px;min-width:0}
@media (min-width:1100px){main{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:0 34px}
main>section:last-child,.two .acting{grid-column:1/-1}.acting{grid-row:span 2}.two .acting{grid-row:auto;order:1}.two main>section:last-child{order:2}}
.chart{width:100%;height:340px}.reading{margin:0;font-size:12.5px;color:var(--quiet);min-height:3em;white-space:pre-wrap}
.agents{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,560px),1fr));gap:22px}
.pick{display:flex;flex-wrap:wrap;gap:6px 12px;align-items:center;margin-bottom:8px}
.pick select{max-width:100%}
.pick label{font-size:13px;color:var(--quiet);display:flex;gap:6px;align-items:center}
.pick input[type=range]{width:150px;accent-color:var(--accent)}
.bar select{max-width:190px}.key{margin-right:16px;white-space:nowrap;display:inline-block}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:13.5px;font-variant-numeric:tabular-nums;width:100%}
th,td{text-align:left;padding:5px 16px 5px 0;border-bottom:1px solid var(--grid);white-space:nowrap}
th{color:var(--quiet);font-weight:normal}
td.number,th.number{text-align:right}
tr[hidden]{display:none}
.swatch{display:inline-block;width:22px;height:0;border-top:3px solid;margin-right:7px;vertical-align:middle}
.running{color:var(--accent);font-weight:600}
.warning{color:var(--quiet)}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(190px,1fr));gap:12px 20px}
.tile b{display:block;font-size:20px;font-weight:600;font-variant-numeric:tabular-nums}
.tile span{font-size:13px;color:var(--quiet);display:block}
.tile i{font-style:normal;font-size:12.5px;color:var(--quiet);display:block;line-height:1.35;margin-top:2px}
.lost{background:#d55e00;color:#fff;padding:6px 22px;margin:0}
.lost[hidden]{display:none}
.u-legend{font-size:12.5px;color:var(--quiet);text-align:left!important}
.u-legend .u-series th{font-weight:normal}
@media (max-width:520px){header,main{padding-left:12px;padding-right:12px}.chart{height:280px}}
@media (min-width:2400px){body{font-size:19px}header,main{max-width:2600px}.stage,.strips{height:560px}.chart{height:620px}
table,.controls label,.clock,.bar label,.pick label{font-size:17px}}
`;
