/**
 * The one way into a run that is there: every command opens it here, and works on the task, the networks and the program
 * as the run's own pipeline configures them.
 * (path) ⇒ (run)
 *
 * @module
 */
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";

import type { Pipeline } from "../config/pipeline.ts";
import type { ConfigInvalid } from "../config/problems.ts";
import { resolvePipeline } from "../config/resolve.ts";
import { taskOf } from "../config/task_in_pipeline.ts";
import type { UsageInvalid } from "../config/usage.ts";
import type { StageDefect } from "../program/errors.ts";
import { refuseForbidden } from "../sandbox/denials.ts";
import type { TensorsExhausted } from "../stages/errors.ts";
import type { Task } from "../tasks/task.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { type Engine, loadEngine } from "./engine.ts";
import type { CheckpointCorrupt, RunFolderInvalid } from "./errors.ts";
import { expectedOf } from "./expected.ts";
import { readWhich } from "./read_checkpoint.ts";
import { warnOfChanges } from "./own_sources.ts";
import { optionsSince } from "./recorded_options.ts";
import { openRunFolder, type RunFolder } from "./run_folder.ts";
import { parsePlace } from "./run_place.ts";

/** A run by its pipeline alone. */
export interface ConfiguredRun {
  /** Where it keeps its files. */
  readonly folder: RunFolder;
  /** Resolved. */
  readonly pipeline: Pipeline;
  /** The pipeline's task, with its options. */
  readonly task: Task;
  /** What the run is made and opened with. */
  readonly engine: Engine;
}

/** A run at one of its checkpoints. */
export interface Run extends ConfiguredRun {
  /** Networks, normaliser, memory and environments, with the iterations and steps that are behind them. */
  readonly checkpoint: Checkpoint;
  /** Folder of that checkpoint. */
  readonly path: string;
  /** Newer checkpoints that cannot be read, where the newest that can was asked for. */
  readonly skipped: ReadonlyArray<CheckpointCorrupt>;
}

/** With what to open a run; what is not given comes with this package. */
export interface OpenOptions extends Partial<Engine> {
  /** Changes to its pipeline for what is done with it now, as `stage.option=value` or `key=value`; default: none. */
  readonly set?: ReadonlyArray<string>;
}

/** What keeps a run from being opened. */
export type OpenError =
  | CheckpointCorrupt
  | ConfigInvalid
  | RunFolderInvalid
  | StageDefect
  | TensorsExhausted
  | UsageInvalid;

/** (run folder, changes to its pipeline, engine) ⇒ the run without a checkpoint. */
export const readConfigured = Effect.fnUntraced(function* (
  folder: RunFolder,
  set: ReadonlyArray<string>,
  engine: Engine,
): Effect.fn.Return<ConfiguredRun, ConfigInvalid> {
  const pipeline = yield* resolvePipeline(folder.pipeline, [...optionsSince(folder.pipeline), ...set], engine.catalog);
  return { folder, pipeline, task: taskOf(pipeline, engine.catalog), engine };
});

/** (path of a run folder, engine) ⇒ the run without a checkpoint, as who reads its log alone needs it. */
export const openConfigured = (
  path: string,
  engine: Engine,
): Effect.Effect<ConfiguredRun, ConfigInvalid | RunFolderInvalid | UsageInvalid> =>
  refuseForbidden(path, ["read"]).pipe(
    Effect.andThen(openRunFolder(path)),
    Effect.flatMap((folder) => readConfigured(folder, [], engine)),
  );

/**
 * (path) ⇒ (run): of a run folder, at its newest checkpoint that can be read; of `…/checkpoints/10` or `…/checkpoints/best`,
 * at that one. It may be training meanwhile.
 *
 * Fails: RunFolderInvalid where there is no run; ConfigInvalid where its pipeline names what the catalog does not have;
 * CheckpointCorrupt where there is no such checkpoint, or none that can be read; UsageInvalid where the path names none or
 * the sandbox forbids to read it.
 *
 * @example A run that was trained, at its newest checkpoint
 * ```ts
 * import { openRun } from "./open_run.ts";
 * import { trainRun } from "./train_run.ts";
 * import * as Effect from "effect/Effect";
 *
 * const place = Deno.makeTempDirSync(), folder = `${place}/mine`, set = ["collect.steps=100", "fitValue.epochs=1"];
 * await Effect.runPromise(trainRun({ pipeline: "pipelines/reacher_trpo.yaml", set, iterations: 2, folder }));
 * const newest = await Effect.runPromise(openRun(folder)), first = await Effect.runPromise(openRun(`${folder}/checkpoints/0`));
 * if (newest.pipeline.task !== "reacher" || newest.checkpoint.iteration !== 2) throw new Error("it is there");
 * if (first.checkpoint.steps !== 0) throw new Error("nothing was collected before the first iteration");
 * Deno.removeSync(place, { recursive: true });
 * ```
 */
export const openRun: (path: string, options?: OpenOptions) => Effect.Effect<Run, OpenError> = Effect.fnUntraced(
  function* (path: string, { set = [], ...parts }: OpenOptions = {}) {
    const place = yield* parsePlace(path);
    const engine = yield* Effect.promise(() => loadEngine(parts));
    const own = yield* openConfigured(place.path, engine);
    const expected = yield* expectedOf(own.pipeline, engine.catalog);
    const read = yield* readWhich(own.folder.checkpoints, place.which, expected);
    const changed = set.length === 0 ? own : yield* readConfigured(own.folder, set, engine);
    return { ...changed, ...read };
  },
);

/** Tells the user which newer checkpoints of a run could not be read. */
export const tellSkipped = ({ skipped }: Pick<Run, "skipped">): Effect.Effect<void> =>
  Effect.forEach(skipped, ({ message }) => Console.error(`warning: ${message}`), { discard: true });

/** Tells the user what of a run is not as it was trained: checkpoints that cannot be read, modules that have changed. */
export const tellWarnings = (run: Pick<Run, "skipped" | "folder" | "pipeline">): Effect.Effect<void> =>
  Effect.andThen(tellSkipped(run), warnOfChanges(run.folder.path, run.pipeline));
