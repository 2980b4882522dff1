/**
 * An agent that acts, with what it takes to look at it closely.
 * (agent) ⇒ (element)
 *
 * @module
 */
/// <reference lib="dom" />
import type { Actions } from "../../rollout/actions.ts";
import type { Agent } from "../wire.ts";
import { makeAgentControls } from "./agent_controls.ts";
import { drawArrow, type Drawn, drawScene } from "./canvas.ts";
import { make } from "./dom.ts";
import { type EpisodeWish, makePlayback, type Playback } from "./playback.ts";
import { pointAt } from "./pointing.ts";
import { drawStrips } from "./strips.ts";
import type { Timeline } from "./timeline.ts";

/** An agent's place on a page. */
export interface AgentView {
  /** To be put somewhere. */
  readonly element: HTMLElement;
  /** Shows this agent from a reset on, at the speed and with the actions that were chosen. */
  readonly show: (agent: Agent) => void;
  /** Says something in place of an agent. */
  readonly say: (text: string) => void;
  /** Takes a key; whether it knows it. */
  readonly key: (key: string) => boolean;
  /** What is shown now; null: nothing yet. */
  readonly timeline: () => Timeline | null;
}

/** (picture, called with s since the last frame) ⇒ nothing; calls at every frame while the picture is seen. */
const atEveryFrame = (stage: HTMLElement, onFrame: (passed: number) => void): void => {
  let last = 0;
  const tick = (now: number): void => {
    if (stage.isConnected && !document.hidden) onFrame((now - last) / 1000);
    last = now;
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
};

/** (playback) ⇒ what keys do. */
const keysOf = (playback: Playback, onChange: () => void): Readonly<Record<string, () => void>> => {
  const faster = (by: number) => () => {
    playback.changeSpeed(by);
    onChange();
  };
  return {
    " ": playback.toggle,
    ArrowLeft: () => playback.stepBy(-1),
    ArrowRight: () => playback.stepBy(1),
    r: playback.restart,
    "+": faster(1),
    "-": faster(-1),
  };
};

/** Pictures and words of an agent, before there is one. */
const makeFrame = () => {
  const stage = make("canvas", { class: "stage", role: "img", tabindex: 0, "aria-label": "The agent" });
  const strips = make("canvas", { class: "strips", role: "img", "aria-label": "Reward, value, action, observation" });
  const figure = make("div", { class: "figure", hidden: true }, stage, strips); // until there is something to show
  return { stage, strips, figure, title: make("h3"), note: make("p", { class: "note", role: "status" }) };
};

/** (called where a recording of another episode is wanted; actions at first) ⇒ (view). */
export const makeAgentView = (onWish: (wish: EpisodeWish) => void, firstActions: Actions = "mean"): AgentView => {
  const { stage, strips, figure, title, note } = makeFrame(), hint = make("p", { class: "hint" });
  let drawn: Drawn | null = null;
  const paint = (): void => {
    controls.update();
    const now = playback.now();
    if (now === null || !stage.isConnected) return;
    const { source, timeline } = now, drag = pointing.drag(), at = timeline.at();
    if (source.scene !== null) {
      drawn = drawScene(stage, source.scene, timeline.frames[at].poses, pointing.orbit());
      if (drag !== null && source.push !== undefined) drawArrow(stage, drag.from, drag.to);
    }
    drawStrips(strips, source, timeline.frames, at);
  };
  const playback = makePlayback(() => paint(), onWish, firstActions);
  const controls = makeAgentControls(playback, firstActions);
  const pointing = pointAt(stage, { playing: playback.now, drawn: () => drawn }, paint);
  atEveryFrame(stage, (passed) => {
    if (pointing.drag() === null) playback.advance(passed);
    if (playback.isPlaying()) paint();
  });
  const show = (next: Agent): void => {
    figure.hidden = false;
    title.textContent = next.title;
    playback.show(next);
    const { scene, push } = playback.now()!.source;
    stage.hidden = scene === null;
    note.textContent = next.kind === "recorded" ? next.reason : "";
    if (scene === null) note.textContent += " The task has no scene: it is shown by its numbers.";
    hint.textContent = push === undefined ? "" : "Drag across the picture to push.";
  };
  const keys = keysOf(playback, paint);
  const key = (pressed: string): boolean => {
    if (!Object.hasOwn(keys, pressed)) return false;
    keys[pressed]();
    return true;
  };
  new ResizeObserver(() => paint()).observe(stage);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  return {
    element: make("section", { class: "agent" }, title, note, figure, ...controls.elements, hint),
    show,
    say: (text) => void (note.textContent = text),
    key,
    timeline: () => playback.now()?.timeline ?? null,
  };
};

/** Keys of a page go to its first agent, but those of a control that has the focus. */
export const listenForKeys = (views: () => ReadonlyArray<AgentView>): void => {
  document.addEventListener("keydown", (event) => {
    const { target } = event;
    const typing = target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA|BUTTON)$/.test(target.tagName);
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (views().filter((view) => view.key(event.key)).length > 0) event.preventDefault();
  });
};
