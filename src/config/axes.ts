/**
 * The axes of an ablation file: tasks, seeds, and any number of axes that change the pipeline.
 * (tree) ⇒ (axes), with a variant for every combination of what those change
 *
 *   axes:
 *     variant: { mscv: {}, trpo: { base: hopper_trpo.yaml } }    # named changes
 *     k: { estimateGradient.horizon: [2, 5, 10] }                # values of one option: k2, k5, k10
 *     seed: { from: 0, count: 5 }
 *
 * @module
 */
import * as Result from "effect/Result";
import type * as Schema from "effect/Schema";
import {
  type Axes,
  axisSchemas,
  type Change,
  type Comparison,
  mostCells,
  type Seeds,
  type Variant,
  type VariantAxis,
} from "./ablation_schema.ts";
import { didYouMean, nearest } from "../options/did_you_mean.ts";
import { decodeAt } from "./issues.ts";
import { assign, isTree, type Located, locatedAt, positionOf, valueAt } from "./located.ts";
import { nameFault } from "./names.ts";
import type { Path, Problem } from "./problems.ts";

const shared = ["task", "seed"] as const;

const problemAt = (tree: Located, path: Path, message: string, part: "key" | "value" = "value"): Problem => ({
  position: positionOf(tree, path, part),
  path,
  message,
});

/** (tree) ⇒ names of its axes that change the pipeline, in the order in which they are written. */
const changingAxes = (tree: Located): ReadonlyArray<string> => {
  const axes = valueAt(tree, ["axes"]);
  return isTree(axes) ? Object.keys(axes).filter((name) => !(shared as ReadonlyArray<string>).includes(name)) : [];
};

/** (axis, value) ⇒ the variant's name: k and 2 give k2, hidden and [64, 64] give hidden64-64. */
const valueName = (axis: string, value: unknown): string =>
  axis + (Array.isArray(value) ? value : [value]).map((each) => typeof each === "string" ? each : JSON.stringify(each))
    .join("-").replace(/[^A-Za-z0-9_.-]+/g, "-");

/** (axis) ⇒ its one option with the list of its values; null: it is something else. */
const valuesOf = (axis: unknown): readonly [option: string, values: ReadonlyArray<unknown>] | null => {
  if (!isTree(axis)) return null;
  const entries = Object.entries(axis);
  return entries.length === 1 && Array.isArray(entries[0][1]) ? [entries[0][0], entries[0][1]] : null;
};

/** Writes out `k: { stage.option: [2, 5] }` as the named changes that it stands for, each at the place of its value. */
const spellOut = (tree: Located, axis: string): ReadonlyArray<Problem> => {
  const path = ["axes", axis], found = valuesOf(valueAt(tree, path));
  if (found === null) return [];
  const [option, values] = found, from = [...path, option], steps = option.split(".");
  if (values.length === 0) return [problemAt(tree, from, "must list values: there is none")];
  if (steps.includes("")) return [problemAt(tree, from, "must be an option as in collect.steps", "key")];
  const names = values.map((value) => valueName(axis, value));
  const again = names.findIndex((name, i) => names.indexOf(name) < i);
  if (again >= 0) return [problemAt(tree, [...from, again], `must be another value: ${names[again]} is there already`)];
  const written = { root: structuredClone(tree.root), places: new Map(tree.places) };
  assign(tree, path, locatedAt(null, positionOf(tree, path)), []);
  assign(tree, path, locatedAt({}, positionOf(written, path, "key")), []);
  values.forEach((_, i) => {
    const at = positionOf(written, [...from, i]);
    const nested = steps.toReversed().reduce<unknown>((inner, step) => ({ [step]: inner }), null);
    assign(tree, [...path, names[i]], locatedAt({ set: nested }, at), []);
    assign(tree, [...path, names[i], "set", ...steps], written, [...from, i]);
  });
  return [];
};

/** Writes out every axis that lists values of one option. (tree) ⇒ what is wrong with those. */
export const spellOutAxes = (tree: Located): ReadonlyArray<Problem> =>
  changingAxes(tree).flatMap((axis) => spellOut(tree, axis));

