/**
 * The networks of a checkpoint that act and judge, without the rest of it: no tensor library, no memory of transitions.
 * (run folder, iteration, task) ⇒ (policy, normaliser, value function)
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { mlpParameterCount, type MlpShape } from "../data/parameters.ts";
import type { Networks } from "../episode/player.ts";
import { sha256 } from "../files/durable_file.ts";
import { reasonOf } from "../files/reason.ts";
import { decodeSafetensors } from "../files/safetensors.ts";
import type { TrainState } from "../stages/stage.ts";
import type { Task } from "../tasks/task.ts";
import { bestPath } from "./best_checkpoint.ts";
import { checkpointPath, readManifest } from "./checkpoint.ts";
import { unpack } from "./checkpoint_tensors.ts";
import { CheckpointCorrupt } from "./errors.ts";

/** Networks, and how far training was. */
export interface ReadNetworks {
  /** Iterations behind them. */
  readonly iteration: number;
  /** Who acts and who judges. */
  readonly networks: Networks;
}

const isFinite32 = (values: unknown): values is Float32Array =>
  values instanceof Float32Array && values.every(Number.isFinite);

/** Throws where an array is not float32 numbers of that count. */
const refuse = (name: string, values: unknown, count: number): void => {
  if (isFinite32(values) && values.length === count) return;
  throw new Error(`${name} must be ${count} finite float32 numbers: it is something else`);
};

const refuseShape = (name: string, { sizes }: MlpShape, inputs: number, outputs: number): void => {
  if (sizes[0] === inputs && sizes[sizes.length - 1] === outputs) return;
  throw new Error(`${name} must take ${inputs} numbers and give ${outputs}: its sizes are ${sizes}`);
};

/** (what was read, task) ⇒ (networks). Throws where they are none of the task's. */
const checked = ({ policy, normalizer, value: { first: { network: value } } }: TrainState, task: Task): Networks => {
  const { observationSize: obs, actionSize: act } = task;
  refuseShape("policy", policy.shape, obs, act);
  refuse("policy", policy.theta, mlpParameterCount(policy.shape) + act);
  refuse("normalizer.mean", normalizer.mean, obs);
  refuse("normalizer.scale", normalizer.scale, obs);
  refuseShape("value", value.shape, obs, 1);
  refuse("value", value.theta, mlpParameterCount(value.shape));
  const { mean, scale, bound } = normalizer;
  return {
    policy: { shape: policy.shape, theta: policy.theta },
    normalizer: { mean, scale, ...(bound === undefined ? {} : { bound }) },
    value: { shape: value.shape, theta: value.theta },
  };
};

/** (folder of the checkpoints, which, task) ⇒ (networks). Throws CheckpointCorrupt. */
export const readNetworks = (checkpoints: string, which: number | "best", task: Task): ReadNetworks => {
  const path = which === "best" ? bestPath(checkpoints) : checkpointPath(checkpoints, which);
  try {
    const { iteration, state, stateChecksum } = readManifest(path);
    const bytes = readFileSync(join(path, "state.safetensors"));
    if (sha256(bytes) !== stateChecksum) throw new Error("state.safetensors has a wrong checksum");
    return { iteration, networks: checked(unpack(state, decodeSafetensors(bytes).tensors) as TrainState, task) };
  } catch (error) {
    throw new CheckpointCorrupt({ path, reason: reasonOf(error) });
  }
};
