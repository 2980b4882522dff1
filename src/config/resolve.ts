/**
 * Pipeline files, from text to a resolved pipeline.
 * (file, overrides, catalog) ⇒ (pipeline)
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Result from "effect/Result";
import * as Schema from "effect/Schema";
import { fold, type Key } from "../math/random.ts";
import { checkFlow, ownSlots } from "../program/flow_check.ts";
import { heldOutByDefault } from "../stages/fit_members.ts";
import type { SlotDefinition } from "../stages/slot.ts";
import { type AnyStage, type AnyStageDefinition, optionsFor, tagOf, type TrainState } from "../stages/stage.ts";
import type { Task } from "../tasks/task.ts";
import { optionsOf } from "../tasks/task_options.ts";
import { needsPreparation, prepareTask, type TaskUnprepared } from "../tasks/prepare.ts";
import type { Catalog } from "./catalog.ts";
import { completed } from "./completed.ts";
import { unknownName } from "../options/did_you_mean.ts";
import { idleFactors } from "./idle_factors.ts";
import { decodeAt } from "./issues.ts";
import { isTree, type Located, positionOf, showAt, valueAt } from "./located.ts";
import { nameOf } from "./names.ts";
import { type Pipeline, pipelineSchema, type PipelineStage, simulatedPipelineSchema } from "./pipeline.ts";
import { type ConfigInvalid, configInvalid, type Path, type Problem, told } from "./problems.ts";
import { areLoaded, clashes, extend, hashesOf, loadModules } from "./modules.ts";
import type { Source } from "./read_tree.ts";
import { type Override, readSources, usedIn } from "./sources.ts";
import { unknownOption, unknownTag } from "./tagged_options.ts";
import { isSimulated, simulatedIn, writtenOut } from "./simulator_in_pipeline.ts";
import { taskIn, taskOf } from "./task_in_pipeline.ts";
import { isRobot, robotModule } from "./robot_in_pipeline.ts";
import { usesOf } from "./uses.ts";

interface Checked<A> {
  readonly value: A | null;
  readonly problems: ReadonlyArray<Problem>;
}

const refuse = (tree: Located, path: Path, message: string, part: "key" | "value" = "value"): Checked<never> => ({
  value: null,
  problems: [{ position: positionOf(tree, path, part), path, message }],
});

/** (definition, options as given) ⇒ whether they say which options there are. */
const tagKnown = ({ tagged }: AnyStageDefinition, given: unknown): boolean =>
  tagged === undefined || Object.hasOwn(tagged.variants, String(tagOf(tagged, given)));

/** One entry of `program`: its name, and its options with the defaults written out. */
const checkStage = (tree: Located, index: number, { stages }: Catalog): Checked<PipelineStage> => {
  const item = valueAt(tree, ["program", index]);
  const names = isTree(item) ? Object.keys(item) : [];
  if (names.length !== 1) {
    return refuse(tree, ["program", index], 'must be one stage with its options, as in "collect: { steps: 5000 }"');
  }
  const [stage] = names;
  const path = ["program", index, stage];
  const definition = Object.hasOwn(stages, stage) ? stages[stage] : undefined;
  if (definition === undefined) {
    return refuse(tree, path, unknownName("stage", stage, Object.keys(stages)), "key");
  }
  const given = valueAt(tree, path), { tagged } = definition;
  const fault = tagged === undefined ? null : unknownTag(tagged, given, showAt(tree, [...path, tagged.tag]));
  if (fault !== null) return refuse(tree, [...path, tagged!.tag], fault);
  const schema = optionsFor(definition, given) as Schema.Codec<unknown, unknown>;
  const words = tagged === undefined ? undefined : unknownOption(tagged, given);
  return Result.match(decodeAt(schema, tree, path, words), {
    onSuccess: (options) => ({
      value: { stage, options: Schema.encodeSync(schema)(options) as PipelineStage["options"] },
      problems: [],
    }),
    onFailure: (problems) => ({ value: null, problems }),
  });
};

/** Stochastic dynamics are fitted on single steps: a fit that is asked to look further is refused. */
const checkLatent = (
  tree: Located,
  { networks: { model } }: Pick<Pipeline, "networks">,
  stages: ReadonlyArray<PipelineStage | null>,
): ReadonlyArray<Problem> =>
  model.kind === "simulator" || model.latent === 0 ? [] : stages.flatMap((stage, i) => {
    if (stage === null || !["fitModel", "pretrainModel"].includes(stage.stage) || stage.options.horizon === 1) {
      return [];
    }
    const message =
      "must be 1 where networks.model.latent is not 0, as stochastic dynamics are fitted on single steps: " +
      `current value is ${showAt(tree, ["program", i, stage.stage, "horizon"])}`;
    return refuse(tree, ["program", i, stage.stage, "horizon"], message).problems;
  });

/**
 * The share of each batch that a fit holds out, and the rest, are whole steps of its environments: at least one each. The
 * default holds out nothing where there are fewer.
 */
