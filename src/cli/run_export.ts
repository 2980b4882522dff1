/**
 * What `mscv export` does.
 * (run or sweep) ⇒ files of other tools
 *
 * @module
 */
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import { UsageInvalid } from "../config/usage.ts";
import { printPipeline } from "../config/print.ts";
import { recordEpisode } from "../episode/recording.ts";
import { makePlayer } from "../episode/player.ts";
import { writeWhole, writing } from "../files/durable_file.ts";
import { encodeSafetensors } from "../files/safetensors.ts";
import { eventFileName, logEvents } from "../interchange/log_events.ts";
import { logTable } from "../interchange/log_table.ts";
import { modelCard } from "../interchange/model_card.ts";
import { onnxPolicy } from "../interchange/onnx.ts";
import { policyTensors } from "../interchange/policy_tensors.ts";
import { fold, makeKey } from "../math/random.ts";
import { version } from "../run/environment.ts";
import { evaluate, refuseEpisodes } from "../run/evaluate.ts";
import { networksOf } from "../run/networks_of.ts";
import { openConfigured, openRun, type Run, tellWarnings } from "../run/open_run.ts";
import { type RunFolder, runFolderAt } from "../run/run_folder.ts";
import { readLog } from "../run/run_log.ts";
import { parsePlace } from "../run/run_place.ts";
import { startOf } from "../run/started.ts";
import { refuseForbidden } from "../sandbox/denials.ts";
import { manifestPath, readManifest } from "../sweep/manifest.ts";
import type { Application } from "./application.ts";
import { loadModule } from "../files/load_module.ts";

/** What `export` was asked for; null: not that. */
export interface ExportRequest {
  /** Run folder, checkpoint, or sweep folder. */
  readonly run: string;
  readonly tensorboard: string | null;
  readonly csv: string | null;
  readonly onnx: string | null;
  readonly card: string | null;
  /** Of the card's evaluation. */
  readonly episodes: number;
}

const refuse = (message: string): Effect.Effect<never, UsageInvalid> => Effect.fail(new UsageInvalid({ message }));

/** (file, content) ⇒ writes it whole, and its folder where that is missing. */
const write = Effect.fnUntraced(function* (file: string, content: Uint8Array | string) {
  yield* refuseForbidden(dirname(file));
  yield* writing(file, () => {
    mkdirSync(dirname(file), { recursive: true });
    writeWhole(file, content);
  });
});

/** A log, and the name that its files get. */
interface NamedLog {
  readonly name: string;
  readonly folder: RunFolder;
}

/** (path of a run, a checkpoint or a sweep) ⇒ its logs; of a sweep, those of the cells that were begun. */
const logsOf = Effect.fnUntraced(function* (path: string, application: Application) {
  if (!existsSync(manifestPath(path))) {
    const place = yield* parsePlace(path), engine = yield* Effect.promise(application.load);
    const { folder } = yield* openConfigured(place.path, engine);
    return [{ name: basename(normalize(place.path)), folder }];
  }
  const manifest = yield* Effect.try({
    try: () => readManifest(path)!,
    catch: (error) => new UsageInvalid({ message: `Cannot export ${path}. ${(error as Error).message}` }),
  });
  const cells = manifest.cells.map(({ id, folder }): NamedLog => ({
    name: id,
    folder: runFolderAt(join(path, folder)),
  }));
  return cells.filter(({ folder }) => existsSync(folder.metrics));
});

const readRecords = Effect.fnUntraced(function* ({ folder }: NamedLog) {
  const { records, warning } = readLog(folder.metrics);
  if (warning !== null) yield* Console.error(`warning: ${warning}`);
  return records;
});

const exportEvents = Effect.fnUntraced(function* (logs: ReadonlyArray<NamedLog>, out: string) {
  for (const log of logs) {
    const records = yield* readRecords(log),
      began = startOf(log.folder),
      file = join(out, log.name, eventFileName(began));
    const pipeline = existsSync(log.folder.pipeline) ? readFileSync(log.folder.pipeline, "utf8") : "";
    yield* write(file, logEvents(records, pipeline, began));
  }
  yield* Console.log(`${out}: events of ${logs.length} run(s). Next: tensorboard --logdir ${out}`);
});

const exportTables = Effect.fnUntraced(function* (logs: ReadonlyArray<NamedLog>, out: string, isSweep: boolean) {
  for (const log of logs) {
    yield* write(isSweep ? join(out, `${log.name}.csv`) : out, logTable(yield* readRecords(log)));
  }
  yield* Console.log(`${out}: ${logs.length === 1 ? "a line an iteration" : `the logs of ${logs.length} runs`}`);
});

