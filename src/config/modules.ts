/**
 * Modules of one's own: imported, and their definitions beside the built-in ones.
 *
 * A module is imported once in a process, as the runtime does; what it defines is found here by its name in `use`.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { statSync } from "node:fs";
import { dirname, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { type Estimators, isEstimator } from "../estimators/estimator.ts";
import { type AnyStageDefinition, isStageDefinition } from "../stages/stage.ts";
import { loadMujoco } from "../mujoco/engine.ts";
import { isTask } from "../tasks/define_task.ts";
import { namesOfTasks } from "../tasks/task_names.ts";
import { type Task, withModules } from "../tasks/task.ts";
import { placeOf } from "../tasks/thrown.ts";
import type { Catalog } from "./catalog.ts";
import { completed } from "./completed.ts";
import { type ModuleFile, moduleGraph } from "./module_graph.ts";
import type { Problem } from "./problems.ts";
import { isRobot, madeRobot } from "./robot_in_pipeline.ts";
import type { Use } from "./uses.ts";

/** What a module defines, by kind and name. */
interface Definitions {
  readonly stages: Readonly<Record<string, AnyStageDefinition>>;
  readonly tasks: Readonly<Record<string, Task>>;
  readonly estimators: Estimators;
}

interface LoadedModule extends Definitions {
  readonly files: ReadonlyArray<ModuleFile>;
}

const loaded = new Map<string, LoadedModule>(); // by module: a cache, as the runtime's own

const isPackage = (module: string): boolean => module.startsWith("npm:");

/** (module) ⇒ the address that it is imported by. */
export const addressOf = (module: string): string => isPackage(module) ? module : pathToFileURL(module).href;

const definitionsIn = (exports: Readonly<Record<string, unknown>>): Definitions => {
  const values = [...new Set(Object.values(exports))];
  return {
    stages: Object.fromEntries(values.filter(isStageDefinition).map((each) => [each.stageName, each])),
    tasks: Object.fromEntries(values.filter(isTask).map((each) => [each.name, each])),
    estimators: Object.fromEntries(values.filter(isEstimator).map((each) => [each.name, each])),
  };
};

const kinds = ["stages", "tasks", "estimators"] as const;

/** (what was thrown) ⇒ what it says, and where it was thrown, on one line. */
const describe = (thrown: unknown): string => {
  if (!(thrown instanceof Error)) return String(thrown);
  const [line] = thrown.message.split("\n");
  if (thrown.name === "NotCapable") return line; // of the sandbox, which has words of its own for it
  const place = placeOf(thrown.stack ?? "");
  return `${thrown.name}: ${line}${place === null || line.includes(place) ? "" : ` (at ${place})`}`;
};

const missing = (module: string): boolean =>
  !isPackage(module) && statSync(module, { throwIfNoEntry: false })?.isFile() !== true;

/** (module) ⇒ what it defines, or why it defines nothing. */
const importModule = async (module: string): Promise<LoadedModule | string> => {
  if (isRobot(module)) return loadMujoco().then(() => nothing); // robots are made anew where they are asked for
  if (missing(module)) return `there is no file ${module}`;
  if (/\.ya?ml$/i.test(module)) {
    return 'it is a file of a pipeline or an ablation: name the modules that stand in its "use" instead';
  }
  const exports = await import(addressOf(module));
  const found = definitionsIn(exports);
  if (kinds.every((kind) => Object.keys(found[kind]).length === 0)) {
    const names = Object.keys(exports);
    return "it exports nothing that defineTask, defineEstimator or defineStage made" +
      (names.length === 0 ? "" : ` (it exports ${names.join(", ")})`);
  }
  return { ...found, files: isPackage(module) ? [] : await moduleGraph(module) };
};

const nothing: LoadedModule = { stages: {}, tasks: {}, estimators: {}, files: [] };

/** (module) ⇒ what it is known to define. */
const known = (module: string): LoadedModule | undefined => {
  if (!isRobot(module)) return loaded.get(module);
  const robot = madeRobot(module);
  return robot === null ? undefined : { ...nothing, tasks: { [robot.task.name]: robot.task }, files: robot.files };
};

/** (uses) ⇒ whether each of them is loaded. */
export const areLoaded = (uses: ReadonlyArray<Use>): boolean => uses.every(({ module }) => loaded.has(module));

