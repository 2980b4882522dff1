/**
 * Which checkpoint of a run is shown: the newest, the best, or one of a slider.
 *
 * @module
 */
/// <reference lib="dom" />
import { make } from "./dom.ts";

/** Checkpoints as a run has them now. */
export interface Offered {
  /** Iterations, ascending. */
  readonly checkpoints: ReadonlyArray<number>;
  /** Iteration of the one that evaluated best; null: none did. */
  readonly best: number | null;
}

/** A choice among checkpoints. */
export interface CheckpointPicker {
  /** In their order on the page. */
  readonly elements: ReadonlyArray<HTMLElement>;
  /** null: there is none. */
  readonly chosen: () => number | "best" | null;
  readonly isFollowing: () => boolean;
  /** Offers these; what was chosen stays chosen. */
  readonly offer: (offered: Offered) => void;
  /** Shows the newest, and those that come. */
  readonly follow: () => void;
}

/** (iterations ascending, iteration) ⇒ index of the last one up to it, or of the first. */
const indexOf = (all: ReadonlyArray<number>, iteration: number): number =>
  Math.max(0, all.findLastIndex((each) => each <= iteration));

/** (called when another one is chosen) ⇒ (picker), which follows the newest. */
export const makeCheckpointPicker = (onChange: () => void): CheckpointPicker => {
  let offered: Offered = { checkpoints: [], best: null };
  let wanted: "newest" | "best" | number = "newest";
  const slider = make("input", { type: "range", min: 0, max: 0, step: 1, value: 0, "aria-label": "Checkpoint" });
  const label = make("output", {}), newest = make("input", { type: "checkbox" });
  const best = make("input", { type: "checkbox", title: "The checkpoint that evaluated best while it trained" });
  const bestLabel = make("label", {}, best, "the best");
  const chosen = (): number | "best" | null => {
    const { checkpoints } = offered;
    if (wanted === "best" && offered.best !== null) return "best";
    if (checkpoints.length === 0) return null;
    return typeof wanted === "number" ? checkpoints[indexOf(checkpoints, wanted)] : checkpoints.at(-1)!;
  };
  const show = (): void => {
    const { checkpoints } = offered, which = chosen();
    slider.max = String(Math.max(0, checkpoints.length - 1));
    slider.disabled = checkpoints.length < 2;
    const iteration = which === "best" ? offered.best : which;
    slider.value = String(indexOf(checkpoints, iteration ?? 0));
    label.textContent = iteration === null ? "" : `after iteration ${iteration}`;
    newest.checked = wanted === "newest";
    best.checked = which === "best";
    bestLabel.hidden = offered.best === null;
  };
  const want = (next: typeof wanted): void => {
    wanted = next;
    show();
    onChange();
  };
  /** What is shown now, once it is no longer that because it is the newest or the best. */
  const stay = (): number | "newest" => offered.checkpoints[Number(slider.value)] ?? "newest";
  slider.addEventListener("input", () => want(stay()));
  newest.addEventListener("change", () => want(newest.checked ? "newest" : stay()));
  best.addEventListener("change", () => want(best.checked ? "best" : "newest"));
  const offer = (next: Offered): void => {
    offered = next;
    show();
  };
  return {
    elements: [
      make("label", {}, "checkpoint ", slider, label),
      make("label", {}, newest, "follow the newest"),
      bestLabel,
    ],
    chosen,
    isFollowing: () => wanted === "newest",
    offer,
    follow: () => want("newest"),
  };
};