const describe = ({ task, checkpoint: { iteration } }: Run): string =>
  `Policy of mscv ${version} for ${task.name}, after iteration ${iteration}`;

const onnxOf = (run: Run): Uint8Array => {
  const { policy, normalizer } = networksOf(run);
  return onnxPolicy({ policy, normalizer, controlRange: run.task.controlRange, description: describe(run) });
};

/** (run) ⇒ an episode of its mean action as MP4; null where its task has no scene. */
const filmOf = async (run: Run): Promise<Uint8Array | null> => {
  if (run.task.scene === undefined) return null;
  const player = makePlayer(run.task, networksOf(run), { key: fold(makeKey(0), "eval"), actions: "mean" });
  const recording = recordEpisode(run.task, player, run.task.timeLimit);
  const { toMp4 } = await loadModule<typeof import("../render/film.ts")>(import.meta.resolve("../render/film.ts"));
  return await toMp4({ ...recording, scene: recording.scene! }, { size: { width: 640, height: 480 }, fps: 25 });
};

const estimatorOf = ({ pipeline: { program } }: Run): string | null => {
  const options = program.find(({ stage }) => stage === "estimateGradient")?.options as
    | { estimator?: string }
    | undefined;
  return options?.estimator ?? null;
};

const exportCard = Effect.fnUntraced(function* (run: Run, out: string, episodes: number) {
  const { task, pipeline, checkpoint: { iteration, steps }, folder } = run, { policy, normalizer } = networksOf(run);
  const found = yield* evaluate(run, { episodes }), film = yield* Effect.promise(() => filmOf(run));
  const { mean, standardError } = found.return, deviation = (standardError ?? 0) * Math.sqrt(episodes);
  const tensors = policyTensors(policy, normalizer, { task: task.name, iteration: String(iteration) });
  const card = modelCard({
    ...{ task: task.name, gymnasium: task.gymnasium?.id ?? null, iteration, steps, seed: pipeline.seed, version },
    run: basename(normalize(folder.path)),
    estimator: estimatorOf(run),
    returns: { mean, deviation, episodes },
    sizes: [task.observationSize, task.actionSize],
    film: film === null ? "none" : "replay.mp4",
  });
  const results = {
    task: task.name,
    iteration,
    steps,
    actions: "mean",
    seed: 0,
    mean,
    deviation,
    episodes: found.episodes,
  };
  const files: ReadonlyArray<readonly [string, Uint8Array | string]> = [
    ["policy.onnx", onnxOf(run)],
    ["policy.safetensors", encodeSafetensors(tensors)],
    ["config.yaml", printPipeline(pipeline)],
    ["results.json", JSON.stringify(results, null, 2) + "\n"],
    ...(film === null ? [] : [["replay.mp4", film] as const]),
    ["README.md", card],
  ];
  for (const [name, content] of files) yield* write(join(out, name), content);
  yield* Console.log(`${out}: ${files.map(([name]) => name).join(", ")}`);
});

/** Writes what was asked for. Fails: UsageInvalid, RunFolderUnwritable, and as `openRun` and `evaluate` do. */
export const runExport = Effect.fnUntraced(function* (application: Application, request: ExportRequest) {
  const { run: path, tensorboard, csv, onnx, card, episodes } = request, isSweep = existsSync(manifestPath(path));
  if ([tensorboard, csv, onnx, card].every((each) => each === null)) {
    return yield* refuse(
      "Cannot export as one of --tensorboard, --csv, --onnx, --card must say where to: none is given",
    );
  }
  if (isSweep && (onnx ?? card) !== null) {
    return yield* refuse(
      `Cannot export the policy of ${path} as it must be a run: it is a sweep. Name a folder in ${path}/cells`,
    );
  }
  yield* refuseEpisodes(episodes, "--episodes");
  if (tensorboard !== null || csv !== null) {
    const logs = yield* logsOf(path, application);
    if (tensorboard !== null) yield* exportEvents(logs, tensorboard);
    if (csv !== null) yield* exportTables(logs, csv, isSweep);
  }
  if (onnx === null && card === null) return;
  const run = yield* openRun(path, yield* Effect.promise(application.load));
  yield* tellWarnings(run);
  if (onnx !== null) {
    yield* write(onnx, onnxOf(run));
    yield* Console.log(`${onnx}: ${describe(run)}`);
  }
  if (card !== null) yield* exportCard(run, card, episodes);
});
