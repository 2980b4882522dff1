/**
 * What comes before a sweep: its cells planned, and its folder's manifest brought up to date.
 * (request) ⇒ (sweep)
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { randomUUID } from "node:crypto";
import { existsSync, realpathSync, statSync } from "node:fs";
import { join, normalize, resolve } from "node:path";
import { isPipeline, resolveAblation } from "../config/ablation.ts";
import type { Ablation } from "../config/ablation_schema.ts";
import type { Catalog } from "../config/catalog.ts";
import { sourceFiles } from "../config/modules.ts";
import { printPipeline } from "../config/print.ts";
import { lockPath } from "../files/lock_file.ts";
import { reasonOf } from "../files/reason.ts";
import { type CellWork, decodeWork } from "./cell_work.ts";
import { lastOutcome, type Manifest, type ManifestCell, manifestPath, readManifest, readOutcome } from "./manifest.ts";
import { selectCells } from "./only.ts";
import { planSweep } from "./plan.ts";
import { contentOf } from "./work_place.ts";
import { UsageInvalid } from "../config/usage.ts";

/** Which sweep a command is about. */
export interface SweepRequest {
  /** Ablation file. */
  readonly file: string;
  /** Folder of the sweep; null: runs/<name of the ablation>. */
  readonly out: string | null;
  /** Filters as `--only` takes them. */
  readonly only: ReadonlyArray<string>;
  /** Changes to every cell, as `--set` takes them. */
  readonly overrides: ReadonlyArray<string>;
}

/** A sweep that can be shown or run. */
export interface PlannedSweep {
  readonly folder: string;
  readonly manifest: Manifest;
  /** Cells that the command is about. */
  readonly selected: ReadonlyArray<ManifestCell>;
  /** (cell) ⇒ what a runner is given. */
  readonly work: (cell: ManifestCell) => CellWork;
  /** What its cells import: files of modules of one's own, and `npm:name@version`. */
  readonly modules: ReadonlyArray<string>;
}

/** Refuses to take over the folder of another ablation file that still exists and has cells which this one lacks. */
const refuseOther = (folder: string, before: Manifest, now: Manifest): Effect.Effect<void, UsageInvalid> => {
  const ids = new Set(now.cells.map(({ id }) => id));
  const isSame = resolve(before.file) === resolve(now.file) || !existsSync(before.file) ||
    realpathSync(before.file) === realpathSync(now.file) || before.cells.every(({ id }) => ids.has(id));
  return isSame ? Effect.void : Effect.fail(
    new UsageInvalid({
      message: `Cannot use ${folder} for ${now.file} as it must be the sweep of one ablation file: it is that of ` +
        `${before.file}, whose cells are others. Give one of them another name:, or this one another --out`,
    }),
  );
};

/** (folder) ⇒ what is in it; nothing where it is not there. Fails: UsageInvalid where that cannot be seen. */
const lookInto = (folder: string): Effect.Effect<ReadonlyArray<string>, UsageInvalid> =>
  Effect.try({
    try: () =>
      existsSync(folder) && !statSync(folder).isDirectory()
        ? ["it is a file"]
        : contentOf(folder).filter((name) => join(folder, name) !== lockPath(folder)),
    catch: (error) =>
      new UsageInvalid({
        message: `Cannot use ${folder} for a sweep as it must be a readable folder: ${reasonOf(error)}`,
      }),
  });

/** Refuses a folder that is there and holds no sweep: a run, or notes. */
const refuseForeign = Effect.fnUntraced(function* (folder: string) {
  const content = yield* lookInto(folder);
  if (content.length === 0 || existsSync(manifestPath(folder))) return;
  return yield* Effect.fail(
    new UsageInvalid({
      message:
        `Cannot use ${folder} for a sweep as it must be a new or empty folder, or that of a sweep: current value ` +
        `is one with ${content.slice(0, 3).join(", ")}. Choose another by --out`,
    }),
  );
});

/**
 * (folder, manifest before, ids that the command names) ⇒ (cell as planned) ⇒ the cell as it is asked for: one that is not
 * named keeps the iterations that it was last asked for, or has done where the manifest before lacks it; one that comes back
 * keeps its attempt, too.
 */
