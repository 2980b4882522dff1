/**
 * An agent of a run that is watched: which run, which checkpoint, and whether it follows the newest.
 *
 * @module
 */
/// <reference lib="dom" />
import { type AgentView, type EpisodeWish, makeAgentView } from "./agent_view.ts";
import { choice, make, setChoices } from "./dom.ts";
import { askAgent, Problem } from "./server_talk.ts";
import type { RunSummary, Watched } from "../wire.ts";

/** A panel. */
export interface AgentPanel {
  readonly element: HTMLElement;
  readonly view: AgentView;
  /** Takes in what has become of the runs. */
  readonly update: (watched: Watched) => void;
  /** (run): shows its newest policy. */
  readonly pick: (run: number) => void;
  /** Number of the run that is shown. */
  readonly run: () => number;
}

const nameOf = ({ variant, task, seed, name }: RunSummary, runs: ReadonlyArray<RunSummary>): string =>
  runs.length === 1 ? name : `${variant === task ? task : `${task}, ${variant}`}, seed ${seed}`;

const LEAST = 4000; // ms that a policy is seen before a newer one that is followed takes its place

/** (number of the run that is shown at first) ⇒ (panel). */
export const makeAgentPanel = (firstRun: number, onPick: () => void): AgentPanel => {
  let run = firstRun,
    picked = false,
    runs: ReadonlyArray<RunSummary> = [],
    following = true,
    shown = "",
    asked = "",
    shownAt = 0;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let wish: EpisodeWish = { seed: 0, actions: "mean" };
  const view = makeAgentView((wanted) => {
    wish = wanted;
    load(true);
  });
  const select = choice("Run", [], "", (value) => pick(Number(value)));
  const slider = make("input", { type: "range", min: 0, max: 0, step: 1, value: 0, "aria-label": "Checkpoint" });
  const label = make("output", {}), follow = make("input", { type: "checkbox" });
  follow.checked = true;
  const checkpoints = () => runs[run]?.checkpoints ?? [];
  const chosen = (): number | undefined => checkpoints()[Number(slider.value)];

  const load = async (again = false): Promise<void> => {
    const checkpoint = chosen();
    if (checkpoint === undefined) return view.say(runs.length === 0 ? "" : "This run has no checkpoint yet.");
    const key = `${run} ${checkpoint}`;
    if (!again && (key === shown || key === asked)) return;
    asked = key;
    const told = await askAgent(run, checkpoint, wish).catch((error: unknown) =>
      error instanceof Problem ? error.message : "The server does not answer."
    );
    if (asked !== key) return; // another one has been chosen meanwhile
    asked = "";
    if (typeof told === "string") return view.say(told);
    shown = key;
    shownAt = performance.now();
    view.show(told);
  };
  const settle = (): void => {
    const all = checkpoints(), before = chosen();
    slider.max = String(Math.max(0, all.length - 1));
    slider.disabled = all.length < 2;
    if (following) slider.value = slider.max;
    else if (before !== undefined) slider.value = String(Math.max(0, all.indexOf(before)));
    label.textContent = chosen() === undefined ? "" : `after iteration ${chosen()}`;
    clearTimeout(waiting);
    const soon = shownAt + LEAST - performance.now();
    if (following && shown.startsWith(`${run} `) && soon > 0) waiting = setTimeout(load, soon);
    else load();
  };
  slider.addEventListener("input", () => {
    following = follow.checked = false;
    label.textContent = `after iteration ${chosen()}`;
    load();
  });
  follow.addEventListener("change", () => {
    following = follow.checked;
    settle();
  });
  const pick = (next: number): void => {
    run = next;
    picked = true;
    following = follow.checked = true;
    select.value = String(run);
    settle();
    onPick();
  };
  /** Before anybody has picked one: a run that trains, else one that can be shown. */
  const settleOn = (all: ReadonlyArray<RunSummary>): void => {
    const visible = (i: number) => all[i].checkpoints.length > 0;
    if (run < all.length && visible(run)) return;
    const shownFirst = all.map((_, i) => i).filter(visible);
    run = shownFirst.find((i) => all[i].state === "running") ?? shownFirst[0] ?? run;
  };
  const update = (watched: Watched): void => {
    const kept = chosen();
    runs = watched.runs;
    if (!picked) settleOn(runs);
    setChoices(select, runs.map((each, i) => [String(i), nameOf(each, runs)] as const), String(run));
    select.hidden = runs.length < 2;
    if (!following && kept !== undefined) slider.max = String(runs[run]?.checkpoints.length ?? 1);
    if (!following && kept !== undefined) slider.value = String(Math.max(0, checkpoints().indexOf(kept)));
    settle();
  };
  const picking = make(
    "div",
    { class: "pick" },
    select,
    make("label", {}, "checkpoint ", slider, label),
    make("label", {}, follow, "follow the newest"),
  );
  return { element: make("div", {}, picking, view.element), view, update, pick, run: () => run };
};