const checkNames = (tree: Located, axis: string, names: ReadonlyArray<string>): ReadonlyArray<Problem> => {
  const path = ["axes", axis], own = nameFault(axis);
  if (own !== null) return [problemAt(tree, path, `must ${own}`, "key")];
  if (names.length === 0) return [problemAt(tree, path, "must name a variant: there is none")];
  return names.flatMap((name) => {
    const fault = nameFault(name);
    return fault === null ? [] : [problemAt(tree, [...path, name], `must ${fault}`, "key")];
  });
};

/** (axis that is no map) ⇒ what it must be, and which axis was probably meant. */
const noMap = (tree: Located, axis: string): Problem => {
  const meant = nearest(axis, shared);
  const hint = meant === null ? "" : `, or did you mean "${meant}"?`;
  const message = `must be a map of variants, or values of an option as in { collect.steps: [1000, 5000] }${hint}`;
  return problemAt(tree, ["axes", axis], message, meant === null ? "value" : "key");
};

const decodeAxis = <A>(schema: Schema.Codec<A, unknown>, tree: Located, axis: string) =>
  decodeAt(schema, tree, ["axes", axis]);

const readVariantAxis = (tree: Located, axis: string): Result.Result<VariantAxis, ReadonlyArray<Problem>> => {
  if (!isTree(valueAt(tree, ["axes", axis]))) return Result.fail([noMap(tree, axis)]);
  return Result.map(decodeAxis(axisSchemas.variants, tree, axis), (choices) => ({ axis, choices }));
};

/** (axes) ⇒ the number of their combinations. */
const combinations = (axes: ReadonlyArray<VariantAxis>): number =>
  axes.reduce((product, { choices }) => product * Object.keys(choices).length, 1);

const onlyVariant = "base"; // where no axis changes the pipeline

/** (axes) ⇒ their product, the last axis fastest. */
const crossed = (axes: ReadonlyArray<VariantAxis>): ReadonlyArray<Variant> => {
  const parts = axes.reduce<ReadonlyArray<ReadonlyArray<Change>>>(
    (before, { axis, choices }) =>
      before.flatMap((changes) =>
        Object.entries(choices).map(([name, says]) => [...changes, { axis, name, ...says, path: ["axes", axis, name] }])
      ),
    [[]],
  );
  return parts.map((changes) => ({
    name: changes.length === 0 ? onlyVariant : changes.map(({ name }) => name).join("-"),
    changes,
    at: changes.at(-1)?.path ?? ["axes"],
  }));
};

const seedsOf = (seeds: Seeds): ReadonlyArray<number> =>
  "from" in seeds ? Array.from({ length: seeds.count }, (_, i) => seeds.from + i) : seeds;

const tooMany = (tree: Located, cells: number): ReadonlyArray<Problem> =>
  cells <= mostCells ? [] : [problemAt(tree, ["axes"], `must make at most ${mostCells} cells: it makes ${cells}`)];

const failureOf = (read: Result.Result<unknown, ReadonlyArray<Problem>>): ReadonlyArray<Problem> =>
  Result.isFailure(read) ? read.failure : [];

/**
 * (tree, axes spelt out) ⇒ (axes), and problems of names, which keep nobody from looking for more. Fails with every problem of
 * what cannot be read, or where the product is too large to be made.
 */