const asAsked = (folder: string, before: Manifest | null, named: ReadonlySet<string>) => {
  const present = new Map(before?.cells.map((cell) => [cell.id, cell]));
  return (cell: ManifestCell): ManifestCell => {
    const there = present.get(cell.id), outcome = there === undefined ? lastOutcome(folder, cell.id) : null;
    const last = there ?? (outcome?.state === "done" ? outcome : cell);
    return {
      ...cell,
      attempt: outcome?.attempt ?? cell.attempt,
      iterations: named.has(cell.id) ? cell.iterations : last.iterations,
    };
  };
};

/** (ablation, request, folder, catalog) ⇒ its manifest, as it would be written now, and the cells that the request names. */
const plan = Effect.fnUntraced(function* (
  ablation: Ablation,
  { file, only }: SweepRequest,
  folder: string,
  catalog: Catalog,
) {
  yield* refuseForeign(folder);
  const before = yield* Effect.try({
    try: () => readManifest(folder),
    catch: (error) => new UsageInvalid({ message: `Cannot use ${folder} as a sweep. ${(error as Error).message}` }),
  });
  const planned = planSweep(ablation, file, randomUUID(), before, catalog);
  if (before !== null) yield* refuseOther(folder, before, planned);
  const named = new Set((yield* selectCells(only, planned.cells)).map(({ id }) => id));
  const cells = planned.cells.map(asAsked(folder, before, named));
  const manifest: Manifest = { ...planned, ...(only.length === 0 ? {} : { only }), cells };
  return { manifest, selected: cells.filter(({ id }) => named.has(id)) };
});

/** (folder) ⇒ the same as a runner takes it: without .. on the way. */
const submitted = (folder: string): string =>
  /^\.\.([\\/]|$)/.test(normalize(folder)) ? resolve(folder) : normalize(folder);

/** Refuses cells that no runner would take, before any is submitted. */
const refuseInvalid = (works: ReadonlyArray<CellWork>): Effect.Effect<void, UsageInvalid> =>
  Effect.forEach(
    works,
    (work) =>
      Effect.mapError(decodeWork(work), ({ message }) => new UsageInvalid({ message: `${message} (cell ${work.id})` })),
    {
      discard: true,
    },
  );

/** (request, catalog) ⇒ the sweep with every cell's pipeline resolved; nothing is written. */
export const planRequest = Effect.fnUntraced(
  function* (request: SweepRequest, catalog: Catalog) {
    const { file, out, overrides } = request;
    if (isPipeline(file)) {
      return yield* Effect.fail(
        new UsageInvalid({
          message: `Cannot ablate ${file} as it must be an ablation: it is a pipeline. Try: deno task train ${file}`,
        }),
      );
    }
    const ablation = yield* resolveAblation(file, catalog, overrides);
    const folder = out ?? join("runs", ablation.name);
    const { manifest, selected } = yield* plan(ablation, request, folder, catalog);
    const pipelines = new Map(manifest.cells.map(({ id }, i) => [id, ablation.cells[i].pipeline]));
    const work = ({ id, attempt, iterations }: ManifestCell): CellWork => ({
      sweep: manifest.sweep,
      id,
      attempt,
      iterations,
      folder: submitted(folder),
      pipeline: printPipeline(pipelines.get(id)!),
    });
    yield* refuseInvalid(manifest.cells.map(work));
    return { folder, manifest, selected, work, modules: modulesOf(ablation) } satisfies PlannedSweep;
  },
);

/** (ablation) ⇒ all that its cells import, as `PlannedSweep.modules` has it. */
const modulesOf = ({ cells }: Ablation): ReadonlyArray<string> => {
  const use = [...new Set(cells.flatMap(({ pipeline }) => pipeline.use))];
  return [...use.filter((module) => module.startsWith("npm:")), ...sourceFiles(use).map(({ path }) => path)];
};

/** (sweep) ⇒ its selected cells that are not at their end. */
export const unfinished = ({ folder, selected }: PlannedSweep): ReadonlyArray<ManifestCell> =>
  selected.filter((cell) => readOutcome(folder, cell) === null);

/** (sweep) ⇒ the same with one attempt more for every selected cell that failed. */
export const retryFailed = (sweep: PlannedSweep): PlannedSweep => {
  const { folder, manifest, selected } = sweep;
  const failed = new Set(
    selected.filter((cell) => readOutcome(folder, cell)?.state === "failed").map(({ id }) => id),
  );
  const again = (cells: ReadonlyArray<ManifestCell>) =>
    cells.map((cell) => failed.has(cell.id) ? { ...cell, attempt: cell.attempt + 1 } : cell);
  return { ...sweep, manifest: { ...manifest, cells: again(manifest.cells) }, selected: again(selected) };
};
