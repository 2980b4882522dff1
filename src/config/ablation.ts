/**
 * Ablation files: tasks × variants × seeds, each a resolved pipeline.
 * (file, catalog) ⇒ (ablation)
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Result from "effect/Result";
import type * as Schema from "effect/Schema";
import { dirname, isAbsolute, join } from "node:path";
import {
  type Ablation,
  type AblationCell,
  type AblationFile,
  ablationSchema,
  type Axes,
  type Base,
  type Comparison,
  mostCells,
  sharedKeys,
  type Variant,
} from "./ablation_schema.ts";
import { expandPairs, readAxes, spellOutAxes } from "./axes.ts";
import type { Catalog } from "./catalog.ts";
import { decodeAt } from "./issues.ts";
import { assign, isTree, type Located, locatedAt, positionOf, showAt, valueAt } from "./located.ts";
import type { Pipeline } from "./pipeline.ts";
import { type ConfigInvalid, configInvalid, type Path, type Problem, told } from "./problems.ts";
import { nameOf } from "./names.ts";
import { decodeSource } from "./resolve.ts";
import { extend, loadModules } from "./modules.ts";
import { robotNameIn } from "./robot_in_pipeline.ts";
import { readTree } from "./read_tree.ts";
import { taskName } from "../tasks/task_names.ts";
import { applyOverride, applySet, type Override, readMerged, relocateMissing, usedIn, withUses } from "./sources.ts";
import { leaveForeignOptions } from "./task_in_pipeline.ts";
import { usesOf, usesWithin } from "./uses.ts";

/** An ablation file with the places of what it says; its axes are spelt out. */
interface Source {
  readonly file: string;
  readonly name: string;
  readonly tree: Located;
  readonly said: AblationFile;
  readonly axes: Axes;
  /** Changes of a command line to every cell. */
  readonly overrides: ReadonlyArray<Override>;
  readonly catalog: Catalog;
}

/** (file) ⇒ whether it is an ablation: what has axes. A file that cannot be read is none. */
export const isAblation = (file: string): boolean =>
  valueAt(readTree(file, "base and axes").tree, ["axes"]) !== undefined;

/** (file) ⇒ whether it is a pipeline: what has a program, or extends another. */
export const isPipeline = (file: string): boolean => {
  const { tree } = readTree(file, "task and program");
  const has = (key: string) => valueAt(tree, [key]) !== undefined;
  return !has("axes") && (has("program") || has("extends"));
};

const problemAt = (tree: Located, path: Path, message: string, part: "key" | "value" = "value"): Problem => ({
  position: positionOf(tree, path, part),
  path,
  message,
});

/** (catalog) ⇒ (what is said of a task) ⇒ the task's own name, where Gymnasium's id is said, too. */
const ownName = ({ tasks }: Catalog) => (said: unknown): unknown =>
  typeof said === "string" ? taskName(tasks, said) ?? said : said;

const repeated = (tree: Located, path: Path, same = (item: unknown) => item): ReadonlyArray<Problem> => {
  const items = valueAt(tree, path);
  if (!Array.isArray(items)) return [];
  const seen = new Set<unknown>();
  return items.flatMap((item, i) => {
    if (!seen.has(same(item))) return seen.add(same(item)) && [];
    return [problemAt(tree, [...path, i], `must be given once: ${showAt(tree, [...path, i])} is there already`)];
  });
};

const pairs = ({ compare = [] }: AblationFile): ReadonlyArray<Comparison> =>
  Array.isArray(compare) ? compare : [compare as Comparison];

/** A value, and where the file says it. */
interface Said<A> {
  readonly value: A;
  readonly path: Path;
}

/** (source, variant) ⇒ its base, and where that was said; null: nowhere. The last axis that names one decides. */
const baseOf = ({ said }: Source, { changes }: Variant): Said<Base> | null => {
  const own = changes.findLast(({ base }) => base !== undefined);
  if (own?.base !== undefined) return { value: own.base, path: [...own.path, "base"] };
  return said.base === undefined ? null : { value: said.base, path: ["base"] };
};

