/**
 * From what a user names to the runs of a report: ablation files, sweep folders, run folders, folders of run folders.
 * (paths) ⇒ (study, where its report goes)
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import type { Pipeline } from "../config/pipeline.ts";
import { decidesNoNumbers, hashPipeline } from "../config/print.ts";
import { isLocked } from "../files/folder_lock.ts";
import { type LooseRun, nameRuns } from "../report/loose_runs.ts";
import type { Engine } from "../run/engine.ts";
import { openConfigured } from "../run/open_run.ts";
import { isRunFolder, runFolderAt } from "../run/run_folder.ts";
import { readLog } from "../run/run_log.ts";
import type { RunState, Study, StudyRun } from "../report/study.ts";
import { readSweep, type Sweep } from "../sweep/manifest.ts";
import { UsageInvalid } from "../config/usage.ts";
import { isSweep, nothingAt, placeOf, placesIn } from "../sweep/places.ts";

/** A study and the folder of its report. */
export interface FoundStudy {
  readonly study: Study;
  readonly out: string;
  /** What is missing or cannot be read, for the user. */
  readonly warnings: ReadonlyArray<string>;
}

/** Folders that a path stands for: one sweep, or any number of runs. */
const foldersOf = Effect.fnUntraced(function* (path: string) {
  const place = yield* placeOf(path, "report on");
  if (place.kind !== "folder") return [place.path];
  const runs = placesIn(path).filter(({ kind }) => kind === "run").map((each) => each.path);
  return runs.length > 0 ? runs : yield* Effect.fail(nothingAt("report on", path, "a folder without runs"));
});

const readSweepAt = (folder: string): Effect.Effect<Sweep, UsageInvalid> =>
  Effect.try({
    try: () => readSweep(folder)!,
    catch: (error) => new UsageInvalid({ message: `Cannot report on ${folder}. ${(error as Error).message}` }),
  });

/** A run, and what is wrong with its log. */
interface Read<Run> {
  readonly run: Run;
  readonly warning: string | null;
}

const warningsOf = (runs: ReadonlyArray<Read<unknown>>): ReadonlyArray<string> =>
  runs.flatMap(({ warning }) => warning ?? []);

const runsOfSweep = ({ cells }: Sweep): ReadonlyArray<Read<StudyRun>> =>
  cells.map(({ task, variant, seed, state, error, folder, iterations, threshold }) => {
    const { records: history, warning } = readLog(runFolderAt(folder).metrics);
    const begun = state === "waiting" && history.length > 0 ? "incomplete" : state, message = error?.message ?? null;
    return {
      run: { task, variant, seed, state: begun, error: message, folder, iterations, threshold, history },
      warning,
    };
  });

/** (sweep, its runs) ⇒ which of them that are done have no log here, and where they are; null: all have. */
const missingLogs = ({ cells, file }: Sweep, runs: ReadonlyArray<Read<StudyRun>>): string | null => {
  const missing = cells.filter(({ state }, i) => state === "done" && runs[i].run.history.length === 0);
  if (missing.length === 0) return null;
  const hosts = [...new Set(missing.map(({ host }) => host))].join(", ");
  return `${missing.length} of ${cells.length} runs have no log here: they were trained on ${hosts}. ` +
    `deno task status ${file} --storage … brings the logs, where the database has them`;
};

/** (name, task) ⇒ the name without task, seed and time. */
const withoutTask = (name: string, task: string): string =>
  name.replace(/-(seed|s)\d+(-.*)?$/, "").replace(new RegExp(`^${RegExp.escape(task)}[-_]`), "") || name;

/** (pipeline) ⇒ its options that decide numbers, the seed aside; the program by stage. */
const optionsOf = (pipeline: Pipeline): unknown => {
  const { program, seed: _seed, ...more } = pipeline;
  const deciding = Object.entries(more).filter(([key]) => !(decidesNoNumbers as ReadonlyArray<string>).includes(key));
  return {
    ...Object.fromEntries(deciding),
    ...Object.fromEntries(program.map(({ stage, options }) => [stage, options])),
  };
};

/** (its folder, iterations done, iterations wanted) ⇒ (state). */
const stateOf = (folder: string, done: number, wanted: number): RunState =>
  done >= wanted ? "done" : isLocked(folder) ? "running" : done === 0 ? "waiting" : "incomplete";

