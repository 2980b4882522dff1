/**
 * A run that goes on where it stopped.
 * (path) ⇒ its folder, locked against other processes, and what the next iteration starts from
 *
 * @module
 */
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";
import { existsSync, readFileSync } from "node:fs";
import type { Pipeline } from "../config/pipeline.ts";
import { hashPipeline, printPipeline } from "../config/print.ts";
import type { ConfigInvalid } from "../config/problems.ts";
import { UsageInvalid } from "../config/usage.ts";
import { writeWhole, writing } from "../files/durable_file.ts";
import { isLocked, lockRunFolder } from "../files/folder_lock.ts";
import { refuseForbidden } from "../sandbox/denials.ts";
import { TensorRuntime } from "../stages/tensor_runtime.ts";
import { setAsideAfter } from "./checkpoint.ts";
import type { Engine } from "./engine.ts";
import { resumeEnvironment } from "./environment.ts";
import { expectedToGoOn } from "./expected.ts";
import { RunFolderInvalid } from "./errors.ts";
import { type ConfiguredRun, readConfigured, tellSkipped } from "./open_run.ts";
import { acceptChanges, refuseChanges } from "./own_sources.ts";
import type { Prepared, ReopenError } from "./prepared.ts";
import { readLatestCheckpoint } from "./read_checkpoint.ts";
import { cleanRunFolder, openRunFolder, type RunFolder } from "./run_folder.ts";
import { readLog, truncateLog } from "./run_log.ts";

/** Records the environment that the run goes on in, and warns where its numbers may be others. */
const recordEnvironment = Effect.fnUntraced(function* ({ environment }: RunFolder, iteration: number) {
  const { report } = yield* TensorRuntime;
  const recorded = yield* writing(environment, () => existsSync(environment) ? readFileSync(environment, "utf8") : "");
  const { text, warning } = resumeEnvironment(recorded, { ...report }, iteration);
  if (warning !== null) yield* Console.error(`warning: ${warning}`);
  yield* writing(environment, () => writeWhole(environment, text));
});

/** Locks a run folder; where the disk is full, once it is rid of what killed writers left there. */
const lockOnFullDisk = (folder: RunFolder) =>
  Effect.catchTag(
    lockRunFolder(folder.path),
    "RunFolderUnwritable",
    (error) =>
      isLocked(folder.path)
        ? Effect.fail(error)
        : Effect.andThen(Effect.ignore(cleanRunFolder(folder)), lockRunFolder(folder.path)),
  );

/** How far a run goes on: as its pipeline says, to so many iterations in total, or as another pipeline of its numbers says. */
export type Goal = "asConfigured" | { readonly iterations: number } | { readonly pipeline: Pipeline };

const configured = Effect.fnUntraced(function* (
  folder: RunFolder,
  goal: Goal,
  engine: Engine,
): Effect.fn.Return<ConfiguredRun, ConfigInvalid | RunFolderInvalid> {
  const more = goal !== "asConfigured" && "iterations" in goal ? [`iterations=${goal.iterations}`] : [];
  const own = yield* readConfigured(folder, more, engine);
  if (goal === "asConfigured" || !("pipeline" in goal)) return own;
  const [wanted, there] = [goal.pipeline, own.pipeline].map((each) => hashPipeline(each, engine.catalog));
  if (wanted === there) return { ...own, pipeline: goal.pipeline };
  const reason = "its pipeline.yaml decides other numbers than what is to be trained";
  return yield* Effect.fail(new RunFolderInvalid({ path: folder.path, reason }));
});

/** What becomes of a run whose own modules are others now: it is refused, or goes on with them and says so. */
export type Changes = "refuse" | "accept";

const toAccept = " (--accept-changes, or changes: accept, goes on with them as they are now)";

/**
 * (path of a run folder, goal) ⇒ a run that can start; its folder is locked until the scope ends. What can be gone on
 * without is told as a warning.
 */
export const reopenRun: (
  path: string,
  goal: Goal,
  engine: Engine,
  changes?: Changes,
) => Effect.Effect<Prepared, ReopenError, TensorRuntime | Scope.Scope> = Effect.fnUntraced(
  function* (path, goal, engine, changes = "refuse") {
    yield* refuseForbidden(path);
    const folder = yield* openRunFolder(path);
    const lock = yield* lockOnFullDisk(folder);
    const run = yield* configured(folder, goal, engine);
    const { pipeline } = run;
    if (changes === "refuse") yield* refuseChanges(path, pipeline, toAccept);
    yield* cleanRunFolder(folder);
    const expected = yield* expectedToGoOn(pipeline, engine.catalog);
    const { checkpoint, path: from, skipped } = yield* readLatestCheckpoint(folder.checkpoints, expected);
    yield* tellSkipped({ skipped });
    if (skipped.length > 0) yield* Console.error(`warning: falling back to ${from}`);
    if (pipeline.iterations < checkpoint.iteration) {
      return yield* Effect.fail(
        new UsageInvalid({
          message:
            `Cannot resume ${path} as its iterations must be at least the ${checkpoint.iteration} that are done: ` +
            `current value is ${pipeline.iterations}`,
        }),
      );
    }
    yield* setAsideAfter(folder.checkpoints, checkpoint.iteration);
    const { warning } = readLog(folder.metrics);
    if (warning !== null) yield* Console.error(`warning: ${warning}`);
    yield* truncateLog(folder.metrics, checkpoint.iteration);
    if (goal !== "asConfigured") {
      yield* writing(folder.pipeline, () => writeWhole(folder.pipeline, printPipeline(pipeline)));
    }
    yield* acceptChanges(path, pipeline, checkpoint.iteration);
    yield* recordEnvironment(folder, checkpoint.iteration);
    return { run, lock, start: checkpoint, isNew: false };
  },
);
