/**
 * Files and overrides ⇒ one tree: `extends` one level deep, then `set`, then `--set`.
 *
 * @module
 */
import { dirname, relative, resolve } from "node:path";
import type { Catalog } from "./catalog.ts";
import { didYouMean } from "../options/did_you_mean.ts";
import { assign, isTree, keyOf, type Located, locatedAt, movedTo, positionOf, showAt, valueAt } from "./located.ts";
import { extend } from "./modules.ts";
import { parseLocated } from "./parse_yaml.ts";
import { pipelineSchema } from "./pipeline.ts";
import type { Path, Position, Problem } from "./problems.ts";
import { readTree, type Source } from "./read_tree.ts";
import { isRobot, locateRobot, robotModuleIn } from "./robot_in_pipeline.ts";
import { leaveForeign } from "./tagged_options.ts";
import { leaveForeignOptions } from "./task_in_pipeline.ts";
import { type Use, usesOf } from "./uses.ts";

/** A value for `--set`: `trpoUpdate.maxKl=0.02`, the right side in YAML. */
export type Override = string;

/** Top-level keys that a pipeline may hold once it is merged. */
export const topLevelKeys: ReadonlyArray<string> = Object.keys(pipelineSchema.fields);

/** Those of them that `set` may change: modules are those of the files. */
const changeableKeys = topLevelKeys.filter((key) => key !== "use" && key !== "sources");

/** (tree) ⇒ the modules that it uses, once `use` holds them as `withUses` writes it, and its robot. */
export const usedIn = (tree: Located): ReadonlyArray<string> => {
  const use = valueAt(tree, ["use"]), robot = robotModuleIn(tree);
  const modules = Array.isArray(use) ? use.filter((each): each is string => typeof each === "string") : [];
  return robot === null ? modules : [...modules, robot];
};

/** Writes modules over the `use` of a tree, each once and with its place. */
export const withUses = (tree: Located, uses: ReadonlyArray<Use>): void => {
  const modules = uses.filter(({ module }) => !isRobot(module)); // a robot is where the task is said
  const each = [...new Map(modules.map((use) => [use.module, use])).values()];
  if (each.length === 0) return withoutKeys(tree, ["use"]);
  assign(tree, ["use"], locatedAt(each.map(({ module }) => module), each[0].position), []);
  each.forEach(({ position }, i) => tree.places.set(keyOf(["use", i]), { key: position, value: position }));
};

/** `- collect` and `- collect:` are short for `- collect: {}`. */
const spellOutStages = (tree: Located): void => {
  const program = valueAt(tree, ["program"]);
  if (!Array.isArray(program)) return;
  program.forEach((item, i) => {
    if (typeof item === "string") {
      const position = positionOf(tree, ["program", i]);
      program[i] = { [item]: {} };
      assign(tree, ["program", i, item], locatedAt({}, position), []);
    }
    if (isTree(item)) { for (const name of Object.keys(item)) item[name] ??= {}; }
  });
};

const readFile = (file: string): Source => {
  const source = readTree(file, "task and program");
  spellOutStages(source.tree);
  locateRobot(source.tree, file);
  return source;
};

const stagePaths = (tree: Located, stage: string): ReadonlyArray<ReadonlyArray<string | number>> => {
  const program = valueAt(tree, ["program"]);
  if (!Array.isArray(program)) return [];
  return program.flatMap((item, i) => (isTree(item) && Object.hasOwn(item, stage) ? [["program", i, stage]] : []));
};

/** Writes every key of the map at `path` of `changes` over the stages of that name, or over the top-level key of that name. */
export const applySet = (
  tree: Located,
  changes: Located,
  path: Path,
  catalog: Catalog,
): ReadonlyArray<Problem> => {
  const { stages } = catalog, problems: Array<Problem> = [];
  const set = valueAt(changes, path);
  if (!isTree(set)) {
    return [{ position: positionOf(changes, path), path, message: "must be a map of stages or top-level keys" }];
  }
  if (Object.hasOwn(set, "task")) leaveForeignOptions(tree, set.task, catalog);
  for (const name of Object.keys(set)) {
    const from = [...path, name];
    const isStage = Object.hasOwn(stages, name);
    const targets = isStage ? stagePaths(tree, name) : changeableKeys.includes(name) ? [[name]] : null;
    const problem = (message: string): Problem => ({ position: positionOf(changes, from, "key"), path: from, message });
    if (targets === null) {
      problems.push(
        problem(`unknown stage or key "${name}", ${didYouMean(name, [...Object.keys(stages), ...changeableKeys])}`),
      );
    } else if (targets.length === 0) {
      problems.push(problem(`must be a stage of this program: it holds no "${name}"`));
    } else if (isStage && !isTree(set[name])) {
      problems.push(problem("must be a map of options, or one option as in collect.steps"));
    } else {
      const tagged = isStage ? stages[name].tagged : undefined;
      for (const target of targets) {
        if (tagged !== undefined) {
          const position = positionOf(changes, [...from, tagged.tag]);
          leaveForeign(tree, target, { options: set[name], position, path: from }, tagged);
        }
        assign(tree, target, changes, from);
      }
    }
  }
  return problems;
};

