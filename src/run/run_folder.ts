/**
 * The folder of one run:
 *
 *   pipeline.yaml     the resolved pipeline, every option written out
 *   environment.json  versions and machine, also those of every resume
 *   metrics.jsonl     one line an iteration
 *   run.lock          the process that trains in it, while it does
 *   checkpoints/      000010/ 000020/ …, best/ where it is evaluated, and the replay memory they share
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { codeOf, reasonOf } from "../files/reason.ts";
import { settleBest } from "./best_checkpoint.ts";
import { type Checkpoint, cleanCheckpoints, writeCheckpoint } from "./checkpoint.ts";
import { writeSources } from "./own_sources.ts";
import { removeTemporaries, syncFolder, temporaryPrefix, writeFlushed, writing } from "../files/durable_file.ts";
import { RunFolderExists, RunFolderInvalid } from "./errors.ts";
import { RunFolderUnwritable } from "../files/errors.ts";
import { makeLockedFolder, removeAbandoned, type RunLock } from "../files/folder_lock.ts";

/** Where a run keeps its files. */
export interface RunFolder {
  /** The folder itself. */
  readonly path: string;
  /** `pipeline.yaml` */
  readonly pipeline: string;
  /** `environment.json` */
  readonly environment: string;
  /** `metrics.jsonl` */
  readonly metrics: string;
  /** Folder of the checkpoints. */
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
  /** The state before the first iteration, so that a run can go on from the moment it is there. */
  readonly checkpoint: Checkpoint;
  /** Modules of one's own, whose files it keeps. */
  readonly use: ReadonlyArray<string>;
}

const temporaryRun = `${temporaryPrefix}run-`;

/** Name of a run folder that is being made, which no other maker uses. */
const temporaryName = (path: string): string => join(dirname(path), temporaryRun + randomUUID());

/** Removes the half-made run folders of makers that were killed: nobody has their locks. */
const removeLeftovers = (runs: string): void => {
  const folders = readdirSync(runs, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name.startsWith(temporaryRun));
  for (const { name } of folders) removeAbandoned(join(runs, name));
};

/** The rename that makes a run folder appear whole; an empty folder of that name is replaced. */
const appear = (temporary: string, path: string): Effect.Effect<void, RunFolderExists | RunFolderUnwritable> =>
  Effect.catch(
    writing(path, () => {
      renameSync(temporary, path);
      syncFolder(dirname(path));
    }),
    (error) => Effect.fail(existsSync(path) ? new RunFolderExists({ path }) : error),
  );

/** A run folder whose lock is held. */
export interface LockedRunFolder {
  readonly folder: RunFolder;
  readonly lock: RunLock;
}

/** Writes what a run begins with into a folder of a temporary name, and renames it. */
const fill = Effect.fnUntraced(function* (
  temporary: RunFolder,
  path: string,
  { pipeline, environment, checkpoint, use }: RunDescription,
): Effect.fn.Return<void, RunFolderExists | RunFolderUnwritable> {
  yield* writing(path, () => {
    mkdirSync(temporary.checkpoints);
    removeLeftovers(dirname(path));
    writeSources(join(temporary.path, "sources"), use);
    writeFlushed(temporary.pipeline, pipeline);
    writeFlushed(temporary.environment, JSON.stringify(environment, null, 2) + "\n");
  });
  yield* Effect.mapError(
    writeCheckpoint(temporary.checkpoints, checkpoint, 1),
    ({ reason }) => new RunFolderUnwritable({ path, reason }),
  );
  yield* writing(path, () => syncFolder(temporary.path));
  yield* appear(temporary.path, path);
});

/**
 * (path, description) ⇒ (folder, lock): made with its parents, which must not hold a run of that name, and locked from
 * before it is there until the scope ends.
 *
 * All of it is written under a temporary name and renamed as one, so that a kill at any moment leaves a run that can be
 * resumed or none at all.
 *
 * Fails: RunFolderExists, RunFolderUnwritable.
 */
export const createRunFolder: (
  path: string,
  description: RunDescription,
) => Effect.Effect<LockedRunFolder, RunFolderExists | RunFolderUnwritable, Scope.Scope> = Effect.fnUntraced(
  function* (path, description) {
    if (existsSync(path)) return yield* Effect.fail(new RunFolderExists({ path }));
    const temporary = runFolderAt(temporaryName(path));
    const lock = yield* makeLockedFolder(temporary.path, path, fill(temporary, path, description));
    return { folder: runFolderAt(path), lock };
  },
);

/**
 * Removes what killed or failed writers left in a run folder that nobody else writes to: a full disk needs the room.
 */
export const cleanRunFolder = ({ path, checkpoints }: RunFolder): Effect.Effect<void, RunFolderUnwritable> =>
  writing(path, () => {
    removeTemporaries(path);
    if (existsSync(checkpoints)) settleBest(checkpoints);
  }).pipe(Effect.andThen(cleanCheckpoints(checkpoints)));

/** Removes a run folder: it disappears as one, whatever becomes of its files. */
export const removeRunFolder = (path: string): Effect.Effect<void, RunFolderUnwritable> =>
  writing(path, () => {
    const temporary = temporaryName(path); // which the next run removes, should this be interrupted
    renameSync(path, temporary);
    rmSync(temporary, { recursive: true, force: true });
  });

/** (path) ⇒ whether there is the folder of a run. */
export const isRunFolder = (path: string): boolean => existsSync(runFolderAt(path).pipeline);

/** (path) ⇒ (folder) of a run that was begun. Fails: RunFolderInvalid. */
export const openRunFolder = (path: string): Effect.Effect<RunFolder, RunFolderInvalid> => {
  const folder = runFolderAt(path);
  return Effect.try({
    try: () => {
      readFileSync(folder.pipeline);
      return folder;
    },
    catch: (error) =>
      new RunFolderInvalid({ path, reason: codeOf(error) === "ENOENT" ? "it has no pipeline.yaml" : reasonOf(error) }),
  });
};
