/**
 * The runs as a table, in which curves are switched on and off.
 *
 * @module
 */
/// <reference lib="dom" />
import { make } from "./dom.ts";
import { swatch } from "./line_style.ts";
import type { RunSummary, Watched } from "../wire.ts";

/** (s) ⇒ `1 h 20 min`, `3 min`, `20 s`. */
const duration = (seconds: number): string => {
  const minutes = Math.round(seconds / 60);
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
};

const shown = (x: number): string => String(+x.toPrecision(4));

const nameCell = (run: RunSummary, color: number, checked: boolean, onToggle: () => void): HTMLElement => {
  const box = make("input", { type: "checkbox", "aria-label": `Curve of ${run.name}`, onchange: onToggle });
  box.checked = checked;
  return make("td", {}, make("label", { title: run.name }, box, swatch(color), run.variant));
};

/** What a row needs to know beside its run. */
export interface RunTableState {
  readonly colorOf: (run: number) => number;
  readonly isShown: (run: number) => boolean;
  readonly onToggle: (run: number) => void;
  /** Shows the agent of the run. */
  readonly onPick: (run: number) => void;
}

/** (runs, state) ⇒ (table). */
export const runTable = ({ runs }: Watched, state: RunTableState): HTMLTableElement => {
  const names = [...new Set(runs.flatMap(({ options }) => Object.keys(options)))].slice(0, 6);
  const heads = [
    "run",
    "task",
    "seed",
    "state",
    "iterations",
    "return",
    "left",
    ...names.map((each) => each.replace(/^.*\./, "")),
    "",
  ];
  const right = new Set(["seed", "iterations", "return", "left"]);
  const head = heads.map((text) =>
    make("th", right.has(text) ? { class: "number", scope: "col" } : { scope: "col" }, text)
  );
  const number = (text: string) => make("td", { class: "number" }, text);
  const rows = runs.map((run, i) =>
    make(
      "tr",
      {},
      nameCell(run, state.colorOf(i), state.isShown(i), () => state.onToggle(i)),
      make("td", {}, run.task),
      number(String(run.seed)),
      make("td", run.state === "running" ? { class: "running" } : {}, run.state),
      number(`${run.done}/${run.iterations}`),
      number(run.return === null ? "–" : shown(run.return)),
      number(run.left === null ? "" : duration(run.left)),
      ...names.map((name) => make("td", {}, run.options[name] ?? "–")),
      make(
        "td",
        { class: "warning" },
        make("button", {
          type: "button",
          onclick: () => state.onPick(i),
          title: `Watch the agent of ${run.name}`,
        }, "Watch"),
        run.warning === null ? "" : ` ${run.warning}`,
      ),
    )
  );
  return make("table", {}, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows));
};
