/**
 * Body of a sampling web worker: answers each request with the trajectories of its share of the environments.
 *
 * @module
 */
import type { Normalizer, PolicyParams } from "../data/parameters.ts";
import type { Key } from "../math/random.ts";
import { taskAt, type TaskReference, unreachableReason } from "../tasks/reference.ts";
import { type EnvironmentState, runEnvironment, type Trajectory } from "./environment.ts";

/** A worker's share of one collection. */
export interface WorkerRequest {
  readonly task: TaskReference;
  readonly policy: PolicyParams;
  readonly normalizer: Normalizer;
  readonly states: ReadonlyArray<EnvironmentState>;
  readonly steps: number;
  readonly key: Key;
}

/** Trajectories in the order of `states`, or why the task cannot be made here. */
export type WorkerResponse = ReadonlyArray<Trajectory> | { readonly unreachable: string };

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<WorkerRequest>) => void;
  postMessage: (message: WorkerResponse, transfer?: ReadonlyArray<ArrayBufferLike>) => void;
};

scope.onmessage = async ({ data: { task: reference, policy, normalizer, states, steps, key } }) => {
  const found = await taskAt(reference).catch((thrown): string => unreachableReason(thrown));
  if (typeof found === "string") return scope.postMessage({ unreachable: found });
  const trajectories = states.map((state) => runEnvironment(found, policy, normalizer, state, steps, key));
  const transfer = trajectories.flatMap((x) =>
    [x.observation, x.nextObservation, x.action, x.noise].map((a) => a.buffer)
  );
  scope.postMessage(trajectories, transfer);
};
