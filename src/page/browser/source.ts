/**
 * Where the moments of an episode come from: the physics in the page, or a recording.
 * (agent, seed, actions) ⇒ (moments, one after the other)
 *
 * @module
 */
import { makePlayer } from "../../episode/player.ts";
import { type EpisodeEnd, type Moment, type RecordedScene, recordedScene, secondsOf } from "../../episode/recording.ts";
import { fold, makeKey } from "../../math/random.ts";
import type { Actions } from "../../rollout/actions.ts";
import { playable } from "../playable.ts";
import { withTaskOptions } from "../../tasks/task_options.ts";
import { type Agent, type LiveAgent, type RecordedAgent, unpackNetworks, unpackOptions } from "../wire.ts";

/** A moment, and how the episode ended where it did so in it. */
export type Frame = Moment & { readonly end: EpisodeEnd | null };

/** An episode that is being played. */
export interface Source {
  /** What is drawn; null: the task has no scene. */
  readonly scene: RecordedScene | null;
  /** s, length of an environment step */
  readonly seconds: number;
  /** [obs] from an observation to units of its standard deviation; null: not known. */
  readonly normalized: ((observation: ReadonlyArray<number>) => ReadonlyArray<number>) | null;
  /** The first moment. */
  readonly first: () => Frame;
  /** The next one; null: the episode has ended. */
  readonly next: () => Frame | null;
  /** (moment, change of velocity in m/s, x y z) ⇒ goes on from there with a push; absent: none can be given. */
  readonly push?: (from: Frame, change: ReadonlyArray<number>) => Frame;
}

const liveSource = (
  { task: name, options, networks: packed }: LiveAgent,
  seed: number,
  actions: Actions,
): Source => {
  const task = withTaskOptions(playable[name], unpackOptions(options)), networks = unpackNetworks(packed);
  const player = makePlayer(task, networks, { key: fold(makeKey(seed), "eval"), actions });
  const { mean, scale } = networks.normalizer, { scene } = task;
  let ended = false;
  const standing = (end: EpisodeEnd | null): Frame => ({
    state: [...player.state],
    poses: [...player.poses],
    observation: [...player.observation],
    value: player.value(),
    action: null,
    reward: null,
    end,
  });
  const next = (): Frame | null => {
    if (ended) return null;
    const { action, reward, terminated, truncated } = player.step();
    ended = terminated || truncated;
    return { ...standing(terminated ? "terminated" : truncated ? "truncated" : null), action: [...action], reward };
  };
  const push = (from: Frame, change: ReadonlyArray<number>): Frame => {
    const state = Float64Array.from(from.state);
    scene!.push!(state, change);
    player.enter(state);
    ended = false;
    return standing(null);
  };
  return {
    scene: recordedScene(task),
    seconds: secondsOf(task),
    normalized: (observation) => observation.map((x, i) => (x - mean[i]) * scale[i]),
    first: () => standing(null),
    next,
    ...(scene?.push === undefined ? {} : { push }),
  };
};

const recordedSource = ({ recording }: RecordedAgent): Source => {
  const { moments, scene, seconds, end } = recording;
  let at = 0;
  const frame = (i: number): Frame => ({
    ...moments[i],
    action: moments[i - 1]?.action ?? null,
    reward: moments[i - 1]?.reward ?? null,
    end: i === moments.length - 1 ? end : null,
  });
  const next = () => at + 1 < moments.length ? frame(++at) : null;
  return { scene, seconds, normalized: null, first: () => frame(at), next };
};

/** (agent, seed, actions) ⇒ (source) at the first moment; action and reward of a moment are those that led to it. */
export const sourceOf = (agent: Agent, seed: number, actions: Actions): Source =>
  agent.kind === "live" ? liveSource(agent, seed, actions) : recordedSource(agent);