const checkHeldOut = (tree: Located, stages: ReadonlyArray<PipelineStage | null>): ReadonlyArray<Problem> => {
  const batches = stages.filter((stage) => stage?.stage === "collect").map((stage) =>
    stage!.options as unknown as Collected
  );
  if (batches.length === 0) return []; // the flow check says so
  const steps = Math.min(...batches.map(({ steps, environments }) => steps / environments));
  return stages.flatMap((stage, i) => {
    const at = ["program", i, "fitModel", "heldOut"];
    const heldOut = stage?.stage === "fitModel" ? Number(stage.options.heldOut) : 0;
    const seen = Math.floor((1 - heldOut) * steps);
    if (heldOut === 0 || heldOut === heldOutByDefault || (seen >= 1 && seen < steps)) return [];
    const message = `must leave a step and hold one out of the ${steps} that an environment takes in a batch: ` +
      `current value is ${showAt(tree, at)}`;
    return refuse(tree, at, message).problems;
  });
};

interface Collected {
  readonly steps: number;
  readonly environments: number;
}

/** (definition, options as given) ⇒ those that a stage with bad options takes part with: its defaults, of the tag that it has. */
const standIn = ({ tagged }: AnyStageDefinition, given: unknown): object =>
  tagged === undefined ? {} : { [tagged.tag]: tagOf(tagged, given) };

/** Makes the stages and checks their order; a stage with bad options takes part with its defaults, where these can be made. */
const checkOrder = (
  tree: Located,
  stageNames: ReadonlyArray<string>,
  options: ReadonlyArray<PipelineStage | null>,
  task: Task,
  catalog: Catalog,
): ReadonlyArray<Problem> => {
  const problems: Array<Problem> = [];
  const stages = stageNames.map((name, i): AnyStage | null => {
    try {
      const definition = catalog.stages[name];
      return definition(task, options[i]?.options ?? standIn(definition, valueAt(tree, ["program", i, name])));
    } catch (error) {
      if (options[i] !== null) {
        problems.push(...refuse(tree, ["program", i, name], (error as Error).message, "key").problems);
      }
      return null;
    }
  });
  if (stages.some((stage) => stage === null)) return problems;
  return checkFlow(stages as ReadonlyArray<AnyStage>).map((flaw): Problem => {
    const path = flaw.stage === "" ? ["program"] : ["program", flaw.position, flaw.stage];
    return { position: positionOf(tree, path, "key"), path, message: flaw.message };
  });
};

/** Every name that a module defines is new. */
const checkNames = (tree: Located, builtIn: Catalog): ReadonlyArray<Problem> => {
  const use = usedIn(tree);
  return clashes(builtIn, use).map(({ module, kind, name, other }): Problem => {
    const path = isRobot(module) ? ["task"] : ["use", use.indexOf(module)], whose = other ?? "the built-in ones";
    const message = `must define names that are new: of ${kind}, "${name}" is among ${whose} already`;
    return { position: positionOf(tree, path), path, message };
  });
};

/** What a file says beside its stages, decoded. */
type TopLevel = Omit<typeof pipelineSchema.Type, "networks"> & Pick<Pipeline, "networks">;

/** (merged source, name where it has none, catalog) ⇒ (pipeline), or every problem of it; its modules have been loaded. */
export const decodeSource = (
  { tree, problems: sourceProblems, readable }: Source,
  defaultName: string,
  builtIn: Catalog,
): Result.Result<Pipeline, ReadonlyArray<Problem>> => {
  if (!readable) return Result.fail(sourceProblems);
  const misused = sourceProblems.filter(({ path }) => path[0] === "use");
  if (misused.length > 0) return Result.fail(misused); // without its modules, all of their names would be unknown
  const use = usedIn(tree), catalog = extend(builtIn, use);
  const schema = isSimulated(tree) ? simulatedPipelineSchema : pipelineSchema;
  const top = decodeAt(schema as unknown as Schema.Codec<TopLevel, unknown>, tree, []);
  const program = valueAt(tree, ["program"]);
  const items = Array.isArray(program) ? program : [];
  const stages = items.map((_, i) => checkStage(tree, i, catalog));
  const found = taskIn(tree, catalog);
  const { task, problems: unfit } = found.task === null
    ? { task: null, problems: [] }
    : simulatedIn(tree, found.task, catalog);
  const names = items.map((item) => {
    const given = isTree(item) ? Object.keys(item) : [];
    return given.length === 1 ? given[0] : ""; // its own problem
  });
  const orderKnown = task !== null && Array.isArray(program) &&
    names.every((name, i) =>
      Object.hasOwn(catalog.stages, name) && tagKnown(catalog.stages[name], valueAt(tree, ["program", i, name]))
    );
  const problems = [
    ...sourceProblems,
    ...checkNames(tree, builtIn),
    ...Result.match(top, { onSuccess: () => [], onFailure: (found) => found }),
    ...found.problems,
    ...unfit,
    ...stages.flatMap((stage) => stage.problems),
    ...Result.match(top, {
      onSuccess: (pipeline) => checkLatent(tree, pipeline, stages.map(({ value }) => value)),
      onFailure: () => [],
    }),
    ...Result.match(top, {
      onSuccess: () => checkHeldOut(tree, stages.map(({ value }) => value)),
      onFailure: () => [],
    }),
    ...(orderKnown ? checkOrder(tree, names, stages.map((stage) => stage.value), task!, catalog) : []),
  ];
  if (problems.length > 0 || Result.isFailure(top)) return Result.fail(problems);
  const { program: _, task: said, name = defaultName, threshold = task!.threshold, sources = hashesOf(use), ...rest } =
    top.success;
  const solved = threshold === undefined ? {} : { threshold };
  const taskOptions = optionsOf(task!), { model } = rest.networks;
  const networks = model.kind === "simulator" ? { ...rest.networks, model: writtenOut(model, task!) } : rest.networks;
  return Result.succeed({
    name,
    ...rest,
    networks,
    use: typeof said === "string" ? use : use.map((each) => isRobot(each) ? robotModule(said, task!.name) : each),
    task: found.name!,
    taskOptions,
    sources,
    ...solved,
    program: stages.map((stage) => stage.value!),
  });
};