const readLooseRun = Effect.fnUntraced(function* (path: string, engine: Engine) {
  const { folder, pipeline } = yield* openConfigured(path, engine);
  const { task, seed, iterations, threshold = null } = pipeline;
  const { records: history, warning } = readLog(folder.metrics);
  const run: LooseRun = {
    ...{ task, seed, iterations, threshold, history, error: null, folder: path },
    state: stateOf(path, history.at(-1)?.iteration ?? 0, iterations),
    folderName: withoutTask(basename(path), task),
    pipelineName: withoutTask(pipeline.name, task),
    hash: hashPipeline({ ...pipeline, seed: 0 }, engine.catalog),
    options: optionsOf(pipeline),
  };
  return { run, warning } satisfies Read<LooseRun>;
});

const orWarning = (
  path: string,
  read: ReturnType<typeof readLooseRun>,
): Effect.Effect<Read<LooseRun | null>, UsageInvalid> =>
  Effect.match(read, {
    onSuccess: (found): Read<LooseRun | null> => found,
    onFailure: ({ message }): Read<LooseRun | null> => ({
      run: null,
      warning: `${path} is left out: ${message.split("\n").slice(0, 3).map((line) => line.trim()).join(" ")}`,
    }),
  });

/** (paths as given, folders of their runs) ⇒ the folder of their report: the same for the same runs, another for others. */
const reportFolder = (paths: ReadonlyArray<string>, folders: ReadonlyArray<string>): string => {
  const [only] = paths;
  if (paths.length === 1) return join(only, "report");
  const mark = createHash("sha256").update(JSON.stringify(folders.toSorted())).digest("hex").slice(0, 8);
  return join("runs", "reports", `${folders.length}-runs-${mark}`);
};

/** (paths as given, folders, engine) ⇒ the study of runs that no sweep describes. Fails where none of them can be read. */
const readLoose = Effect.fnUntraced(function* (
  paths: ReadonlyArray<string>,
  folders: ReadonlyArray<string>,
  engine: Engine,
) {
  const attempts = yield* Effect.all(folders.map((path) => orWarning(path, readLooseRun(path, engine))));
  const loose = attempts.flatMap(({ run }) => run ?? []);
  if (loose.length === 0) yield* readLooseRun(folders[0], engine); // fails as it did
  const { runs, warnings } = nameRuns(loose), variants = [...new Set(runs.map(({ variant }) => variant))];
  const compare = variants.length === 2 ? [{ of: variants[0], with: variants[1] }] : [];
  const study: Study = { name: "runs", compare, runs };
  return { study, out: reportFolder(paths, folders), warnings: [...warningsOf(attempts), ...warnings] };
});

/** (folder of a sweep) ⇒ its study: as the sweep describes it. */
const readAsSweep = Effect.fnUntraced(function* (folder: string) {
  const sweep = yield* readSweepAt(folder);
  const runs = runsOfSweep(sweep), missing = missingLogs(sweep, runs);
  const study: Study = { name: sweep.name, compare: sweep.compare, runs: runs.map(({ run }) => run) };
  const warnings = [...(missing === null ? [] : [missing]), ...warningsOf(runs)];
  return { study, out: join(sweep.folder, "report"), warnings };
});

/** Run folders, and what is missing among them. */
interface Single {
  readonly folders: ReadonlyArray<string>;
  readonly warnings: ReadonlyArray<string>;
}

/** (folder of a run, or of a sweep beside other paths) ⇒ the runs in it, each on its own. */
const singleRunsIn = Effect.fnUntraced(function* (folder: string) {
  if (!isSweep(folder)) return { folders: [folder], warnings: [] } satisfies Single;
  const { cells } = yield* readSweepAt(folder), begun = cells.filter((cell) => isRunFolder(cell.folder));
  const left = cells.length - begun.length;
  const warnings = left === 0
    ? []
    : [`${left} of ${cells.length} cells of ${folder} are left out: no run of them is here`];
  return { folders: begun.map((cell) => cell.folder), warnings } satisfies Single;
});

/** (paths, engine) ⇒ (study): one sweep, or runs, those of several sweeps too. Fails: UsageInvalid, ConfigInvalid of a run's pipeline. */
export const readStudy = Effect.fnUntraced(function* (paths: ReadonlyArray<string>, engine: Engine) {
  const places = (yield* Effect.all(paths.map(foldersOf))).flat();
  if (places.length === 1 && isSweep(places[0])) return (yield* readAsSweep(places[0])) satisfies FoundStudy;
  const single = yield* Effect.all(places.map(singleRunsIn)), folders = single.flatMap(({ folders }) => folders);
  if (folders.length === 0) return yield* Effect.fail(nothingAt("report on", paths.join(", "), "sweeps without runs"));
  const found = yield* readLoose(paths, folders, engine);
  const warnings = [...single.flatMap(({ warnings }) => warnings), ...found.warnings];
  return { ...found, warnings } satisfies FoundStudy;
});
