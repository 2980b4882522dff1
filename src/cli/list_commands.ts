/**
 * `mscv tasks`, `mscv stages` and `mscv estimators`: what a pipeline can name.
 *
 * @module
 */
import * as Argument from "effect/cli/Argument";
import * as Command from "effect/cli/Command";
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import { loadModule } from "../files/load_module.ts";
import { didYouMeanOrOwn } from "../options/did_you_mean.ts";
import { knownPart } from "../tasks/known_reward.ts";
import { isImagined } from "../tasks/survival.ts";
import type { ControlRange, Task } from "../tasks/task.ts";
import type { Application } from "./application.ts";
import { namesLike, taskName } from "../tasks/task_names.ts";
import { catalogWith, useFlag } from "./use_flag.ts";
import { UsageInvalid } from "../config/usage.ts";

/** (task) ⇒ its name, with Gymnasium's. */
const nameTask = ({ name, gymnasium }: Task): string => gymnasium === undefined ? name : `${name} (${gymnasium.id})`;

/** (task) ⇒ returns that are aimed at: at which it counts as solved here, and Gymnasium's. */
const describeThresholds = ({ threshold, gymnasium }: Task): ReadonlyArray<string> => [
  ...(threshold === undefined ? [] : [`counts as solved at a return of ${threshold}`]),
  ...(gymnasium === undefined ? [] : [`Gymnasium's threshold: ${gymnasium.threshold ?? "none"}`]),
];

const describeTask = (task: Task): string =>
  [
    nameTask(task),
    `  observation [${task.observationSize}], action [${task.actionSize}], ${task.timeLimit} steps at most` +
    (task.frameSkip > 1 ? `, ${task.frameSkip} physics steps each` : ""),
    ...[task.simulator.engine?.() ?? [], describeThresholds(task)].flat().map((line) => `  ${line}`),
  ].join("\n");

/** (control range) ⇒ `[-1, 1]` where all controls have it, else one by one. */
const describeRange = (range: ControlRange): string => {
  const each = range.map(([low, high]) => `[${low}, ${high}]`);
  return new Set(each).size === 1 ? `each within ${each[0]}` : `within ${each.join(" × ")}`;
};

/** What of the reward a model need not learn, by how much the task says. */
const knownRewards = {
  all: "all of it, as observations and actions determine it",
  some: "what observations and actions determine; the model learns the rest",
  none: "none, as the task says no imagined.knownReward; the model learns all of it",
} as const;

/** (task) ⇒ one task with everything that a pipeline's author asks. */
const describeTaskInFull = (task: Task): string => {
  const { frameSkip, simulator: { timestep, engine }, threshold, gymnasium } = task, seconds = frameSkip * timestep;
  const { featureSize } = task.imagined;
  return [
    nameTask(task),
    ...(engine === undefined ? [] : [`  moved by ${engine()}`]),
    `  observation [${task.observationSize}], as input of the model [${featureSize}]`,
    `  action [${task.actionSize}], ${describeRange(task.controlRange)}`,
    `  frame skip ${frameSkip}: ${frameSkip} physics steps of ${timestep} s, ${
      Number(seconds.toPrecision(6))
    } s a step`,
    `  time limit ${task.timeLimit} steps`,
    threshold === undefined ? "  threshold: none" : `  threshold ${threshold}: counts as solved at this return`,
    ...(gymnasium === undefined ? [] : [`  Gymnasium's threshold: ${gymnasium.threshold ?? "none"}`]),
    `  known reward: ${knownRewards[knownPart(task)]}`,
    ...(!isImagined(task) ? ["  imagined rollouts: none, as observations do not say when it ends"] : []),
  ].join("\n");
};

const taskArgument = Argument.String("task").pipe(
  Argument.withDescription("Show one task with its details"),
  Argument.optional,
);

