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
  type Base,
  type Comparison,
  mostCells,
  sharedKeys,
} from "./ablation_schema.ts";
import type { Catalog } from "./catalog.ts";
import { didYouMean } from "./did_you_mean.ts";
import { decodeAt } from "./issues.ts";
import { assign, type Located, locatedAt, positionOf, showAt, valueAt } from "./located.ts";
import type { Pipeline } from "./pipeline.ts";
import { type ConfigInvalid, configInvalid, type Path, type Problem } from "./problems.ts";
import { nameFault, nameOf } from "./names.ts";
import { decodeSource } from "./resolve.ts";
import { extend, loadModules } from "./modules.ts";
import { readTree } from "./read_tree.ts";
import { applySet, readMerged, relocateMissing, usedIn, withUses } from "./sources.ts";
import { usesOf, usesWithin } from "./uses.ts";

/** An ablation file with the places of what it says. */
interface Source {
  readonly file: string;
  readonly name: string;
  readonly tree: Located;
  readonly said: AblationFile;
  readonly catalog: Catalog;
}

/** (file) ⇒ whether it is an ablation: what has axes. A file that cannot be read is none. */
export const isAblation = (file: string): boolean =>
  valueAt(readTree(file, "base and axes").tree, ["axes"]) !== undefined;

const problemAt = (tree: Located, path: Path, message: string, part: "key" | "value" = "value"): Problem => ({
  position: positionOf(tree, path, part),
  path,
  message,
});

const repeated = (tree: Located, path: Path): ReadonlyArray<Problem> => {
  const items = valueAt(tree, path);
  if (!Array.isArray(items)) return [];
  const seen = new Set<unknown>();
  return items.flatMap((item, i) => {
    if (!seen.has(item)) return seen.add(item) && [];
    return [problemAt(tree, [...path, i], `must be given once: ${showAt(tree, [...path, i])} is there already`)];
  });
};

const pairs = ({ compare = [] }: AblationFile): ReadonlyArray<Comparison> =>
  Array.isArray(compare) ? compare : [compare as Comparison];

const comparePath = (tree: Located, index: number): Path =>
  Array.isArray(valueAt(tree, ["compare"])) ? ["compare", index] : ["compare"];

const checkComparisons = ({ tree, said }: Source): ReadonlyArray<Problem> => {
  const variants = Object.keys(said.axes.variant);
  return pairs(said).flatMap((pair, i) => {
    const unknown = (["of", "with"] as const).flatMap((side) =>
      variants.includes(pair[side]) ? [] : [problemAt(
        tree,
        [...comparePath(tree, i), side],
        `unknown variant "${pair[side]}", ${didYouMean(pair[side], variants)}`,
      )]
    );
    return pair.of === pair.with
      ? [...unknown, problemAt(tree, comparePath(tree, i), "must be two variants: they are the same")]
      : unknown;
  });
};

const checkNames = ({ tree, said }: Source): ReadonlyArray<Problem> => {
  const names = Object.keys(said.axes.variant);
  const path = ["axes", "variant"];
  if (names.length === 0) return [problemAt(tree, path, "must name a variant: there is none")];
  return names.flatMap((name) => {
    const fault = nameFault(name);
    return fault === null ? [] : [problemAt(tree, [...path, name], `must ${fault}`, "key")];
  });
};

/** A value, and where the file says it. */
interface Said<A> {
  readonly value: A;
  readonly path: Path;
}

/** (source, variant) ⇒ its base, and where that was said; null: nowhere. */
const baseOf = ({ said }: Source, variant: string): Said<Base> | null => {
  const own = said.axes.variant[variant].base;
  if (own !== undefined) return { value: own, path: ["axes", "variant", variant, "base"] };
  return said.base === undefined ? null : { value: said.base, path: ["base"] };
};

/** (source, variant) ⇒ its tasks and where each was said; null: that of the one pipeline. */
const tasksOf = (source: Source, variant: string): ReadonlyArray<Said<string | null>> => {
  const { said: { axes, base } } = source;
  if (axes.task !== undefined) return axes.task.map((value, i) => ({ value, path: ["axes", "task", i] }));
  const bases = base ?? baseOf(source, variant)?.value;
  if (typeof bases !== "object") return [{ value: null, path: ["base"] }];
  return Object.keys(bases).map((value) => ({ value, path: ["base", value] }));
};

