/**
 * `mscv tasks` and `mscv stages`: what a pipeline can name.
 *
 * @module
 */
import * as Argument from "effect/cli/Argument";
import * as Command from "effect/cli/Command";
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import type { Task } from "../tasks/task.ts";
import type { Application } from "./application.ts";
import { UsageInvalid } from "./exit.ts";

const describeTask = (task: Task): string =>
  `${task.name}\n` +
  `  observation [${task.observationSize}], action [${task.actionSize}], ${task.timeLimit} steps at most, ` +
  `${task.frameSkip} physics steps each\n` +
  `  counts as solved at a return of ${task.threshold}`;

/** (application) ⇒ the command `tasks`. */
export const tasksCommand = (application: Application) =>
  Command.make("tasks", {}, () =>
    Effect.gen(function* () {
      const { catalog } = yield* Effect.promise(application.load);
      yield* Console.log(Object.values(catalog.tasks).map(describeTask).join("\n"));
    })).pipe(
      Command.withDescription("List the tasks with their sizes and thresholds"),
      Command.withExamples([{ command: "deno task tasks", description: "List the tasks" }]),
    );

const name = Argument.String("stage").pipe(
  Argument.withDescription("Show one stage with its options and metrics"),
  Argument.optional,
);

/** (application) ⇒ the command `stages`. */
export const stagesCommand = (application: Application) =>
  Command.make("stages", { name }, ({ name }) =>
    Effect.gen(function* () {
      const { catalog } = yield* Effect.promise(application.load);
      const { describeStage, describeStages } = yield* Effect.promise(() => import("../config/describe.ts"));
      if (Option.isNone(name)) return yield* Console.log(describeStages(catalog.stages));
      if (Object.hasOwn(catalog.stages, name.value)) {
        return yield* Console.log(describeStage(catalog.stages[name.value]));
      }
      const { didYouMean } = yield* Effect.promise(() => import("../config/did_you_mean.ts"));
      const hint = didYouMean(name.value, Object.keys(catalog.stages));
      return yield* new UsageInvalid({ message: `Cannot show "${name.value}" as it must be a stage: ${hint}` });
    })).pipe(
      Command.withDescription("List the stages, or show the options and metrics of one"),
      Command.withExamples([
        { command: "deno task stages", description: "List the stages" },
        { command: "deno task stages estimateGradient", description: "Show one stage with its options" },
      ]),
    );
