/**
 * What a new run can be made from: a pipeline file, a pipeline that is resolved already, or a program.
 * (source, engine) ⇒ (pipeline, engine)
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Result from "effect/Result";
import type { Catalog } from "../config/catalog.ts";
import { completed } from "../config/completed.ts";
import type { Estimators } from "../estimators/estimator.ts";
import { estimatorsOf } from "../stages/estimate_gradient.ts";
import { locatedAt } from "../config/located.ts";
import type { EvaluationPlan, Networks, Pipeline, SimulatorOptions } from "../config/pipeline.ts";
import { asWritten } from "../config/print.ts";
import { extend, loadModules } from "../config/modules.ts";
import { type ConfigInvalid, configInvalid, type Problem } from "../config/problems.ts";
import { decodeSource, resolvePipeline } from "../config/resolve.ts";
import { applyOverride } from "../config/sources.ts";
import { usesOf } from "../config/uses.ts";
import { UsageInvalid } from "../config/usage.ts";
import type { Program, ProgramStage } from "../program/program.ts";
import type { StageOrigin, StageServices } from "../stages/stage.ts";
import type { Simulation } from "../tasks/simulation.ts";
import type { Task } from "../tasks/task.ts";
import { optionsOf, withoutOptions, withTaskOptions } from "../tasks/task_options.ts";
import type { NewRun } from "./begin_run.ts";
import type { Engine } from "./engine.ts";

/** What a pipeline says beside its task and its stages; what is not given is as in a file that does not say it. */
export interface RunKeys {
  /** Default: the name of the run's folder. */
  readonly name?: string;
  /** Root of all randomness; default: 0. */
  readonly seed?: number;
  /** Iterations in total; default: 100. */
  readonly iterations?: number;
  /** Return at which the task counts as solved; default: the task's own. */
  readonly threshold?: number;
  /** Shapes and first values of the networks. */
  readonly networks?: {
    readonly policy?: Partial<Networks["policy"]>;
    readonly value?: Partial<Networks["value"]>;
    readonly model?: Partial<Networks["model"]>;
  };
  /** Iterations between two checkpoints, and how many stay; default: 10 and 3. */
  readonly checkpoint?: Partial<Pipeline["checkpoint"]>;
  /** Iterations between two evaluations, episodes of each, and how they act (10, 10, mean); default: none. */
  readonly evaluation?: Partial<EvaluationPlan>;
}

/** A pipeline for a new run; keys that are given beside it take the place of its own. */
export interface PipelineSource extends RunKeys {
  /** Path of a file, or a pipeline without a gap. */
  readonly pipeline: string | Pipeline;
  /** Changes, as `stage.option=value` or `key=value`; default: none. */
  readonly set?: ReadonlyArray<string>;
}

/**
 * A program for a new run. Its stages are those of definitions (`defineStage`), made on `task`; they are made anew from
 * definition and options, as `pipeline.yaml` then says and every resume does.
 */
export interface ProgramSource extends RunKeys {
  /** What the program acts in; its name and its options are written down. */
  readonly task: Task;
  /** As `program` composes it. */
  readonly program: Program<unknown, StageServices>;
  /**
   * Files (`./mine.ts` from the working directory, or `import.meta.resolve("./mine.ts")`) and `npm:` packages that export
   * what the program has of one's own. Written down, so that every command finds it; default: none.
   */
  readonly use?: ReadonlyArray<string>;
}

const invalid = (message: string): Effect.Effect<never, UsageInvalid> => Effect.fail(new UsageInvalid({ message }));

const caller = "trainRun"; // where errors say that keys and options stand