/** (source, variant, task) ⇒ the pipeline of all of its seeds, or every problem of it. */
const resolveVariant = (
  source: Source,
  variant: string,
  task: Said<string | null>,
): Result.Result<Pipeline, ReadonlyArray<Problem>> => {
  const { file, name, catalog } = source;
  const tree = { root: structuredClone(source.tree.root), places: new Map(source.tree.places) }; // assigned from
  const base = baseOf(source, variant);
  const variantPath = ["axes", "variant", variant];
  if (base === null) return Result.fail([problemAt(tree, variantPath, "must have a base: there is none", "key")]);
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
  const present = valueAt(merged.tree, ["task"]);
  if (mapped && present !== task.value) {
    return Result.fail([problemAt(tree, saidAt, `must be a pipeline for ${task.value}: it is one for ${present}`)]);
  }
  if (task.value !== null && !mapped) {
    assign(merged.tree, ["task"], locatedAt(task.value, positionOf(tree, task.path)), []);
  }
  withUses(merged.tree, [...usesOf(merged.tree, path).uses, ...usesOf(tree, file).uses]);
  const known = extend(catalog, usedIn(merged.tree));
  for (const key of sharedKeys) if (valueAt(tree, [key]) !== undefined) assign(merged.tree, [key], tree, [key]);
  const changes = [["set"], [...variantPath, "set"]].filter((each) => valueAt(tree, each) !== undefined)
    .flatMap((each) => applySet(merged.tree, tree, each, known));
  delete (merged.tree.root as Record<string, unknown>).name;
  const all = { ...merged, problems: [...problems, ...changes] };
  return decodeSource(all, `${name}-${variant}`, catalog);
};

const seedsOf = ({ axes: { seed } }: AblationFile): ReadonlyArray<number> =>
  "from" in seed ? Array.from({ length: seed.count }, (_, i) => seed.from + i) : seed;

/** (source) ⇒ the problem of too many cells, found before any of them is made. */
const checkSize = (source: Source): ReadonlyArray<Problem> => {
  const { tree, said } = source, { variant, seed } = said.axes;
  const pipelines = Object.keys(variant).reduce((sum, name) => sum + tasksOf(source, name).length, 0);
  const cells = pipelines * ("from" in seed ? seed.count : seed.length);
  return cells <= mostCells
    ? []
    : [problemAt(tree, ["axes"], `must make at most ${mostCells} cells: it makes ${cells}`)];
};

const crossAxes = (source: Source): Result.Result<Ablation, ReadonlyArray<Problem>> => {
  const { said, name, tree } = source, tooLarge = checkSize(source);
  if (tooLarge.length > 0) return Result.fail(tooLarge);
  const problems = [
    ...checkNames(source),
    ...checkComparisons(source),
    ...repeated(tree, ["axes", "task"]),
    ...repeated(tree, ["axes", "seed"]),
  ];
  const resolved = Object.keys(said.axes.variant).flatMap((variant) =>
    tasksOf(source, variant).map((task) => ({ variant, result: resolveVariant(source, variant, task) }))
  );
  for (const { result } of resolved) if (Result.isFailure(result)) problems.push(...result.failure);
  if (problems.length > 0) return Result.fail(problems);
  const cells = seedsOf(said).flatMap((seed) =>
    resolved.map(({ variant, result }): AblationCell => {
      const pipeline = { ...Result.getOrThrow(result), seed };
      return { task: pipeline.task, variant, seed, pipeline };
    })
  );
  return Result.succeed({ name, compare: pairs(said), cells });
};

/** (file, catalog) ⇒ (ablation). Fails: ConfigInvalid with every problem of the file and of every pipeline it makes. */
export const resolveAblation = (file: string, catalog: Catalog): Effect.Effect<Ablation, ConfigInvalid> =>
  Effect.andThen(
    Effect.suspend(() =>
      Effect.mapError(loadModules(usesWithin(file)), (problems) => configInvalid(file, "an ablation", problems))
    ),
    readAblation(file, catalog),
  );

/** The same, once the modules that it uses are loaded. */
const readAblation = (file: string, catalog: Catalog): Effect.Effect<Ablation, ConfigInvalid> =>
  Effect.suspend(() => {
    const fail = (problems: ReadonlyArray<Problem>) => Effect.fail(configInvalid(file, "an ablation", problems));
    const { tree, problems, readable } = readTree(file, "base and axes");
    if (!readable) return fail(problems);
    const said = decodeAt(ablationSchema as Schema.Codec<AblationFile, unknown>, tree, []);
    const useProblems = usesOf(tree, file).problems;
    if (Result.isFailure(said)) return fail([...problems, ...said.failure, ...useProblems]);
    if (useProblems.length > 0) return fail(useProblems);
    const source = { file, name: said.success.name ?? nameOf(file), tree, said: said.success, catalog };
    return Result.match(crossAxes(source), { onSuccess: Effect.succeed, onFailure: fail });
  });