/** (uses) ⇒ nothing, once each is imported. Fails: with what is wrong with each; synchronous where there is nothing to do. */
export const loadModules = (uses: ReadonlyArray<Use>): Effect.Effect<void, ReadonlyArray<Problem>> => {
  const fresh = uses.filter(({ module }) => !loaded.has(module));
  if (fresh.length === 0) return Effect.void;
  return Effect.gen(function* () {
    const problems: Problem[] = [];
    for (const { module, position, path } of fresh) {
      const found = yield* Effect.promise(() => importModule(module).catch(describe));
      if (typeof found !== "string") loaded.set(module, found);
      else problems.push({ position, path, message: `must be a module with definitions: ${found}` });
    }
    if (problems.length > 0) return yield* Effect.fail(problems);
  });
};

/** A name that is taken twice. */
export interface Clash {
  readonly module: string;
  /** Of stages, for instance. */
  readonly kind: string;
  readonly name: string;
  /** Who else has it: a module, or null where it is built in. */
  readonly other: string | null;
}

/** (catalog, modules) ⇒ the catalog, completed, with what they define beside its own; the modules have been loaded. */
export const extend = (catalog: Catalog, use: ReadonlyArray<string>): Catalog => {
  if (use.length === 0) return completed(catalog);
  const stages = { ...catalog.stages }, tasks = { ...catalog.tasks }, estimators = { ...catalog.estimators };
  for (const module of use) {
    const found = known(module);
    Object.assign(stages, found?.stages);
    Object.assign(estimators, found?.estimators);
    for (const task of Object.values(found?.tasks ?? {})) {
      tasks[task.name] = isRobot(module) ? task : withModules(task, [addressOf(module)]); // so that workers find it
    }
  }
  return completed({ ...catalog, stages, tasks, estimators });
};

/** (module, definition of a catalog) ⇒ whether that is a task which workers find in the module. */
const isFrom = (module: string, value: unknown): boolean =>
  isTask(value) && (value.modules ?? []).includes(addressOf(module));

/** (catalog, modules) ⇒ names that more than one of them defines, or that are built in. */
export const clashes = (catalog: Catalog, use: ReadonlyArray<string>): ReadonlyArray<Clash> => {
  const found: Clash[] = [];
  for (const kind of kinds) {
    const owners = new Map<string, { readonly value: unknown; readonly module: string | null }>();
    for (const [name, value] of Object.entries(catalog[kind])) owners.set(name, { value, module: null });
    if (kind === "tasks") {
      for (const id of namesOfTasks(catalog.tasks)) if (!owners.has(id)) owners.set(id, { value: id, module: null });
    }
    for (const module of use) {
      for (const [name, value] of Object.entries(known(module)?.[kind] ?? {})) {
        const owner = owners.get(name);
        if (owner === undefined) owners.set(name, { value, module });
        else if (owner.value !== value && !isFrom(module, owner.value)) {
          found.push({ module, kind, name, other: owner.module });
        }
      }
    }
  }
  return found;
};

/** A local file of the modules that a pipeline uses. */
export interface SourceFile extends ModuleFile {
  /** Path below the folder that all of them share. */
  readonly name: string;
}

const sharedFolder = (paths: ReadonlyArray<string>): string => {
  let folder = dirname(paths[0]);
  while (!paths.every((path) => path.startsWith(folder === "/" ? "/" : `${folder}/`))) folder = dirname(folder);
  return folder;
};

/** (modules) ⇒ the local files that they are made of, each once, by name; the modules have been loaded. */
export const sourceFiles = (use: ReadonlyArray<string>): ReadonlyArray<SourceFile> => {
  const files = new Map(use.flatMap((module) => known(module)?.files ?? []).map((file) => [file.path, file]));
  if (files.size === 0) return [];
  const folder = sharedFolder([...files.keys()]);
  const named = [...files.values()].map((file) => ({
    ...file,
    name: relative(folder, file.path).replaceAll("\\", "/"),
  }));
  return named.sort((a, b) => (a.name < b.name ? -1 : 1));
};

/** (modules) ⇒ SHA-256 of their files by name. */
export const hashesOf = (use: ReadonlyArray<string>): Readonly<Record<string, string>> =>
  Object.fromEntries(sourceFiles(use).map(({ name, sha256 }) => [name, sha256]));

/** (hashes that were recorded, modules) ⇒ names of files that are others now, or no longer or newly there. */
export const changedSources = (
  recorded: Readonly<Record<string, string>>,
  use: ReadonlyArray<string>,
): ReadonlyArray<string> => {
  const now = hashesOf(use);
  return [...new Set([...Object.keys(recorded), ...Object.keys(now)])].filter((name) => recorded[name] !== now[name])
    .sort();
};