/** (keys and stages as a file would hold them, changes, name where they have none, engine) ⇒ the pipeline without a gap. */
const decode = (
  written: Readonly<Record<string, unknown>>,
  set: ReadonlyArray<string>,
  name: string,
  { catalog }: Engine,
): Effect.Effect<Pipeline, ConfigInvalid> => {
  const tree = locatedAt(structuredClone(written), { source: caller, line: 0, column: 0 });
  const problems = set.flatMap((override) => applyOverride(tree, override, catalog));
  return Result.match(decodeSource({ tree, problems, readable: true }, name, catalog), {
    onSuccess: (pipeline) => Effect.succeed(pipeline),
    onFailure: (problems) => Effect.fail(configInvalid(caller, "a pipeline", problems)),
  });
};

/** (keys) ⇒ changes that give them. */
const asOverrides = (keys: RunKeys): ReadonlyArray<string> =>
  Object.entries(keys).map(([name, value]) => `${name}=${JSON.stringify(value)}`);

/** Where the stages of a program come from, in order. Fails: UsageInvalid where one was made by hand, or on another task. */
const originsOf = Effect.fnUntraced(
  function* (task: Task, stages: ReadonlyArray<ProgramStage<unknown, StageServices>>) {
    const origins: Array<StageOrigin> = [];
    for (const { name, origin } of stages) {
      if (origin === undefined) {
        return yield* invalid(
          `Cannot train this program as every stage must be made by a definition, so that its run can be written down ` +
            `and opened again: stage "${name}" is made by hand (make it by defineStage)`,
        );
      }
      if (origin.task !== task) {
        return yield* invalid(
          `Cannot train this program on task "${task.name}" as its stages must be made on that very task: ` +
            `stage "${name}" is made on another, "${origin.task.name}"`,
        );
      }
      origins.push(origin);
    }
    return origins;
  },
);

/** (task, task) ⇒ whether they are the same, wherever workers find them. */
const isSameTask = (a: Task, b: Task): boolean =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) =>
    key === "modules" || key === "exported" || Object.is(a[key as keyof Task], b[key as keyof Task])
  );

/** (task of a catalog, options, task) ⇒ whether it is the same with these options; one that refuses them is another. */
const isWith = (there: Task, options: Pipeline["taskOptions"], task: Task): boolean => {
  try {
    return isSameTask(withTaskOptions(there, options), task);
  } catch {
    return false;
  }
};

/** (task, its options, catalog) ⇒ the catalog with the task; one of that name must be the same. */
const withTask = (task: Task, options: Pipeline["taskOptions"], catalog: Catalog) => {
  const { name } = task, there = Object.hasOwn(catalog.tasks, name) ? catalog.tasks[name] : undefined;
  if (there === undefined) {
    return Effect.succeed({ ...catalog, tasks: { ...catalog.tasks, [name]: withoutOptions(task) } });
  }
  return isWith(there, options, task)
    ? Effect.succeed(catalog)
    : invalid(`Cannot train on task "${name}" as it must be the catalog's of that name: it is another`);
};

/** (estimators of one's own, those of the catalog) ⇒ whether none of them takes the name of another. */
const isBeside = (own: Estimators, known: Estimators): boolean =>
  Object.entries(own).every(([name, estimator]) => !Object.hasOwn(known, name) || known[name] === estimator);

/** (origins, catalog) ⇒ the catalog with the estimators that they choose among. */
const withOwnEstimators = (origins: ReadonlyArray<StageOrigin>, catalog: Catalog): Catalog => {
  const own = origins.map(({ definition }) => estimatorsOf(definition)).filter((each) => each !== null)
    .filter((each) => isBeside(each, catalog.estimators));
  return completed({ ...catalog, estimators: Object.assign({}, catalog.estimators, ...own) });
};

