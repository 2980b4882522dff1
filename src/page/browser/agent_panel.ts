/**
 * An agent of a run that is watched: which run, which checkpoint, and whether it follows the newest.
 *
 * @module
 */
/// <reference lib="dom" />
import { type AgentView, makeAgentView } from "./agent_view.ts";
import { makeCheckpointPicker } from "./checkpoint_picker.ts";
import { choice, make, setChoices } from "./dom.ts";
import type { EpisodeWish } from "./playback.ts";
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

const hasPolicy = ({ checkpoints, best }: RunSummary): boolean => checkpoints.length > 0 || best !== null;

/** (runs, run that is shown) ⇒ that one, or before it has a policy one that trains, or else one that can be shown. */
const settledOn = (runs: ReadonlyArray<RunSummary>, run: number): number => {
  if (run < runs.length && hasPolicy(runs[run])) return run;
  const visible = runs.map((_, i) => i).filter((i) => hasPolicy(runs[i]));
  return visible.find((i) => runs[i].state === "running") ?? visible[0] ?? run;
};

/** Which policy is shown: of a run, and of a checkpoint or of the best, which may be another one later. */
interface Shown {
  readonly run: number;
  readonly checkpoint: number | "best";
  readonly best: number | null;
}

const keyOf = ({ run, checkpoint, best }: Shown): string =>
  `${run} ${checkpoint}${checkpoint === "best" ? ` ${best}` : ""}`;

/** (view) ⇒ (policy, what of its episodes is wished for) ⇒ shows it, once the server has told it. */
const makeLoader = (view: AgentView) => {
  let shown = "", asked = "", shownAt = 0;
  const load = async (what: Shown, wish: EpisodeWish, again: boolean): Promise<void> => {
    const key = keyOf(what);
    if (!again && (key === shown || key === asked)) return;
    asked = key;
    const told = await askAgent(what.run, what.checkpoint, wish).catch((error: unknown) =>
      error instanceof Problem ? error.message : "The server does not answer."
    );
    if (asked !== key) return; // another one has been chosen meanwhile
    asked = "";
    if (typeof told === "string") return view.say(told);
    shown = key;
    shownAt = performance.now();
    view.show(told);
  };
  /** (run) ⇒ ms for which the policy that is shown of it is to be seen yet. */
  const left = (run: number): number => shown.startsWith(`${run} `) ? shownAt + LEAST - performance.now() : 0;
  return { load, left };
};

/** (number of the run that is shown at first) ⇒ (panel). */
export const makeAgentPanel = (firstRun: number, onPick: () => void): AgentPanel => {
  let run = firstRun, picked = false, runs: ReadonlyArray<RunSummary> = [];
  let waiting: ReturnType<typeof setTimeout> | undefined, wish: EpisodeWish = { seed: 0, actions: "mean" };
  const view = makeAgentView((wanted) => {
    wish = wanted;
    load("again");
  });
  const loader = makeLoader(view), picker = makeCheckpointPicker(() => load());
  const select = choice("Run", [], "", (value) => pick(Number(value)));
  const load = (mode: "once" | "again" = "once"): void => {
    clearTimeout(waiting);
    const checkpoint = picker.chosen();
    if (checkpoint === null) return view.say(runs.length === 0 ? "" : "This run has no checkpoint yet.");
    loader.load({ run, checkpoint, best: runs[run]?.best ?? null }, wish, mode === "again");
  };
  const settle = (): void => {
    picker.offer(runs[run] ?? { checkpoints: [], best: null });
    clearTimeout(waiting);
    const soon = loader.left(run);
    if (picker.isFollowing() && soon > 0) waiting = setTimeout(load, soon);
    else load();
  };
  const pick = (next: number): void => {
    run = next;
    picked = true;
    select.value = String(run);
    picker.offer(runs[run] ?? { checkpoints: [], best: null });
    picker.follow();
    onPick();
  };
  const update = (watched: Watched): void => {
    runs = watched.runs;
    if (!picked) run = settledOn(runs, run);
    setChoices(select, runs.map((each, i) => [String(i), nameOf(each, runs)] as const), String(run));
    select.hidden = runs.length < 2;
    settle();
  };
  const picking = make("div", { class: "pick" }, select, ...picker.elements);
  return { element: make("div", {}, picking, view.element), view, update, pick, run: () => run };
};
