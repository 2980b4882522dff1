/**
 * Between the environments S of a checkpoint, single trajectories, and the time-major batch.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type { Envs } from "../data/batch.ts";
import type { Task } from "../tasks/task.ts";
import type { EnvironmentState, Trajectory } from "./environment.ts";
import { PhysicsDiverged } from "./physics_diverged.ts";
import type { Sample } from "./sampler.ts";

/** (task, N) ⇒ (envs): environments that begin with a reset. */
export const makeEnvs = (task: Task, count: number): Envs => ({
  count,
  qpos: new Float64Array(count * task.model.nq),
  qvel: new Float64Array(count * task.model.nv),
  elapsed: new Int32Array(count),
  episodeReturn: new Float64Array(count),
  resets: new Int32Array(count),
});

/** (envs, n) ⇒ state of environment n. */
export const environmentState = (task: Task, envs: Envs, index: number): EnvironmentState => ({
  index,
  qpos: envs.qpos.slice(index * task.model.nq, (index + 1) * task.model.nq),
  qvel: envs.qvel.slice(index * task.model.nv, (index + 1) * task.model.nv),
  elapsed: envs.elapsed[index],
  episodeReturn: envs.episodeReturn[index],
  resets: envs.resets[index],
});

const gatherEnvs = (task: Task, states: ReadonlyArray<EnvironmentState>): Envs => {
  const envs = makeEnvs(task, states.length);
  states.forEach((state, n) => {
    envs.qpos.set(state.qpos, n * task.model.nq);
    envs.qvel.set(state.qvel, n * task.model.nv);
    envs.elapsed[n] = state.elapsed;
    envs.episodeReturn[n] = state.episodeReturn;
    envs.resets[n] = state.resets;
  });
  return envs;
};

/** (N arrays [T, width]) ⇒ one array [T, N, width]. */
const interleave = <A extends Float32Array | Uint8Array>(sources: ReadonlyArray<A>, out: A, width: number): A => {
  const count = sources.length, steps = out.length / (count * width);
  sources.forEach((source, n) => {
    for (let t = 0, from = 0, to = n * width; t < steps; t++, to += (count - 1) * width) {
      for (const end = from + width; from < end; from++, to++) out[to] = source[from];
    }
  });
  return out;
};

/** (task, N trajectories of T steps) ⇒ (batch, envs). Fails: PhysicsDiverged, naming the first environment that did. */
export const assembleSample = (
  task: Task,
  trajectories: ReadonlyArray<Trajectory>,
): Effect.Effect<Sample, PhysicsDiverged> => {
  const diverged = trajectories.find((trajectory) => trajectory.divergedAt >= 0);
  if (diverged !== undefined) {
    const { state: { index: environment }, divergedAt: step } = diverged;
    return Effect.fail(new PhysicsDiverged({ task: task.name, environment, step, quantity: "qpos, qvel or reward" }));
  }
  const count = trajectories.length, steps = trajectories[0].reward.length;
  const floats = (name: "observation" | "nextObservation" | "action" | "noise" | "logProb" | "reward", width: number) =>
    interleave(trajectories.map((x) => x[name]), new Float32Array(steps * count * width), width);
  const flags = (name: "terminated" | "truncated") =>
    interleave(trajectories.map((x) => x[name]), new Uint8Array(steps * count), 1);
  const episodes = trajectories.flatMap((x) => x.episodes).sort((a, b) => a.end - b.end);
  return Effect.succeed({
    batch: {
      steps,
      environments: count,
      observationSize: task.observationSize,
      actionSize: task.actionSize,
      observation: floats("observation", task.observationSize),
      nextObservation: floats("nextObservation", task.observationSize),
      action: floats("action", task.actionSize),
      noise: floats("noise", task.actionSize),
      logProb: floats("logProb", 1),
      reward: floats("reward", 1),
      terminated: flags("terminated"),
      truncated: flags("truncated"),
      elapsed: Int32Array.from(trajectories, (x) => x.begin),
      episodeReturns: Float64Array.from(episodes, (x) => x.return),
      episodeLengths: Int32Array.from(episodes, (x) => x.length),
    },
    envs: gatherEnvs(task, trajectories.map((x) => x.state)),
  });
};
