/**
 * Buttons, sliders and choices under an agent.
 * (playback) ⇒ (elements)
 *
 * @module
 */
/// <reference lib="dom" />
import { fixedText } from "../../math/fixed_text.ts";
import type { Actions } from "../../rollout/actions.ts";
import { choice, make } from "./dom.ts";
import { type Playback, speeds } from "./playback.ts";

/** The controls of one agent. */
export interface AgentControls {
  /** In their order on the page. */
  readonly elements: ReadonlyArray<HTMLElement>;
  /** Shows where the playback stands. */
  readonly update: () => void;
}

const endings = { terminated: "fell or failed", truncated: "time is up", stopped: "end of the recording" } as const;

/** (playback) ⇒ the step, the time, what was earned and how it ended, in words. */
const clockText = (playback: Playback): string => {
  const { source, timeline } = playback.now()!, at = timeline.at(), { end } = timeline.frames[at];
  const earned = fixedText(timeline.earned(), 1);
  return `step ${at} · ${(at * source.seconds).toFixed(2)} s · return ${earned}${
    end === null ? "" : ` · ${endings[end]}`
  }`;
};

const button = (title: string, onclick: () => void, text = ""): HTMLButtonElement =>
  make("button", { type: "button", title, onclick }, text);

/** (playback) ⇒ a field for the seed of the reset and of sampled actions. */
const seedField = (playback: Playback): HTMLInputElement => {
  const field = make("input", { type: "number", min: 0, step: 1, value: 0, "aria-label": "Seed" });
  field.addEventListener("change", () => {
    const seed = Math.max(0, Math.trunc(Number(field.value)) || 0);
    field.value = String(seed);
    playback.choose({ seed });
  });
  return field;
};

/** (playback, actions at first) ⇒ (controls). */
export const makeAgentControls = (playback: Playback, actions: Actions): AgentControls => {
  const play = button("Play or pause (space)", playback.toggle);
  play.classList.add("play");
  const speed = choice(
    "Speed",
    speeds.map((each) => [String(each), `${each}×`] as const),
    String(playback.speed()),
    (chosen) => playback.choose({ speed: Number(chosen) }),
  );
  const acting = choice<Actions>(
    "Actions",
    [["mean", "mean action"], ["sampled", "sampled"]],
    actions,
    (chosen) => playback.choose({ actions: chosen }),
  );
  const scrub = make("input", { type: "range", min: 0, max: 0, value: 0, class: "scrub", "aria-label": "Step" });
  scrub.addEventListener("input", () => playback.seek(Number(scrub.value)));
  const clock = make("output", { class: "clock" });
  const row = make(
    "div",
    { class: "controls" },
    play,
    button("One step back (←)", () => playback.stepBy(-1), "‹"),
    button("One step on (→)", () => playback.stepBy(1), "›"),
    button("From the reset again (r)", playback.restart, "Reset"),
    ...[speed, acting, make("label", {}, "seed ", seedField(playback))],
  );
  const update = (): void => {
    play.textContent = playback.isPlaying() ? "Pause" : "Play";
    speed.value = String(playback.speed());
    const now = playback.now();
    if (now === null) return;
    scrub.max = String(now.timeline.frames.length - 1);
    scrub.value = String(now.timeline.at());
    clock.textContent = clockText(playback);
  };
  return { elements: [scrub, clock, row], update };
};
