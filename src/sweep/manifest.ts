/**
 * The folder of a sweep, as `status` and `report` read it:
 *
 *   manifest.json    the cells of the ablation file, and which attempt counts
 *   outcomes/        one file a cell, written once its result is recorded
 *   cells/           one run folder a cell: train --resume, eval and report work on it
 *   pipelines/       the resolved pipeline of each cell that was begun
 *   logs/            what the training processes said
 *   sweep.sqlite     the embedded engine's state
 *   sweep.key        where a runner made the folder: which sweep it is of
 *   run.lock         the `ablate` that works on it, while it does
 *
 * @module
 */
import * as Schema from "effect/Schema";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { count, decoder } from "../files/decode_json.ts";
import { isLocked } from "../files/folder_lock.ts";

/** Version of the layout; a reader refuses any other. */
export const manifestVersion = 1;

/** One training run of the sweep. */
export interface ManifestCell {
  /** `<task>-<variant>-s<seed>-<first 8 digits of pipelineHash>`: a changed pipeline is another cell. */
  readonly id: string;
  readonly task: string;
  readonly variant: string;
  /** What the variant changes along each axis. */
  readonly axes?: Readonly<Record<string, string>>;
  readonly seed: number;
  /** SHA-256 of what decides the numbers of the run. */
  readonly pipelineHash: string;
  /** Iterations that it was last asked for: a cell that has more counts as done, one that has fewer goes on. */
  readonly iterations: number;
  /** Return at which the task counts as solved; null: nothing is said of it. */
  readonly threshold: number | null;
  /** From 1; an outcome of an earlier attempt does not count. */
  readonly attempt: number;
  /** Run folder, relative to the sweep's. */
  readonly folder: string;
}

/** Content of `manifest.json`. */
export interface Manifest {
  readonly version: typeof manifestVersion;
  /** Unique; the key of the sweep in a database. */
  readonly sweep: string;
  /** Name of the ablation. */
  readonly name: string;
  /** Ablation file, as it was given. */
  readonly file: string;
  /** Database whose runners train it; absent where this machine does. */
  readonly storage?: string;
  /** Filters of the last command that trains it; absent where that trains all of its cells. */
  readonly only?: ReadonlyArray<string>;
  /** Pairs of variants to compare. */
  readonly compare: ReadonlyArray<{ readonly of: string; readonly with: string }>;
  readonly cells: ReadonlyArray<ManifestCell>;
}

/** Why a cell failed. */
export interface CellError {
  /** Tag of the typed error, such as TrainingFailed. */
  readonly tag: string;
  readonly message: string;
  /** The last lines of the cell's log. */
  readonly log: ReadonlyArray<string>;
}

/** Content of `outcomes/<id>.json`. */
export interface Outcome {
  readonly id: string;
  readonly attempt: number;
  readonly state: "done" | "failed";
  /** Iterations done. */
  readonly iterations: number;
  /** Environment steps collected. */
  readonly steps: number;
  /** Machine that ran the last of it. */
  readonly host: string;
  readonly error: CellError | null;
}

/** waiting: nobody works on it; running: a process trains in its folder. */
export type CellState = "waiting" | "running" | "done" | "failed";

/** A cell with what became of it. */
export interface SweepCell extends Omit<ManifestCell, "folder"> {
  /** Run folder. */
  readonly folder: string;
  readonly state: CellState;
  /** Machine that ran the last of it; null until the outcome is recorded. */
  readonly host: string | null;
  /** Null unless the cell has failed. */
  readonly error: CellError | null;
}

/** A sweep with what became of its cells. */
export interface Sweep extends Omit<Manifest, "cells" | "version"> {
  readonly folder: string;
  readonly cells: ReadonlyArray<SweepCell>;
}

/** (sweep folder) ⇒ path of `manifest.json`. */
export const manifestPath = (folder: string): string => join(folder, "manifest.json");

/** (sweep folder, cell) ⇒ path of its outcome. */
export const outcomePath = (folder: string, id: string): string => join(folder, "outcomes", `${id}.json`);

/** (sweep folder) ⇒ path of the embedded engine's database. */
export const databasePath = (folder: string): string => join(folder, "sweep.sqlite");

/** (cell) ⇒ its run folder, relative to the sweep's. */
export const cellFolder = (id: string): string => `cells/${id}`;

/** (sweep folder, cell) ⇒ path of its resolved pipeline. */
export const pipelinePath = (folder: string, id: string): string => join(folder, "pipelines", `${id}.yaml`);

