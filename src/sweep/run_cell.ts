/**
 * What the process of one cell of a sweep does: `train`, told over its standard streams.
 * (work on standard input) ⇒ a run folder, a line for every iteration
 *
 * @module
 */
import * as Cause from "effect/Cause";
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Result from "effect/Result";
import * as Schema from "effect/Schema";
import * as Scope from "effect/Scope";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { reasonOf } from "../files/reason.ts";
import type { Catalog } from "../config/catalog.ts";
import { isTree } from "../config/located.ts";
import { loadModules } from "../config/modules.ts";
import { parseLocated } from "../config/parse_yaml.ts";
import { usedIn } from "../config/sources.ts";
import { usesOf } from "../config/uses.ts";
import { hashPipeline } from "../config/print.ts";
import { configInvalid } from "../config/problems.ts";
import { decodeSource } from "../config/resolve.ts";
import { listCheckpoints } from "../run/checkpoint.ts";
import { writeWhole, writing } from "../files/durable_file.ts";
import { RunFolderBusy } from "../files/errors.ts";
import { runFolderAt } from "../run/run_folder.ts";
import { lockSilence, makeLockWatch } from "../files/folder_lock.ts";
import { type Confines, refuseForeignModules } from "./allowed_modules.ts";
import { CellRequest, printEvent } from "./cell_events.ts";
import { type CellWork, decodeWork, WorkInvalid } from "./cell_work.ts";
import { cellFolder, pipelinePath } from "./manifest.ts";
import { claimPlace, placeOf } from "./work_place.ts";
import type { Engine } from "../run/engine.ts";
import { beginRun } from "../run/begin_run.ts";
import type { Prepared } from "../run/prepared.ts";
import { reopenRun } from "../run/reopen_run.ts";
import { resolveSource } from "../run/run_source.ts";
import { trainPrepared } from "../run/train_prepared.ts";

/** Standard input: its first line, and its end. */
const readStdin = (): { readonly line: Promise<string>; readonly end: Promise<void> } => {
  let text = "";
  const end = new Promise<void>((done) => {
    process.stdin.once("end", done);
    process.stdin.once("close", done);
    process.stdin.once("error", done);
  });
  const line = new Promise<string>((done) => {
    process.stdin.on("data", (bytes) => {
      text += bytes;
      if (text.includes("\n")) done(text.slice(0, text.indexOf("\n")));
    });
  });
  return { line, end };
};

/** A run folder that is there goes on; otherwise it is made. */
const prepareCell = Effect.fnUntraced(function* (engine: Engine, work: CellWork, file: string, run: string) {
  if (!existsSync(run)) {
    yield* Console.log(`Starting from iteration 0: there is no run in ${run}`);
    return yield* beginRun(yield* resolveSource({ pipeline: file }, work.id, engine), run);
  }
  const done = listCheckpoints(join(run, "checkpoints")).at(-1) ?? 0;
  const prepared = yield* reopenRun(run, { iterations: Math.max(work.iterations, done) }, engine);
  yield* Console.log(`Resuming ${run} after iteration ${prepared.start.iteration}`);
  return prepared;
});

const pause = "200 millis"; // between two looks at a lock

/**
 * Waits for the previous process to write its checkpoint and end. A holder on another machine is presumed dead after
 * `silence` ms without a touch of its lock.
 */
export const waitForLock = Effect.fnUntraced(function* ({ path, lock, pid, host }: RunFolderBusy, silence: number) {
  yield* Console.log(`Waiting for process ${pid} on ${host}, which has ${lock}`);
  const isLocked = makeLockWatch(silence);
  while (isLocked(path)) yield* Effect.sleep(pause);
});

/** Moves a folder without a readable checkpoint aside: the cell is trained from the start, with the same numbers. */
const setAside = (run: string, reason: string) =>
  Effect.andThen(
    Console.log(`${reason}\nStarting anew`),
    writing(run, () => {
      const aside = `${run}.unreadable`;
      rmSync(aside, { recursive: true, force: true });
      renameSync(run, aside);
    }),
  );

/** Writes the `pipeline.yaml` of a run that has lost its own. */
const restorePipeline = (run: string, work: CellWork, reason: string) =>
  Effect.andThen(
    Console.log(`${reason}\nWriting pipeline.yaml anew`),
    Effect.ignore(writing(run, () => writeWhole(runFolderAt(run).pipeline, work.pipeline))),
  );

/** What the effect acquires is released with the enclosing scope, or at once where the effect fails. */
const keptOnSuccess = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const own = yield* Scope.make();
    yield* Effect.addFinalizer((exit) => Scope.close(own, exit));
    return yield* effect.pipe(Scope.provide(own), Effect.onError((cause) => Scope.close(own, Exit.failCause(cause))));
  });