/** (source, variant) ⇒ its tasks and where each was said; null: that of the one pipeline. */
const tasksOf = (source: Source, variant: Variant): ReadonlyArray<Said<string | null>> => {
  const { axes, said: { base } } = source;
  if (axes.task !== undefined) return axes.task.map((value, i) => ({ value, path: ["axes", "task", i] }));
  const bases = base ?? baseOf(source, variant)?.value;
  if (typeof bases !== "object") return [{ value: null, path: ["base"] }];
  return Object.keys(bases).map((value) => ({ value, path: ["base", value] }));
};

/** A pipeline, and what was left out of its base. */
interface Resolved {
  readonly pipeline: Pipeline;
  readonly left: ReadonlyArray<Problem>;
}

/** (source, variant, task) ⇒ the pipeline of all of its seeds, or every problem of it. */
const resolveVariant = (
  source: Source,
  variant: Variant,
  task: Said<string | null>,
): Result.Result<Resolved, ReadonlyArray<Problem>> => {
  const { file, name, catalog } = source;
  const tree = { root: structuredClone(source.tree.root), places: new Map(source.tree.places) }; // assigned from
  const base = baseOf(source, variant);
  if (base === null) return Result.fail([problemAt(tree, variant.at, "must have a base: there is none", "key")]);
  const mapped = typeof base.value === "object";
  const own = typeof base.value === "string"
    ? base.value
    : Object.hasOwn(base.value, task.value ?? "")
    ? base.value[task.value ?? ""]
    : undefined;
  if (own === undefined) {
    return Result.fail([problemAt(tree, base.path, `must name a pipeline for ${task.value}: it has none`)]);
  }
  const path = isAbsolute(own) ? own : join(dirname(file), own);
  const saidAt = mapped ? [...base.path, task.value!] : base.path;
  const merged = readMerged(path, null, catalog);
  const problems = merged.problems.map((p) => relocateMissing(p, path, positionOf(tree, saidAt), saidAt));
  if (!merged.readable) return Result.fail(problems);
  const present = robotNameIn(merged.tree) ?? valueAt(merged.tree, ["task"]);
  if (mapped && ownName(catalog)(present) !== ownName(catalog)(task.value)) {
    return Result.fail([problemAt(tree, saidAt, `must be a pipeline for ${task.value}: it is one for ${present}`)]);
  }
  withUses(merged.tree, [...usesOf(merged.tree, path).uses, ...usesOf(tree, file).uses]);
  const known = extend(catalog, usedIn(merged.tree));
  if (task.value !== null && !mapped) {
    leaveForeignOptions(merged.tree, task.value, known);
    assign(merged.tree, ["task"], locatedAt(task.value, positionOf(tree, task.path)), []);
  }
  for (const key of sharedKeys) if (valueAt(tree, [key]) !== undefined) assign(merged.tree, [key], tree, [key]);
  const changes = [["set"], ...variant.changes.map(({ path }) => [...path, "set"])]
    .filter((each) => valueAt(tree, each) !== undefined)
    .flatMap((each) => applySet(merged.tree, tree, each, known));
  delete (merged.tree.root as Record<string, unknown>).name;
  const given = source.overrides.flatMap((override) => applyOverride(merged.tree, override, known));
  const all = { ...merged, problems: [...problems, ...changes, ...given] };
  const decoded = decodeSource(all, `${name}-${variant.name}`, catalog);
  return Result.map(decoded, (pipeline) => ({ pipeline, left: merged.tree.left ?? [] }));
};