const withoutKeys = (tree: Located, keys: ReadonlyArray<string>): void => {
  for (const key of keys) delete (tree.root as Record<string, unknown>)[key];
};

/** (file, the file that extends it or null) ⇒ its tree with `extends` and `set` worked in. */
export const readMerged = (file: string, extendedBy: string | null, catalog: Catalog): Source => {
  const own = readFile(file);
  const { uses, problems: useProblems } = usesOf(own.tree, file);
  const problems = [...own.problems, ...useProblems];
  const base = valueAt(own.tree, ["extends"]);
  const position = positionOf(own.tree, ["extends"]);
  const refuse = (message: string) => problems.push({ position, path: ["extends"], message });
  let tree = own.tree;
  let readable = own.readable;
  const basePath = typeof base === "string" ? resolve(dirname(file), base) : null;
  if (base !== undefined && basePath === null) {
    refuse(`must be the path of a file: current value is ${showAt(own.tree, ["extends"])}`);
  } else if (basePath !== null && (basePath === resolve(file) || basePath === extendedBy)) {
    refuse(`must not lead back to a file that extends this one: current value is ${base}, a cycle`);
  } else if (basePath !== null && extendedBy !== null) {
    refuse(`must not be used in a file that is extended itself: ${relative(".", extendedBy)} extends this one`);
  } else if (basePath !== null) {
    const merged = readMerged(basePath, resolve(file), catalog);
    problems.push(...merged.problems.map((p) => relocateMissing(p, basePath, position, ["extends"])));
    tree = merged.tree;
    readable = readable && merged.readable;
    const changes: Located = { root: { ...(own.tree.root as object) }, places: own.tree.places };
    const before = usesOf(tree, basePath).uses;
    withoutKeys(changes, ["extends", "set", "use"]);
    leaveForeignOptions(
      tree,
      valueAt(changes, ["task"]),
      extend(catalog, [...before, ...uses].map(({ module }) => module)),
    );
    assign(tree, [], changes, []);
    withUses(tree, [...before, ...uses]);
    tree.places.set("[]", own.tree.places.get("[]")!);
  }
  if (tree === own.tree && useProblems.length === 0) withUses(tree, uses);
  const known = extend(catalog, usedIn(tree));
  if (valueAt(own.tree, ["set"]) !== undefined) {
    problems.push(
      ...applySet(tree, { root: structuredClone(own.tree.root), places: new Map(own.tree.places) }, ["set"], known),
    );
  }
  withoutKeys(tree, ["extends", "set"]);
  return { tree, problems, readable };
};

/** A base file that cannot be read is the fault of the line that names it, which stands at `position` and `path`. */
export const relocateMissing = (problem: Problem, base: string, position: Position, path: Path): Problem =>
  problem.position.line === 0 && problem.position.source === relative(".", base)
    ? { position, path, message: `${problem.message} (${problem.position.source})` }
    : problem;

/** (tree, override, catalog) ⇒ what is wrong with it; writes it over the tree. */
export const applyOverride = (tree: Located, override: Override, catalog: Catalog): ReadonlyArray<Problem> => {
  const position = { source: `--set ${override}`, line: 0, column: 0 };
  const equals = override.indexOf("=");
  const path = override.slice(0, equals).split(".");
  if (equals < 1 || path.some((step) => step === "")) {
    return [{ position, path: [], message: "must look like stage.option=value or key=value" }];
  }
  const { tree: value, problems } = parseLocated(override.slice(equals + 1), position.source);
  if (problems.length > 0) return problems.map((problem) => ({ ...problem, position, path }));
  const nested = path.reduceRight<Located>((inner, step) => movedTo(inner, step, position), value);
  return applySet(tree, nested, [], extend(catalog, usedIn(tree)));
};

/** (override, catalog) ⇒ whether it says which options a stage, or the task, has. */
const choosesTag = (override: Override, { stages }: Catalog): boolean => {
  const [stage, option] = override.slice(0, override.indexOf("=")).split(".");
  if (stage === "task") return true;
  return Object.hasOwn(stages, stage) && stages[stage].tagged !== undefined && stages[stage].tagged.tag === option;
};

/** (file, overrides, catalog) ⇒ the merged tree and what is wrong so far. */
export const readSources = (file: string, overrides: ReadonlyArray<Override>, catalog: Catalog): Source => {
  const { tree, problems, readable } = readMerged(file, null, catalog);
  const choosing = overrides.filter((override) => choosesTag(override, catalog)); // first, as they decide what others may say
  const ordered = [...choosing, ...overrides.filter((override) => !choosing.includes(override))];
  const fromOverrides = readable ? ordered.flatMap((override) => applyOverride(tree, override, catalog)) : [];
  return { tree, problems: [...problems, ...fromOverrides], readable };
};
