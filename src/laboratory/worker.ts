/**
 * Body of a laboratory web worker: is told the networks once, then answers one job after the other.
 *
 * @module
 */
import { type BackendOptions, startBackend } from "../nn/kernels/backend.ts";
import { taskAt, type TaskReference } from "../tasks/reference.ts";
import type { Estimators } from "../estimators/estimator.ts";
import { estimatorsAt } from "./estimators_at.ts";
import type { Frozen, FrozenNetworks } from "./frozen.ts";
import { type JobInputs, type JobKind, type JobOutputs, runJob } from "./jobs.ts";

/** Networks, and what determines the task. */
export interface FrozenMessage extends FrozenNetworks {
  readonly task: TaskReference;
}

/** What a worker is sent: the networks first, then jobs. */
export type WorkerMessage =
  | { readonly frozen: FrozenMessage; readonly backend: BackendOptions; readonly modules: ReadonlyArray<string> }
  | { readonly [K in JobKind]: { readonly kind: K; readonly input: JobInputs[K] } }[JobKind];

/** What comes back for a job. */
export type WorkerAnswer = { readonly output: JobOutputs[JobKind] } | { readonly reason: string };

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<WorkerMessage>) => void;
  postMessage: (answer: WorkerAnswer) => void;
};

let frozen: Promise<Frozen> | null = null,
  backend: BackendOptions | undefined,
  estimators: Promise<Estimators> = estimatorsAt([]);

scope.onmessage = async ({ data }) => {
  if ("frozen" in data) {
    const { task, ...networks } = data.frozen;
    frozen = taskAt(task).then((made) => ({ ...networks, task: made }));
    frozen.catch(() => {}); // the first job tells it
    backend = data.backend;
    estimators = estimatorsAt(data.modules);
    estimators.catch(() => {}); // told with the first job
    return;
  }
  try {
    await startBackend(backend);
    scope.postMessage({ output: runJob(await frozen!, await estimators, data.kind, data.input) });
  } catch (error) {
    scope.postMessage({ reason: error instanceof Error ? error.message : String(error) });
  }
};
