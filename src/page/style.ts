/**
 * How pages with agents and curves look: readable in light and dark, from 360 px on.
 *
 * @module
 */
import { inks } from "../scene/palette.ts";

const variables = (side: "light" | "dark"): string =>
  Object.entries(inks).map(([name, ink]) => `--${name}:${ink[side]};`).join("");

/** Colours of the page as CSS variables. */
const colours = `:root{--unit:1px;${variables("light")}--accent:#0072b2;--panel:#f7f8f9;color-scheme:light dark}
@media (min-width:2400px){:root{--unit:1.6px}}
@media (prefers-color-scheme:dark){:root{${variables("dark")}--accent:#4ba3e3;--panel:#1b1f24}}`;

/** CSS of an agent and its controls, which a report's page has too. */
export const agentStyle: string = `${colours}
.agent{min-width:0;margin:0;container-type:inline-size}
.agent h3{font-size:calc(15*var(--unit));margin:0 0 2px;font-weight:600;overflow-wrap:anywhere}
.agent .note,.agent .hint{margin:2px 0 calc(6*var(--unit));font-size:calc(13*var(--unit));color:var(--quiet)}
.agent .note:empty,.agent .hint:empty{display:none}
.figure{display:grid;grid-template-columns:minmax(0,3fr) minmax(0,2fr);gap:calc(14*var(--unit))}
.stage,.strips{display:block;width:100%;height:calc(340*var(--unit));touch-action:pan-y}
.stage[hidden],.figure[hidden]{display:none}
.stage{background:var(--panel);border-radius:calc(6*var(--unit));cursor:grab;outline-offset:2px}
.scrub{width:100%;margin:calc(8*var(--unit)) 0 0;accent-color:var(--accent)}
.clock{display:block;font-size:calc(13*var(--unit));color:var(--quiet);font-variant-numeric:tabular-nums;min-height:1.5em}
.controls{display:flex;flex-wrap:wrap;gap:calc(6*var(--unit));margin-top:calc(6*var(--unit));align-items:center}
.controls label{font-size:calc(13*var(--unit));color:var(--quiet)}
button,select,input[type=number],input[type=text]{font:inherit;font-size:calc(14*var(--unit));color:var(--text);background:var(--panel);
border:1px solid var(--line);border-radius:calc(5*var(--unit));padding:calc(4*var(--unit)) calc(10*var(--unit));min-height:calc(32*var(--unit))}
.controls input[type=number]{width:5.2em}
.play{min-width:4.6em}
button:hover,select:hover{border-color:var(--text)}
button:focus-visible,select:focus-visible,input:focus-visible,canvas:focus-visible{outline:2px solid var(--accent);outline-offset:1px}
@container (max-width:720px){.figure{grid-template-columns:minmax(0,1fr)}.stage{height:calc(280*var(--unit))}.strips{height:calc(250*var(--unit))}}
`;

/** CSS of a whole page. */
export const pageStyle: string = `${agentStyle}
*{box-sizing:border-box}
body{margin:0;background:var(--background);color:var(--text);font:calc(15*var(--unit))/1.45 Arimo,Helvetica,Arial,Liberation Sans,sans-serif;
-webkit-text-size-adjust:100%}
header,main{max-width:calc(1500*var(--unit));margin:0 auto;padding:0 calc(22*var(--unit))}
header{display:flex;flex-wrap:wrap;gap:calc(4*var(--unit)) calc(16*var(--unit));align-items:baseline;padding-top:calc(16*var(--unit));padding-bottom:calc(10*var(--unit))}
h1{font-size:calc(20*var(--unit));margin:0;overflow-wrap:anywhere}
h2{font-size:calc(15*var(--unit));font-weight:600;margin:0 0 calc(8*var(--unit));overflow-wrap:anywhere}
header p{margin:0;color:var(--quiet);font-size:calc(14*var(--unit))}
.bar{display:flex;flex-wrap:wrap;gap:calc(6*var(--unit)) calc(12*var(--unit));align-items:center;margin-bottom:calc(6*var(--unit))}
.bar label{font-size:calc(13*var(--unit));color:var(--quiet);display:flex;gap:calc(6*var(--unit));align-items:center}
main>section{border-top:1px solid var(--grid);padding:calc(14*var(--unit)) 0 calc(18*var(--unit));min-width:0}
@media (min-width:1100px){main{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:0 calc(34*var(--unit))}
main>section:last-child,.two .acting{grid-column:1/-1}.acting{grid-row:span 2}.two .acting{grid-row:auto;order:1}.two main>section:last-child{order:2}}
.plot{width:100%;height:calc(300*var(--unit))}.reading{margin:0;font-size:calc(12.5*var(--unit));color:var(--quiet);min-height:3em;white-space:pre-wrap}
.agents{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,calc(560*var(--unit))),1fr));gap:calc(22*var(--unit))}
.pick{display:flex;flex-wrap:wrap;gap:calc(6*var(--unit)) calc(12*var(--unit));align-items:center;margin-bottom:calc(8*var(--unit))}
.pick select{max-width:100%}
.pick label{font-size:calc(13*var(--unit));color:var(--quiet);display:flex;gap:calc(6*var(--unit));align-items:center}
.pick input[type=checkbox],td input{width:calc(13*var(--unit));height:calc(13*var(--unit))}
.pick label[hidden]{display:none}
.pick input[type=range]{width:calc(150*var(--unit));accent-color:var(--accent)}
.acting>button{margin-top:calc(8*var(--unit))}
.bar select{max-width:calc(190*var(--unit))}.key{margin-right:calc(16*var(--unit));white-space:normal;overflow-wrap:anywhere;display:inline-block}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:calc(13.5*var(--unit));font-variant-numeric:tabular-nums;width:100%}
th,td{text-align:left;padding:calc(5*var(--unit)) calc(16*var(--unit)) calc(5*var(--unit)) 0;border-bottom:1px solid var(--grid);white-space:nowrap}
th{color:var(--quiet);font-weight:normal}
td.number,th.number{text-align:right}
tr[hidden]{display:none}
.swatch{width:calc(30*var(--unit));height:calc(6*var(--unit));margin:0 calc(7*var(--unit)) 0 calc(4*var(--unit));vertical-align:middle}
.running{color:var(--accent);font-weight:600}
.warning{color:var(--quiet)}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(calc(190*var(--unit)),1fr));gap:calc(12*var(--unit)) calc(20*var(--unit))}
.tile b{display:block;font-size:calc(20*var(--unit));font-weight:600;font-variant-numeric:tabular-nums}
.tile span{font-size:calc(13*var(--unit));color:var(--quiet);display:block}
.tile i{font-style:normal;font-size:calc(12.5*var(--unit));color:var(--quiet);display:block;line-height:1.35;margin-top:2px}
.lost{background:#d55e00;color:#fff;padding:calc(6*var(--unit)) calc(22*var(--unit));margin:0}
.lost[hidden]{display:none}
.u-legend{font-size:calc(12.5*var(--unit));color:var(--quiet);text-align:left!important}
.u-legend .u-series th{font-weight:normal}
@media (max-width:520px){header,main{padding-left:calc(12*var(--unit));padding-right:calc(12*var(--unit))}.plot{height:calc(240*var(--unit))}}
@media (min-width:2400px){header,main{max-width:calc(2200*var(--unit))}.plot{height:calc(420*var(--unit))}.stage,.strips{height:calc(460*var(--unit))}}
`;