/** (sweep folder, cell) ⇒ path of its log. */
export const logPath = (folder: string, id: string): string => join(folder, "logs", `${id}.log`);

/** A `manifest.json` of another form or version. */
export class ManifestInvalid extends Schema.TaggedError<ManifestInvalid>()("ManifestInvalid", {
  path: Schema.String,
  reason: Schema.String,
}) {
  /** Which file, and what is wrong with it. */
  override get message(): string {
    return `${this.path} must be the manifest of a sweep: ${this.reason}`;
  }
}

const positive = Schema.Int.check(Schema.isGreaterThan(0));

const decodeManifest = decoder<Manifest>(
  Schema.Struct({
    version: Schema.Literal(manifestVersion),
    sweep: Schema.String,
    name: Schema.String,
    file: Schema.String,
    storage: Schema.optionalKey(Schema.String),
    only: Schema.optionalKey(Schema.Array(Schema.String)),
    compare: Schema.Array(Schema.Struct({ of: Schema.String, with: Schema.String })),
    cells: Schema.Array(Schema.Struct({
      id: Schema.String.check(Schema.isPattern(/^[A-Za-z0-9][\w.-]*$/, { expected: "the name of a folder" })),
      task: Schema.String,
      variant: Schema.String,
      axes: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
      seed: count,
      pipelineHash: Schema.String,
      iterations: positive,
      threshold: Schema.NullOr(Schema.Finite),
      attempt: positive,
      folder: Schema.String.check(
        Schema.isPattern(/^cells\/[A-Za-z0-9][\w.-]*$/, { expected: "a folder within cells/" }),
      ),
    })),
  }),
);

/** The form of an outcome. */
export const outcomeSchema: Schema.Codec<Outcome, Outcome> = Schema.Struct({
  id: Schema.String,
  attempt: positive,
  state: Schema.Literals(["done", "failed"]),
  iterations: count,
  steps: count,
  host: Schema.String,
  error: Schema.NullOr(Schema.Struct({
    tag: Schema.String,
    message: Schema.String,
    log: Schema.Array(Schema.String),
  })),
});

const decodeOutcome = decoder<Outcome>(outcomeSchema);

const readJson = (path: string): unknown => {
  try {
    return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : null;
  } catch {
    return null; // cut off by a full disk: as if it were not there
  }
};

/** (sweep folder) ⇒ its manifest; null where there is none. Throws `ManifestInvalid` on one of another version or form. */
export const readManifest = (folder: string): Manifest | null => {
  const path = manifestPath(folder), manifest = readJson(path);
  if (manifest === null) return null;
  const version = typeof manifest === "object" && "version" in manifest ? manifest.version : undefined;
  if (version !== undefined && version !== manifestVersion) {
    const reason = `it must have version ${manifestVersion}: it has ${JSON.stringify(version)}`;
    throw new ManifestInvalid({ path, reason });
  }
  try {
    return decodeManifest(manifest);
  } catch (error) {
    throw new ManifestInvalid({ path, reason: (error as Error).message });
  }
};

/** (sweep folder, cell) ⇒ what was last recorded of it; null where that is missing or of another form. */
export const lastOutcome = (folder: string, id: string): Outcome | null => {
  try {
    return decodeOutcome(readJson(outcomePath(folder, id)));
  } catch {
    return null;
  }
};

/** (sweep folder, cell) ⇒ its recorded outcome where that counts for this attempt and is of all iterations; or null. */
export const readOutcome = (folder: string, { id, attempt, iterations }: ManifestCell): Outcome | null => {
  const outcome = lastOutcome(folder, id);
  if (outcome === null) return null;
  const counts = outcome.state === "done" ? outcome.iterations >= iterations : outcome.attempt === attempt;
  return counts ? outcome : null;
};

/** (sweep folder) ⇒ its cells, each with its state; null where the folder holds no sweep. Throws `ManifestInvalid`. */
export const readSweep = (folder: string): Sweep | null => {
  const manifest = readManifest(folder);
  if (manifest === null) return null;
  const { version: _, cells, ...rest } = manifest;
  return {
    ...rest,
    folder,
    cells: cells.map((cell): SweepCell => {
      const outcome = readOutcome(folder, cell);
      const run = join(folder, cell.folder);
      const state = outcome?.state ?? (isLocked(run) ? "running" : "waiting");
      return { ...cell, folder: run, state, host: outcome?.host ?? null, error: outcome?.error ?? null };
    }),
  };
};
