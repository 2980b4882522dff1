/**
 * The folder of one run:
 *
 *   pipeline.yaml     the resolved pipeline, every option written out
 *   environment.json  versions and machine
 *   metrics.jsonl     one line an iteration
 *   checkpoints/      000010/ 000020/ … and the replay memory they share
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole, writing } from "./durable_file.ts";
import { RunFolderExists, RunFolderInvalid, type RunFolderUnwritable } from "./errors.ts";

/** Where a run keeps its files. */
export interface RunFolder {
  readonly path: string;
  readonly pipeline: string;
  readonly environment: string;
  readonly metrics: string;
  readonly checkpoints: string;
}

/** (path) ⇒ names of the files in it. */
export const runFolderAt = (path: string): RunFolder => ({
  path,
  pipeline: join(path, "pipeline.yaml"),
  environment: join(path, "environment.json"),
  metrics: join(path, "metrics.jsonl"),
  checkpoints: join(path, "checkpoints"),
});

/** (pipeline name, seed, time) ⇒ a name for the run that sorts by time among its kind. */
export const defaultRunName = (pipeline: string, seed: number, now: Date): string =>
  `${pipeline}-seed${seed}-${now.toISOString().slice(0, 19).replace("T", "-").replaceAll(":", "")}`;

/** What a new run folder begins with. */
export interface RunDescription {
  /** YAML. */
  readonly pipeline: string;
  /** JSON. */
  readonly environment: unknown;
}

/**
 * (path, description) ⇒ (folder): made with its parents, which must not hold a run of that name.
 *
 * Fails: RunFolderExists, RunFolderUnwritable.
 */
export const createRunFolder: (
  path: string,
  description: RunDescription,
) => Effect.Effect<RunFolder, RunFolderExists | RunFolderUnwritable> = Effect.fnUntraced(function* (
  path,
  { pipeline, environment },
) {
  if (existsSync(path)) return yield* new RunFolderExists({ path });
  const folder = runFolderAt(path);
  yield* writing(path, () => {
    mkdirSync(folder.checkpoints, { recursive: true });
    writeWhole(folder.pipeline, pipeline);
    writeWhole(folder.environment, JSON.stringify(environment, null, 2) + "\n");
  });
  return folder;
});

/** (path) ⇒ (folder) of a run that was begun. Fails: RunFolderInvalid. */
export const openRunFolder = (path: string): Effect.Effect<RunFolder, RunFolderInvalid> => {
  const folder = runFolderAt(path);
  return Effect.try({
    try: () => {
      readFileSync(folder.pipeline);
      return folder;
    },
    catch: (error) => new RunFolderInvalid({ path, reason: error instanceof Error ? error.message : String(error) }),
  });
};