export const readAxes = (
  tree: Located,
): Result.Result<{ readonly axes: Axes; readonly problems: ReadonlyArray<Problem> }, ReadonlyArray<Problem>> => {
  const variants = changingAxes(tree).map((axis) => readVariantAxis(tree, axis));
  const has = (axis: string) => valueAt(tree, ["axes", axis]) !== undefined;
  const task = has("task") ? decodeAxis(axisSchemas.task, tree, "task") : Result.succeed(undefined);
  const seed = has("seed") ? decodeAxis(axisSchemas.seed, tree, "seed") : Result.succeed([0, 1, 2, 3, 4]);
  const failures = [...variants.map(failureOf), failureOf(task), failureOf(seed)].flat();
  const changing = variants.flatMap((each) => (Result.isSuccess(each) ? [each.success] : []));
  const problems = changing.flatMap(({ axis, choices }) => checkNames(tree, axis, Object.keys(choices)));
  if (Result.isFailure(task) || Result.isFailure(seed) || failures.length > 0) {
    return Result.fail([...problems, ...failures]);
  }
  const seeds: Seeds = seed.success, count = "from" in seeds ? seeds.count : seeds.length;
  const large = tooMany(tree, combinations(changing) * count);
  if (large.length > 0) return Result.fail(large);
  const product = crossed(changing);
  const long = problems.length > 0 ? [] : product.flatMap(({ name, at }) => {
    const fault = nameFault(name);
    return fault === null ? [] : [problemAt(tree, at, `must ${fault}: together with the other axes ${name}`, "key")];
  });
  const axes = {
    ...(task.success === undefined ? {} : { task: task.success }),
    variants: product,
    seeds: seedsOf(seeds),
  };
  return Result.succeed({ axes, problems: [...problems, ...long.slice(0, 1)] });
};

/** (side of a comparison, variants) ⇒ the variants that it names: one by its whole name, or all of one change. */
const named = (side: string, variants: ReadonlyArray<Variant>): ReadonlyArray<Variant> => {
  const exact = variants.filter(({ name }) => name === side);
  return exact.length > 0 ? exact : variants.filter(({ changes }) => changes.some(({ name }) => name === side));
};

/** (two variants) ⇒ whether they differ in one axis alone. */
const neighbours = (a: Variant, b: Variant): boolean =>
  a.changes.filter((change, i) => change.name !== b.changes[i]?.name).length === 1;

const comparePath = (tree: Located, index: number): Path =>
  Array.isArray(valueAt(tree, ["compare"])) ? ["compare", index] : ["compare"];

/** (tree, pair as written, its index, variants) ⇒ the pairs that it stands for, all else equal; or what is wrong with it. */
const expandPair = (
  tree: Located,
  pair: Comparison,
  index: number,
  variants: ReadonlyArray<Variant>,
): Result.Result<ReadonlyArray<Comparison>, ReadonlyArray<Problem>> => {
  const at = comparePath(tree, index);
  const known = [...new Set(variants.flatMap(({ name, changes }) => [name, ...changes.map((change) => change.name)]))];
  const unknown = (["of", "with"] as const).flatMap((side) =>
    named(pair[side], variants).length > 0
      ? []
      : [problemAt(tree, [...at, side], `unknown variant "${pair[side]}", ${didYouMean(pair[side], known)}`)]
  );
  const same = pair.of === pair.with ? [problemAt(tree, at, "must be two variants: they are the same")] : [];
  if (unknown.length + same.length > 0) return Result.fail([...unknown, ...same]);
  const first = named(pair.of, variants), second = named(pair.with, variants);
  if (first.length === 1 && second.length === 1) return Result.succeed([{ of: first[0].name, with: second[0].name }]);
  const pairs = first.flatMap((of) =>
    second.filter((other) => neighbours(of, other)).map((other) => ({ of: of.name, with: other.name }))
  );
  return pairs.length > 0
    ? Result.succeed(pairs)
    : Result.fail([problemAt(tree, at, "must be two values of one axis, or two whole variants")]);
};

/** (tree, pairs as written, variants) ⇒ (pairs of variants, problems). */
export const expandPairs = (tree: Located, pairs: ReadonlyArray<Comparison>, variants: ReadonlyArray<Variant>) => {
  const expanded = pairs.map((pair, i) => expandPair(tree, pair, i, variants));
  return {
    compare: expanded.flatMap((each) => (Result.isSuccess(each) ? each.success : [])),
    problems: expanded.flatMap((each) => (Result.isFailure(each) ? each.failure : [])),
  };
};