/** (file, overrides, catalog) ⇒ the merged source, once the modules that it uses are loaded; synchronous where they are. */
const readLoaded = (
  file: string,
  overrides: ReadonlyArray<Override>,
  catalog: Catalog,
): Effect.Effect<Source, ConfigInvalid> =>
  Effect.suspend(() => {
    const source = readSources(file, overrides, catalog), { uses } = usesOf(source.tree, file);
    if (areLoaded(uses)) return Effect.succeed(source);
    return loadModules(uses).pipe(
      Effect.mapError((problems) => configInvalid(file, "a pipeline", problems)),
      Effect.map(() => readSources(file, overrides, catalog)), // now that the names of its stages are known
    );
  });

/** (pipeline) ⇒ (pipeline), once its task can be simulated; synchronous where nothing has to be loaded for it. */
const prepared = (
  pipeline: Pipeline,
  { tree }: Source,
  file: string,
  catalog: Catalog,
): Effect.Effect<Pipeline, ConfigInvalid> => {
  const task = taskOf(pipeline, catalog), path = ["task"], position = positionOf(tree, path);
  const of = pipeline.networks.model.kind === "simulator" ? task.imagined.simulation!.of : task;
  const all = [...new Set([task, of])].filter(needsPreparation);
  if (all.length === 0) return Effect.succeed(pipeline);
  return Effect.tryPromise({
    try: () => Promise.all(all.map(prepareTask)),
    catch: (error) => configInvalid(file, "a pipeline", [{ position, path, message: unpreparedFlaw(error) }]),
  }).pipe(Effect.as(pipeline));
};

const unpreparedFlaw = (error: unknown): string =>
  `must be a task that can be simulated here: ${(error as TaskUnprepared).reason}`;

/** (file, overrides, catalog) ⇒ (pipeline). Fails: ConfigInvalid with every problem of the file and the overrides. */
export const resolvePipeline = (
  file: string,
  overrides: ReadonlyArray<Override>,
  given: Catalog,
): Effect.Effect<Pipeline, ConfigInvalid> => {
  const catalog = completed(given);
  return Effect.flatMap(
    readLoaded(file, overrides, catalog),
    (source) =>
      Result.match(decodeSource(source, nameOf(file), catalog), {
        onSuccess: (pipeline) => prepared(pipeline, source, file, catalog),
        onFailure: (problems) => Effect.fail(configInvalid(file, "a pipeline", problems)),
      }),
  );
};

/**
 * (file, pipeline that it resolves to, catalog) ⇒ options that it leaves out of the file that it extends, and factors that act
 * on nothing, as `told` tells problems.
 */
export const notesOn = (file: string, pipeline: Pipeline, given: Catalog): ReadonlyArray<string> => {
  const catalog = completed(given), { tree } = readSources(file, [], catalog);
  return told([...tree.left ?? [], ...idleFactors(tree, taskOf(pipeline, catalog))]);
};

/** (pipeline, catalog) ⇒ its stages on its task with the task's options, ready to run. */
export const buildProgram = (pipeline: Pipeline, catalog: Catalog): ReadonlyArray<AnyStage> => {
  const task = taskOf(pipeline, catalog), { stages } = extend(catalog, pipeline.use);
  return pipeline.program.map(({ stage, options }) => stages[stage](task, options));
};

/** (pipeline, catalog, key) ⇒ the state before the first iteration, with the slots of one's own that its stages use. */
export const stateBefore = (pipeline: Pipeline, catalog: Catalog, key: Key): TrainState => {
  const task = taskOf(pipeline, catalog), state = catalog.initialState(task, pipeline, key);
  const own = ownSlots(buildProgram(pipeline, catalog));
  const begin = ({ name, initial }: SlotDefinition) => [name, initial({ task, state, key: fold(key, name) })];
  return { ...state, ...Object.fromEntries(own.map(begin)) };
};