/** (what it is, name, those that there are) ⇒ the error of a name that is none of them. */
const unknownName = Effect.fnUntraced(function* (kind: string, name: string, known: ReadonlyArray<string>) {
  const choice = didYouMeanOrOwn(name, known, "name the module that defines it by --use");
  const message = `Cannot show "${name}" as it must be a ${kind}: ${choice}`;
  return yield* Effect.fail(new UsageInvalid({ message }));
});

/** ⇒ how options and metrics are described. */
const descriptions = Effect.promise(() =>
  loadModule<typeof import("../config/describe.ts")>(import.meta.resolve("../config/describe.ts"))
);

/** (application, modules) ⇒ its catalog with what they define. */
const ownCatalog = (application: Application, use: ReadonlyArray<string>) =>
  Effect.flatMap(Effect.promise(application.load), ({ catalog }) => catalogWith(catalog, use));

/** (application) ⇒ the command `tasks`. */
export const tasksCommand = (application: Application) =>
  Command.make("tasks", { name: taskArgument, use: useFlag }, ({ name, use }) =>
    Effect.gen(function* () {
      const { tasks } = yield* ownCatalog(application, use);
      if (Option.isNone(name)) return yield* Console.log(Object.values(tasks).map(describeTask).join("\n"));
      const known = taskName(tasks, name.value);
      if (known === null) return yield* unknownName("task", name.value, namesLike(name.value, tasks));
      const { describeTaskOptions } = yield* descriptions;
      const task = tasks[known];
      return yield* Console.log([describeTaskInFull(task), ...describeTaskOptions(task)].join("\n"));
    })).pipe(
      Command.withDescription("List the tasks with their sizes and thresholds, or show one"),
      Command.withExamples([
        { command: "deno task tasks", description: "List the tasks" },
        { command: "deno task tasks hopper", description: "Show one task with its details and options" },
      ]),
    );

const stageName = Argument.String("stage").pipe(
  Argument.withDescription("Show one stage with its options and metrics"),
  Argument.optional,
);

/** (application) ⇒ the command `stages`. */
export const stagesCommand = (application: Application) =>
  Command.make("stages", { name: stageName, use: useFlag }, ({ name, use }) =>
    Effect.gen(function* () {
      const catalog = yield* ownCatalog(application, use);
      const { describeStage, describeStages } = yield* descriptions;
      if (Option.isNone(name)) return yield* Console.log(describeStages(catalog.stages));
      if (Object.hasOwn(catalog.stages, name.value)) {
        return yield* Console.log(describeStage(catalog.stages[name.value]));
      }
      return yield* unknownName("stage", name.value, Object.keys(catalog.stages));
    })).pipe(
      Command.withDescription("List the stages, or show the options and metrics of one"),
      Command.withExamples([
        { command: "deno task stages", description: "List the stages" },
        { command: "deno task stages estimateGradient", description: "Show one stage with its options" },
      ]),
    );

const estimatorName = Argument.String("estimator").pipe(
  Argument.withDescription("Show one estimator with its options and metrics"),
  Argument.optional,
);

/** (application) ⇒ the command `estimators`. */
export const estimatorsCommand = (application: Application) =>
  Command.make("estimators", { name: estimatorName, use: useFlag }, ({ name, use }) =>
    Effect.gen(function* () {
      const { estimators } = yield* ownCatalog(application, use);
      const { describeEstimator, describeEstimators } = yield* descriptions;
      if (Option.isNone(name)) return yield* Console.log(describeEstimators(estimators));
      if (Object.hasOwn(estimators, name.value)) return yield* Console.log(describeEstimator(estimators[name.value]));
      return yield* unknownName("gradient estimator", name.value, Object.keys(estimators));
    })).pipe(
      Command.withDescription("List the gradient estimators, or show the options and metrics of one"),
      Command.withExamples([
        { command: "deno task estimators", description: "List the estimators" },
        { command: "deno task estimators mscv", description: "Show one estimator with its options" },
      ]),
    );
