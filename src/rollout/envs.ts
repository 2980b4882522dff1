/**
 * Between the environments S of a checkpoint, single trajectories, and the time-major batch.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type { Envs } from "../data/batch.ts";
import { faultError, type SimulationError } from "../tasks/fault.ts";
import type { Task } from "../tasks/task.ts";
import type { EnvironmentState, Trajectory } from "./environment.ts";
import type { Sample } from "./sampler.ts";

/** (task, N) ⇒ (envs): environments that begin with a reset. */
export const makeEnvs = (task: Task, count: number): Envs => ({
  count,
  state: new Float64Array(count * task.simulator.stateSize),
  elapsed: new Int32Array(count),
  episodeReturn: new Float64Array(count),
  resets: new Int32Array(count),
});

/** (envs, n) ⇒ state of environment n. */
export const environmentState = (task: Task, envs: Envs, index: number): EnvironmentState => ({
  index,
  state: envs.state.slice(index * task.simulator.stateSize, (index + 1) * task.simulator.stateSize),
  elapsed: envs.elapsed[index],
  episodeReturn: envs.episodeReturn[index],
  resets: envs.resets[index],
});

const gatherEnvs = (task: Task, states: ReadonlyArray<EnvironmentState>): Envs => {
  const envs = makeEnvs(task, states.length);
  states.forEach((state, n) => {
    envs.state.set(state.state, n * task.simulator.stateSize);
    envs.elapsed[n] = state.elapsed;
    envs.episodeReturn[n] = state.episodeReturn;
    envs.resets[n] = state.resets;
  });
  return envs;
};

/** (N arrays [T, width]) ⇒ one array [T, N, width]. */
const interleave = <A extends Float32Array | Float64Array | Uint8Array>(
  sources: ReadonlyArray<A>,
  out: A,
  width: number,
): A => {
  const count = sources.length, steps = out.length / (count * width);
  sources.forEach((source, n) => {
    for (let t = 0, from = 0, to = n * width; t < steps; t++, to += (count - 1) * width) {
      for (const end = from + width; from < end; from++, to++) out[to] = source[from];
    }
  });
  return out;
};

/** (task, N trajectories of T steps) ⇒ (batch, envs). Fails: PhysicsDiverged, TaskDefect of the first environment that did. */
export const assembleSample = (
  task: Task,
  trajectories: ReadonlyArray<Trajectory>,
): Effect.Effect<Sample, SimulationError> => {
  for (const { fault, state: { index } } of trajectories) {
    if (fault !== null) return Effect.fail(faultError(task.name, index, fault));
  }
  const count = trajectories.length, steps = trajectories[0].reward.length;
  const floats = (name: "observation" | "nextObservation" | "action" | "noise" | "logProb" | "reward", width: number) =>
    interleave(trajectories.map((x) => x[name]), new Float32Array(steps * count * width), width);
  const flags = (name: "terminated" | "truncated") =>
    interleave(trajectories.map((x) => x[name]), new Uint8Array(steps * count), 1);
  const width = task.simulator.stateSize, recorded = trajectories.flatMap(({ states }) => states ?? []);
  const states = recorded.length < count
    ? {}
    : { state: interleave(recorded, new Float64Array(steps * count * width), width) };
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
      ...states,
      elapsed: Int32Array.from(trajectories, (x) => x.begin),
      episodeReturns: Float64Array.from(episodes, (x) => x.return),
      episodeLengths: Int32Array.from(episodes, (x) => x.length),
    },
    envs: gatherEnvs(task, trajectories.map((x) => x.state)),
  });
};
