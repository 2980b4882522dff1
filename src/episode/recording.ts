/**
 * An episode as numbers that anybody can play: no simulator is needed.
 * (player) ⇒ (recording)
 *
 * @module
 */
import type { Scene, Solid } from "../scene/scene.ts";
import type { Task } from "../tasks/task.ts";
import { type Player, posesSize } from "./player.ts";

/** What of a scene a recording keeps. */
export type RecordedScene = Pick<Scene, "view" | "follows" | "span"> & { readonly solids: ReadonlyArray<Solid> };

/** One moment of an episode: a state, and what was done in it. */
export interface Moment {
  /** [stateSize] */
  readonly state: ReadonlyArray<number>;
  /** [solids, 12] */
  readonly poses: ReadonlyArray<number>;
  /** [obs] */
  readonly observation: ReadonlyArray<number>;
  /** V; null where it is not known */
  readonly value: number | null;
  /** [act] that was taken in it; null in the last one */
  readonly action: ReadonlyArray<number> | null;
  /** That followed; null in the last one */
  readonly reward: number | null;
}

/** How an episode ended: in a terminal state, by the time limit, or because no more steps were asked for. */
export type EpisodeEnd = "terminated" | "truncated" | "stopped";

/** An episode. */
export interface Recording {
  /** Name of the task. */
  readonly task: string;
  /** s, length of an environment step */
  readonly seconds: number;
  /** What is drawn; null where the task has no scene. */
  readonly scene: RecordedScene | null;
  /** One more than steps. */
  readonly moments: ReadonlyArray<Moment>;
  /** How it ended. */
  readonly end: EpisodeEnd;
}

/** (task) ⇒ what of its scene is kept; null where it has none. */
export const recordedScene = ({ scene }: Pick<Task, "scene">): RecordedScene | null =>
  scene === undefined ? null : { solids: scene.solids, view: scene.view, follows: scene.follows, span: scene.span };

/** (task) ⇒ s, length of an environment step. */
export const secondsOf = ({ simulator, frameSkip }: Pick<Task, "simulator" | "frameSkip">): number =>
  simulator.timestep * frameSkip;

/** (task) ⇒ (state [stateSize]) ⇒ what is seen of it, on scratch of its own. */
export const posesOf = (task: Task): (state: Float64Array) => Pick<Moment, "poses" | "observation"> => {
  const { scene, simulator } = task, data = simulator.make();
  const poses = new Float64Array(posesSize(task)), observation = new Float64Array(task.observationSize);
  return (state) => {
    simulator.write(data, state);
    scene?.place(data, poses);
    task.observe(data, observation);
    return { poses: [...poses], observation: [...observation] };
  };
};

/** (player at a reset, most steps) ⇒ (recording) of the episode that begins there. */
export const recordEpisode = (task: Task, player: Player, steps: number): Recording => {
  const moments: Moment[] = [];
  const standing = () => ({
    state: [...player.state],
    poses: [...player.poses],
    observation: [...player.observation],
    value: player.value(),
  });
  let end: EpisodeEnd = "stopped";
  for (let t = 0; t < steps && end === "stopped"; t++) {
    const before = standing(), { action, reward, terminated, truncated } = player.step();
    moments.push({ ...before, action: [...action], reward });
    if (terminated || truncated) end = terminated ? "terminated" : "truncated";
  }
  moments.push({ ...standing(), action: null, reward: null });
  return { task: task.name, seconds: secondsOf(task), scene: recordedScene(task), moments, end };
};

/** (recording) ⇒ undiscounted return. */
export const returnOf = ({ moments }: Pick<Recording, "moments">): number =>
  moments.reduce((sum, { reward }) => sum + (reward ?? 0), 0);
