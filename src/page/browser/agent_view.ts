/**
 * An agent that acts, with what it takes to look at it closely.
 * (agent) ⇒ (element)
 *
 * @module
 */
/// <reference lib="dom" />
import type { Actions } from "../../rollout/actions.ts";
import { firstOrbit, type Orbit } from "../../scene/camera.ts";
import type { Spot } from "../../scene/drawing.ts";
import { drawArrow, type Drawn, drawScene } from "./canvas.ts";
import { choice, make } from "./dom.ts";
import { sourceOf } from "./source.ts";
import type { Source } from "./source.ts";
import { drawStrips } from "./strips.ts";
import { makeTimeline, type Timeline } from "./timeline.ts";
import type { Agent } from "../wire.ts";

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

/** What an agent that the page cannot simulate is asked for. */
export interface EpisodeWish {
  readonly seed: number;
  readonly actions: Actions;
}

const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4] as const;
const REST = 0.9; // s between the end of an episode and the next
const PUSH = 4; // m/s per m of the arrow

const endings = { terminated: "fell or failed", truncated: "time is up", stopped: "end of the recording" } as const;

/** (called where a recording of another episode is wanted; actions at first) ⇒ (view). */
export const makeAgentView = (onWish: (wish: EpisodeWish) => void, firstActions: Actions = "mean"): AgentView => {
  let agent: Agent | null = null, source: Source | null = null, timeline: Timeline | null = null;
  let playing = true, speed = 1, seed = 0, actions: Actions = firstActions, owed = 0, last = 0, rest = 0;
  let orbit: Orbit = firstOrbit, drawn: Drawn | null = null, drag: { from: Spot; to: Spot } | null = null;

  const stage = make("canvas", { class: "stage", role: "img", tabindex: 0, "aria-label": "The agent" });
  const strips = make("canvas", { class: "strips", role: "img", "aria-label": "Reward, value, action, observation" });
  const note = make("p", { class: "note", role: "status" }),
    title = make("h3"),
    clock = make("output", { class: "clock" });
  const play = make("button", {
    type: "button",
    class: "play",
    title: "Play or pause (space)",
    onclick: () => toggle(),
  });
  const back = make("button", { type: "button", title: "One step back (←)", onclick: () => stepBy(-1) }, "‹");
  const forth = make("button", { type: "button", title: "One step on (→)", onclick: () => stepBy(1) }, "›");
  const again = make(
    "button",
    { type: "button", title: "From the reset again (r)", onclick: () => restart() },
    "Reset",
  );
  const scrub = make("input", { type: "range", min: 0, max: 0, value: 0, class: "scrub", "aria-label": "Step" });
  const seedInput = make("input", { type: "number", min: 0, step: 1, value: 0, "aria-label": "Seed" });
  const speeds = choice("Speed", SPEEDS.map((s) => [String(s), `${s}×`] as const), "1", (s) => speed = Number(s));
  const acting = choice<Actions>("Actions", [["mean", "mean action"], ["sampled", "sampled"]], actions, (chosen) => {
    actions = chosen;
    renew();
  });
  scrub.addEventListener("input", () => {
    playing = false;
    timeline?.seek(Number(scrub.value));
    paint();
  });
  seedInput.addEventListener("change", () => {
    seed = Math.max(0, Math.trunc(Number(seedInput.value)) || 0);
    seedInput.value = String(seed);
    renew();
  });

  const restart = (): void => {
    if (agent === null) return;
    source = sourceOf(agent, seed, actions);
    timeline = makeTimeline(source);
    owed = rest = 0;
    paint();
  };
  /** Another seed or other actions: a recording has to be made anew. */
  const renew = (): void => agent?.kind === "recorded" ? onWish({ seed, actions }) : restart();
  const toggle = (): void => {
    playing = !playing;
    paint();
  };
  const stepBy = (steps: number): void => {
    playing = false;
    if (steps < 0) timeline?.seek(timeline.at() + steps);
    else timeline?.forward();
    paint();
  };

  const paint = (): void => {
    play.textContent = playing ? "Pause" : "Play";
    if (timeline === null || source === null || !stage.isConnected) return;
    const at = timeline.at(), frame = timeline.frames[at];
    if (source.scene !== null) {
      drawn = drawScene(stage, source.scene, frame.poses, orbit);
      if (drag !== null && source.push !== undefined) drawArrow(stage, drag.from, drag.to);
    }
    drawStrips(strips, source, timeline.frames, at);
    scrub.max = String(timeline.frames.length - 1);
    scrub.value = String(at);
    const end = frame.end === null ? "" : ` · ${endings[frame.end]}`;
    clock.textContent = `step ${at} · ${(at * source.seconds).toFixed(2)} s · return ${
      timeline.earned().toFixed(1).replace(/^-0\.0$/, "0.0")
    }${end}`;
  };

  /** Plays as many steps as time has passed. */
  const advance = (passed: number): void => {
    if (timeline === null || source === null || !playing || drag !== null) return;
    owed += Math.min(0.25, passed) * speed / source.seconds;
    while (owed >= 1) {
      owed--;
      if (timeline.forward()) continue;
      owed = 0;
      rest += passed;
      if (rest > REST) restart();
      break;
    }
  };
  const tick = (now: number): void => {
    if (stage.isConnected && !document.hidden) {
      advance((now - last) / 1000);
      if (playing) paint();
    }
    last = now;
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);

  const spot = (event: PointerEvent): Spot => {
    const { left, top } = stage.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  stage.addEventListener("pointerdown", (event) => {
    drag = { from: spot(event), to: spot(event) };
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    if (drag === null) return;
    const to = spot(event);
    if (source?.scene?.view === "orbit" && !event.shiftKey) {
      const elevation = orbit.elevation + (to[1] - drag.to[1]) * 0.01;
      orbit = {
        azimuth: orbit.azimuth - (to[0] - drag.to[0]) * 0.01,
        elevation: Math.min(1.5, Math.max(-0.1, elevation)),
      };
    }
    drag = { ...drag, to };
    paint();
  });
  stage.addEventListener("pointerup", (event) => {
    const over = drag;
    drag = null;
    const turned = source?.scene?.view === "orbit" && !event.shiftKey;
    if (over !== null && drawn !== null && timeline !== null && !turned) pushAlong(over.from, over.to, drawn, timeline);
    paint();
  });
  stage.addEventListener("pointercancel", () => drag = null);
  const pushAlong = (from: Spot, to: Spot, { camera, pixels }: Drawn, line: Timeline): void => {
    const [x, y] = [(to[0] - from[0]) / pixels * PUSH, (from[1] - to[1]) / pixels * PUSH];
    if (Math.hypot(x, y) < 0.1) return; // a click
    line.push(camera.right.map((r, i) => r * x + camera.up[i] * y));
  };

  const hint = make("p", { class: "hint" });
  const controls = make(
    "div",
    { class: "controls" },
    ...[play, back, forth, again, speeds, acting, make("label", {}, "seed ", seedInput)],
  );
  const figure = make("div", { class: "figure", hidden: true }, stage, strips); // until there is something to show
  const element = make("section", { class: "agent" }, title, note, figure, scrub, clock, controls, hint);
  const show = (next: Agent): void => {
    agent = next;
    figure.hidden = false;
    title.textContent = next.title;
    note.textContent = next.kind === "recorded" ? next.reason : "";
    restart();
    stage.hidden = source!.scene === null;
    if (source!.scene === null) note.textContent += " The task has no scene: it is shown by its numbers.";
    hint.textContent = source!.push === undefined ? "" : "Drag across the picture to push.";
  };
  const say = (text: string): void => {
    note.textContent = text;
  };
  const keys: Readonly<Record<string, () => void>> = {
    " ": toggle,
    ArrowLeft: () => stepBy(-1),
    ArrowRight: () => stepBy(1),
    r: restart,
    "+": () => changeSpeed(1),
    "-": () => changeSpeed(-1),
  };
  const changeSpeed = (by: number): void => {
    const place = SPEEDS.findIndex((s) => s === speed) + by;
    speed = SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, place))];
    speeds.value = String(speed);
  };
  const key = (pressed: string): boolean => {
    if (!Object.hasOwn(keys, pressed)) return false;
    keys[pressed]();
    return true;
  };
  new ResizeObserver(() => paint()).observe(stage);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  return { element, show, say, key, timeline: () => timeline };
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
