/**
 * What a server and a page tell each other, as JSON.
 *
 * @module
 */
import { fromText, textOf } from "../options/decode.ts";
import { changedFrom, type TaskOptions } from "../tasks/task_options.ts";
import type { NormalizerInUse } from "../data/parameters.ts";
import type { MlpShape } from "../data/parameters.ts";
import type { Networks } from "../episode/player.ts";
import type { Recording } from "../episode/recording.ts";

/** An array of float32 numbers as base64 of their little-endian bytes: every bit is kept. */
export type Packed = string;

/** Networks as JSON. */
export interface PackedNetworks {
  /** μ and log σ. */
  readonly policy: { readonly shape: MlpShape; readonly theta: Packed };
  /** V; null: none. */
  readonly value: { readonly shape: MlpShape; readonly theta: Packed } | null;
  /** Mean and scale, and the bound where there is one. */
  readonly normalizer: { readonly mean: Packed; readonly scale: Packed; readonly bound: Packed | null };
}

/** A policy that the page can play. */
export interface LiveAgent {
  /** Physics and networks run in the page. */
  readonly kind: "live";
  /** Name of a built-in task. */
  readonly task: string;
  /** What the pipeline changes about it. */
  readonly options: string;
  /** Of the checkpoint. */
  readonly networks: PackedNetworks;
}

/** An episode that was simulated elsewhere. */
export interface RecordedAgent {
  /** The page plays what it is given. */
  readonly kind: "recorded";
  /** Why the page cannot simulate it. */
  readonly reason: string;
  /** The episode. */
  readonly recording: Recording;
}

/** What acts, and whose it is. */
export type Agent = (LiveAgent | RecordedAgent) & {
  /** In words: task and iteration. */
  readonly title: string;
};

/** A run in the list. */
export interface RunSummary {
  /** Name of its folder. */
  readonly name: string;
  /** Name of its task. */
  readonly task: string;
  /** What tells it from the others, without the seed. */
  readonly variant: string;
  /** Of its training. */
  readonly seed: number;
  /** What it is at. */
  readonly state: "running" | "done" | "waiting" | "stopped" | "failed" | "gone";
  /** Iterations that are wanted. */
  readonly iterations: number;
  /** Iterations done. */
  readonly done: number;
  /** Environment steps. */
  readonly steps: number;
  /** Of the last iteration in which an episode ended; null: none did. */
  readonly return: number | null;
  /** s left; null: not known. */
  readonly left: number | null;
  /** Return at which the task counts as solved; null: none. */
  readonly threshold: number | null;
  /** Options that differ among the runs. */
  readonly options: Readonly<Record<string, string>>;
  /** Iterations of its checkpoints, ascending, those that the server has kept included. */
  readonly checkpoints: ReadonlyArray<number>;
  /** Iteration of the checkpoint that evaluated best; null: there is none. */
  readonly best: number | null;
  /** Of the last iteration: what tells of its gradient, and `seconds.stage`. */
  readonly latest: Readonly<Record<string, number>>;
  /** What is wrong with its files, for the user; null: nothing. */
  readonly warning: string | null;
}

/** What is watched. */
export interface Watched {
  /** As the command line named it. */
  readonly title: string;
  /** In the order of the columns. */
  readonly runs: ReadonlyArray<RunSummary>;
  /** Numbers that a log has: `return`, `stage.metric`, `seconds.stage`. */
  readonly metrics: ReadonlyArray<string>;
}

/** New lines of one run's log, of one number. */
export interface Column {
  /** How many lines are before these: fewer than the page has where the log was written anew. */
  readonly from: number;
  /** Iterations. */
  readonly iteration: ReadonlyArray<number>;
  /** Environment steps so far. */
  readonly steps: ReadonlyArray<number>;
  /** s of training so far. */
  readonly seconds: ReadonlyArray<number>;
  /** The number itself; null where a line lacks it. */
  readonly value: ReadonlyArray<number | null>;
}

const pack = (values: Float32Array): Packed => {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
};

const unpack = (packed: Packed): Float32Array =>
  new Float32Array(Uint8Array.from(atob(packed), (character) => character.charCodeAt(0)).buffer);

/** (networks) ⇒ (JSON). */
export const packNetworks = ({ policy, value, normalizer: { mean, scale, bound } }: Networks): PackedNetworks => ({
  policy: { shape: policy.shape, theta: pack(policy.theta) },
  value: value === null ? null : { shape: value.shape, theta: pack(value.theta) },
  normalizer: { mean: pack(mean), scale: pack(scale), bound: bound === undefined ? null : pack(bound) },
});

/** (JSON) ⇒ (networks), bit for bit those that were packed. */
export const unpackNetworks = ({ policy, value, normalizer: { mean, scale, bound } }: PackedNetworks): Networks => {
  const normalizer: NormalizerInUse = {
    mean: unpack(mean),
    scale: unpack(scale),
    ...(bound === null ? {} : { bound: unpack(bound) }),
  };
  return {
    policy: { shape: policy.shape, theta: unpack(policy.theta) },
    value: value === null ? null : { shape: value.shape, theta: unpack(value.theta) },
    normalizer,
  };
};

/** (options of a task, those of its definition) ⇒ what is changed, as JSON in which a number may be infinite. */
export const packOptions = (options: TaskOptions, byDefault: TaskOptions): string =>
  textOf(changedFrom(options, byDefault));

/** (what `packOptions` gave) ⇒ the changed options. */
export const unpackOptions = (packed: string): Partial<TaskOptions> => fromText(packed) as Partial<TaskOptions>;
