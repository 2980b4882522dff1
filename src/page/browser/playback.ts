/**
 * An episode as it is played: where it stands, how fast it goes, and which one it is.
 * (agent, speed, seed, actions) ⇒ (source, timeline)
 *
 * @module
 */
import type { Actions } from "../../rollout/actions.ts";
import type { Agent } from "../wire.ts";
import { type Source, sourceOf } from "./source.ts";
import { makeTimeline, type Timeline } from "./timeline.ts";

/** What an agent that the page cannot simulate is asked for. */
export interface EpisodeWish {
  readonly seed: number;
  readonly actions: Actions;
}

/** Steps a second over those of the task. */
export const speeds = [0.1, 0.25, 0.5, 1, 2, 4] as const;

const REST = 0.9; // s between the end of an episode and the next

/** An episode that is being played, with its moments so far. */
export interface Playing {
  readonly source: Source;
  readonly timeline: Timeline;
}

/** What is played; each change is told. */
export interface Playback {
  /** null: nothing yet. */
  readonly now: () => Playing | null;
  readonly isPlaying: () => boolean;
  readonly speed: () => number;
  readonly seed: () => number;
  /** Plays this agent from a reset on. */
  readonly show: (agent: Agent) => void;
  readonly restart: () => void;
  /** Plays or pauses. */
  readonly toggle: () => void;
  /** (steps, back where negative): pauses there. */
  readonly stepBy: (steps: number) => void;
  /** (step): pauses there. */
  readonly seek: (step: number) => void;
  /** (s that have passed): plays as many steps. */
  readonly advance: (passed: number) => void;
  readonly choose: (chosen: { readonly speed?: number; readonly seed?: number; readonly actions?: Actions }) => void;
  /** (places in `speeds`, down where negative). */
  readonly changeSpeed: (by: number) => void;
}

/** (called at each change, called where a recording of another episode is wanted, actions at first) ⇒ (playback). */
export const makePlayback = (
  onChange: () => void,
  onWish: (wish: EpisodeWish) => void,
  firstActions: Actions,
): Playback => {
  let agent: Agent | null = null, now: Playing | null = null;
  let playing = true, speed = 1, seed = 0, actions = firstActions, owed = 0, rest = 0;
  const restart = (): void => {
    if (agent === null) return;
    const source = sourceOf(agent, seed, actions);
    now = { source, timeline: makeTimeline(source) };
    owed = rest = 0;
    onChange();
  };
  const pauseAt = (move: (timeline: Timeline) => void): void => {
    playing = false;
    if (now !== null) move(now.timeline);
    onChange();
  };
  const advance = (passed: number): void => {
    if (now === null || !playing) return;
    owed += Math.min(0.25, passed) * speed / now.source.seconds;
    while (owed >= 1) {
      owed--;
      if (now.timeline.forward()) continue;
      owed = 0;
      rest += passed;
      if (rest > REST) restart();
      break;
    }
  };
  /** Another seed or other actions: a recording has to be made anew. */
  const renew = (): void => agent?.kind === "recorded" ? onWish({ seed, actions }) : restart();
  const choose: Playback["choose"] = (chosen) => {
    speed = chosen.speed ?? speed;
    seed = chosen.seed ?? seed;
    actions = chosen.actions ?? actions;
    if ("seed" in chosen || "actions" in chosen) renew();
  };
  return {
    now: () => now,
    isPlaying: () => playing,
    speed: () => speed,
    seed: () => seed,
    show: (next) => {
      agent = next;
      restart();
    },
    restart,
    toggle: () => {
      playing = !playing;
      onChange();
    },
    stepBy: (steps) => pauseAt((line) => steps < 0 ? line.seek(line.at() + steps) : line.forward()),
    seek: (step) => pauseAt((line) => line.seek(step)),
    advance,
    choose,
    changeSpeed: (by) => {
      const place = speeds.findIndex((each) => each === speed) + by;
      speed = speeds[Math.min(speeds.length - 1, Math.max(0, place))];
    },
  };
};