/** (work, catalog) ⇒ checked before anything is written. Fails: ConfigInvalid, WorkInvalid. */
const checkPipeline = Effect.fnUntraced(function* (
  { id, pipeline: text }: CellWork,
  catalog: Catalog,
  modules: ReadonlyArray<string>,
) {
  const { tree, problems } = parseLocated(text, id), { uses } = usesOf(tree, id);
  yield* refuseForeignModules([...usedIn(tree), ...uses.map(({ module }) => module)], modules);
  yield* Effect.mapError(loadModules(uses), (faults) => configInvalid(id, "a pipeline", faults));
  const source = { tree, problems, readable: problems.length === 0 && isTree(tree.root) };
  const decoded = decodeSource(source, id, catalog);
  if (Result.isFailure(decoded)) return yield* Effect.fail(configInvalid(id, "a pipeline", decoded.failure));
  const { task, seed } = decoded.success;
  const start = `${task}-`, end = `-s${seed}-${hashPipeline(decoded.success, catalog).slice(0, 8)}`;
  if (id.startsWith(start) && id.endsWith(end)) return;
  return yield* new WorkInvalid({
    message: `Cannot train ${id} as it must be named after its pipeline: that one's name is ${start}…${end}`,
  });
});

const prepare = Effect.fnUntraced(function* (engine: Engine, work: CellWork) {
  const file = pipelinePath(work.folder, work.id), run = join(work.folder, cellFolder(work.id));
  yield* writing(file, () => {
    mkdirSync(dirname(file), { recursive: true });
    writeWhole(file, work.pipeline);
  });
  const attempt = Effect.suspend(() => keptOnSuccess(prepareCell(engine, work, file, run)));
  const patiently = Effect.retry(attempt, {
    while: (error) =>
      error instanceof RunFolderBusy ? Effect.as(waitForLock(error, lockSilence), true) : Effect.succeed(false),
  });
  const prepared: Prepared = yield* patiently.pipe(
    Effect.catchIf(
      (error) => existsSync(run) && (error._tag === "ConfigInvalid" || error._tag === "RunFolderInvalid"),
      ({ message }) => Effect.andThen(restorePipeline(run, work, message), patiently),
    ),
    Effect.catchTags({
      CheckpointCorrupt: ({ message }) => Effect.andThen(setAside(run, message), patiently),
      RunFolderInvalid: ({ message }) => Effect.andThen(setAside(run, message), patiently),
    }),
  );
  return prepared;
});

const trainCell = Effect.fnUntraced(function* (engine: Engine, { runs, modules }: Confines, asked: CellWork) {
  const work: CellWork = { ...asked, folder: yield* placeOf(runs, asked) };
  yield* checkPipeline(work, engine.catalog, modules);
  yield* claimPlace(work.folder, work);
  yield* Console.log(printEvent({ event: "accepted" }));
  const prepared = yield* prepare(engine, work), { start } = prepared;
  const tell = (iterations: number, steps: number) => console.log(printEvent({ event: "progress", iterations, steps }));
  tell(start.iteration, start.steps);
  const { checkpoint: last } = yield* trainPrepared(prepared, ({ iteration, steps }) => tell(iteration, steps));
  yield* Console.log(printEvent({ event: "done", iterations: last.iteration, steps: last.steps }));
});

/** (line of standard input) ⇒ (confines, work). Fails: WorkInvalid. */
const decodeRequest = Effect.fnUntraced(function* (line: string) {
  const { work, ...confines } = yield* Effect.mapError(
    Schema.decodeEffect(CellRequest)(line),
    () =>
      new WorkInvalid({ message: "Cannot train a cell as standard input must name its work and a root: it does not" }),
  );
  return { confines, work: yield* decodeWork(work) };
});

const tagOf = (error: unknown): string =>
  error !== null && typeof error === "object" && "_tag" in error ? String(error._tag) : "Unexpected";

/** Trains the cell that standard input names, until that ends. */
export const runCell = Effect.fnUntraced(function* (load: () => Promise<Engine>) {
  const { line, end } = readStdin();
  const training = Effect.gen(function* () {
    const { confines, work } = yield* decodeRequest(yield* Effect.promise(() => line));
    const engine = yield* Effect.promise(load);
    yield* Effect.provide(Effect.scoped(trainCell(engine, confines, work)), engine.services(0));
  }).pipe(
    Effect.catchCause((cause) => {
      if (Cause.hasInterruptsOnly(cause)) return Effect.interrupt;
      const error = Cause.squash(cause);
      const message = reasonOf(error);
      console.error(tagOf(error) === "Unexpected" ? Cause.pretty(cause) : message);
      return Console.log(printEvent({ event: "failed", tag: tagOf(error), message }));
    }),
  );
  yield* Effect.raceFirst(training, Effect.andThen(Effect.promise(() => end), Effect.interrupt));
});