/** (origins, catalog) ⇒ the catalog with their definitions; one of that name must be the same. */
const withDefinitions = Effect.fnUntraced(function* (origins: ReadonlyArray<StageOrigin>, catalog: Catalog) {
  const stages = { ...catalog.stages };
  for (const { definition } of origins) {
    const name = definition.stageName, own = estimatorsOf(definition);
    if (own !== null && isBeside(own, catalog.estimators)) continue; // the catalog's stage chooses among them as well
    if (Object.hasOwn(stages, name) && stages[name] !== definition) {
      return yield* invalid(
        `Cannot train this program as stage "${name}" must be the catalog's of that name: ` +
          "it is made by another definition",
      );
    }
    stages[name] = definition;
  }
  return { ...catalog, stages };
});

/** (modules as a program names them) ⇒ the modules, loaded. Fails: ConfigInvalid with what is wrong with each. */
const loadUsed = Effect.fnUntraced(function* (use: ReadonlyArray<string>) {
  const { uses, problems } = usesOf(locatedAt({ use }, { source: caller, line: 0, column: 0 }), caller);
  const told = (problems: ReadonlyArray<Problem>) => configInvalid(caller, "a pipeline", problems);
  if (problems.length > 0) return yield* Effect.fail(told(problems));
  yield* Effect.mapError(loadModules(uses), told);
  return uses.map(({ module }) => module);
});

/** (what imagines the task, catalog) ⇒ it as `networks.model` says it. Fails: UsageInvalid where no file could. */
const asNetwork = ({ real, of, names, factors }: Simulation, { tasks }: Catalog) => {
  const physics = Object.fromEntries(names.map((name, i) => [name, factors[i]]));
  const own = of === real, there = Object.hasOwn(tasks, of.name) ? tasks[of.name] : of;
  if (!own && (of.name === real.name || !isSameTask(there, of))) {
    return invalid(
      `Cannot train on task "${real.name}" as the task whose simulator imagines it must be another one of the catalog, with ` +
        `the options of its definition: "${of.name}" is not`,
    );
  }
  return Effect.succeed<SimulatorOptions>({ kind: "simulator", ...(own ? {} : { task: of.name }), physics });
};

const resolveProgram = Effect.fnUntraced(function* (
  { task, program: { stages }, use: named = [], ...keys }: ProgramSource,
  name: string,
  engine: Engine,
): Effect.fn.Return<NewRun, ConfigInvalid | UsageInvalid> {
  const origins = yield* originsOf(task, stages), { simulation } = task.imagined, real = simulation?.real ?? task;
  const taskOptions = optionsOf(real), use = yield* loadUsed(named);
  const withReal = yield* withTask(real, taskOptions, extend(engine.catalog, use));
  const model = simulation === undefined ? null : yield* asNetwork(simulation, withReal);
  const withOwn = model === null ? withReal : yield* withTask(simulation!.of, optionsOf(simulation!.of), withReal);
  const extended = { ...engine, catalog: yield* withDefinitions(origins, withOwnEstimators(origins, withOwn)) };
  const program = origins.map(({ definition, options }) => ({ [definition.stageName]: options }));
  const networks = model === null ? {} : { networks: { ...keys.networks, model } };
  const written = { ...keys, ...networks, ...(use.length === 0 ? {} : { use }), task: task.name, taskOptions, program };
  return { pipeline: yield* decode(written, [], name, extended), engine: extended };
});

/**
 * (source, name where it has none, engine) ⇒ what a new run is made from.
 *
 * Fails: ConfigInvalid with every problem of the keys, options and order; UsageInvalid where a program cannot be written as
 * a pipeline.
 */
export const resolveSource = (
  source: PipelineSource | ProgramSource,
  name: string,
  engine: Engine,
): Effect.Effect<NewRun, ConfigInvalid | UsageInvalid> => {
  if ("program" in source) return resolveProgram(source, name, engine);
  const { pipeline, set = [], ...keys } = source, overrides = [...set, ...asOverrides(keys)];
  const resolved = typeof pipeline === "string"
    ? resolvePipeline(pipeline, overrides, engine.catalog)
    : decode(asWritten(pipeline), overrides, name, engine);
  return Effect.map(resolved, (found) => ({ pipeline: found, engine }));
};