/** (source) ⇒ the problem of too many cells, found before any of them is made. */
const checkSize = (source: Source): ReadonlyArray<Problem> => {
  const { tree, axes: { variants, seeds } } = source;
  const cells = variants.reduce((sum, each) => sum + tasksOf(source, each).length, 0) * seeds.length;
  return cells <= mostCells
    ? []
    : [problemAt(tree, ["axes"], `must make at most ${mostCells} cells: it makes ${cells}`)];
};

const crossAxes = (source: Source): Result.Result<Ablation, ReadonlyArray<Problem>> => {
  const { said, name, tree, axes: { variants, seeds } } = source, tooLarge = checkSize(source);
  if (tooLarge.length > 0) return Result.fail(tooLarge);
  const { compare, problems: comparing } = expandPairs(tree, pairs(said), variants);
  const problems = [
    ...comparing,
    ...repeated(tree, ["axes", "task"], ownName(source.catalog)),
    ...repeated(tree, ["axes", "seed"]),
  ];
  const resolved = variants.flatMap((variant) =>
    tasksOf(source, variant).map((task) => ({ variant, result: resolveVariant(source, variant, task) }))
  );
  for (const { result } of resolved) if (Result.isFailure(result)) problems.push(...result.failure);
  if (problems.length > 0) return Result.fail(problems);
  const cells = seeds.flatMap((seed) =>
    resolved.map(({ variant: { name: variant, changes }, result }): AblationCell => {
      const pipeline = { ...Result.getOrThrow(result).pipeline, seed };
      const axes = Object.fromEntries(changes.map(({ axis, name }) => [axis, name]));
      return { task: pipeline.task, variant, axes, seed, pipeline };
    })
  );
  const leftOut = told(resolved.flatMap(({ result }) => Result.getOrThrow(result).left));
  return Result.succeed({ name, compare, cells, leftOut });
};

/**
 * (file, catalog, changes of the command line to every cell) ⇒ (ablation). Fails: ConfigInvalid with every problem of the
 * file and of every pipeline it makes.
 */
export const resolveAblation = (
  file: string,
  catalog: Catalog,
  overrides: ReadonlyArray<Override> = [],
): Effect.Effect<Ablation, ConfigInvalid> =>
  Effect.andThen(
    Effect.suspend(() =>
      Effect.mapError(loadModules(usesWithin(file)), (problems) => configInvalid(file, "an ablation", problems))
    ),
    readAblation(file, catalog, overrides),
  );

/** The same, once the modules that it uses are loaded. */
const readAblation = (
  file: string,
  catalog: Catalog,
  overrides: ReadonlyArray<Override>,
): Effect.Effect<Ablation, ConfigInvalid> =>
  Effect.suspend(() => {
    const fail = (problems: ReadonlyArray<Problem>) => Effect.fail(configInvalid(file, "an ablation", problems));
    const { tree, problems, readable } = readTree(file, "base and axes");
    if (!readable) return fail(problems);
    const spelling = spellOutAxes(tree);
    if (spelling.length > 0) return fail(spelling);
    const said = decodeAt(ablationSchema as Schema.Codec<AblationFile, unknown>, tree, []);
    const useProblems = usesOf(tree, file).problems;
    if (Result.isFailure(said)) {
      const axes = isTree(valueAt(tree, ["axes"])) ? readAxes(tree) : Result.fail([]);
      const more = Result.isFailure(axes) ? axes.failure : axes.success.problems;
      return fail([...problems, ...said.failure, ...more, ...useProblems]);
    }
    if (useProblems.length > 0) return fail(useProblems);
    const read = readAxes(tree);
    if (Result.isFailure(read)) return fail(read.failure);
    const { axes, problems: names } = read.success;
    const source = {
      file,
      name: said.success.name ?? nameOf(file),
      tree,
      said: said.success,
      axes,
      overrides,
      catalog,
    };
    return Result.match(crossAxes(source), {
      onSuccess: (ablation) => names.length === 0 ? Effect.succeed(ablation) : fail(names),
      onFailure: (more) => fail([...names, ...more]),
    });
  });
