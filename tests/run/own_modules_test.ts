/**
 * A program in TypeScript whose own task, estimator and stage are named by `use`: every command finds them.
 *
 * @module
 */
import { assertEquals, assertInstanceOf, assertMatch, assertStringIncludes } from "@std/assert";
import * as Effect from "effect/Effect";
import { join } from "node:path";
import { builtIn } from "../../src/config/built_in.ts";
import { ConfigInvalid } from "../../src/config/problems.ts";
import { estimators } from "../../src/estimators/registry.ts";
import { program } from "../../src/program/program.ts";
import { openRun } from "../../src/run/open_run.ts";
import { resumeRun, trainRun } from "../../src/run/train_run.ts";
import { collect } from "../../src/stages/collect.ts";
import { estimateGradient, estimateGradientOf } from "../../src/stages/estimate_gradient.ts";
import { store } from "../../src/stages/store.ts";
import { fitValue } from "../../src/stages/fit_value.ts";
import { trpoUpdate } from "../../src/stages/trpo_update.ts";
import { withTaskOptions } from "../../src/tasks/task_options.ts";
import { real } from "../cli/child.ts";
import { leaveOneOut } from "../estimators/leave_one_out.ts";
import { lever } from "../tasks/lever.ts";
import { pendulum } from "../tasks/pendulum.ts";
import { temporaryFolder } from "../temporary.ts";

const modules = ["../tasks/pendulum.ts", "../estimators/leave_one_out.ts"].map((path) => import.meta.resolve(path));
const networks = { policy: { hidden: [4] }, value: { hidden: [4] } };

const request = () => ({
  task: pendulum,
  program: program(
    collect(pendulum, { steps: 400, environments: 2 }),
    store(pendulum),
    fitValue(pendulum, { epochs: 1 }),
    estimateGradientOf({ ...estimators, leaveOneOut })(pendulum, { estimator: "leaveOneOut" }),
    trpoUpdate(pendulum),
  ),
  networks,
  iterations: 1,
  folder: join(temporaryFolder(), "mine"),
});

Deno.test("what `use` names is written down: the run is trained in workers, resumed and evaluated without a catalog", async () => {
  const own = request();
  await Effect.runPromise(trainRun({ ...own, use: modules, workers: 1 }));
  const { checkpoint, pipeline } = await Effect.runPromise(resumeRun(own.folder, { iterations: 2 }));
  assertEquals([checkpoint.iteration, pipeline.use.length, Object.keys(pipeline.sources).length > 1], [2, 2, true]);
  const { code, err } = await real("eval", own.folder, "--episodes", "1");
  assertEquals([code, err], [0, ""]);
  const again = await Effect.runPromise(trainRun({ ...own, use: modules, iterations: 2 }));
  assertEquals(again.checkpoint, checkpoint);
});

Deno.test("without it, a catalog with the names opens the run, by its estimators alone; else the message says what to give", async () => {
  const own = request();
  await Effect.runPromise(trainRun(own));
  const unknown = await Effect.runPromise(Effect.flip(resumeRun(own.folder)));
  assertInstanceOf(unknown, ConfigInvalid);
  const words = 'name its module in "use" of the pipeline, by --use where there is none, or give a catalog that has it';
  assertMatch(unknown.message, new RegExp(`unknown task "pendulum".*${words}`));
  assertMatch(unknown.message, new RegExp(`unknown estimator "leaveOneOut".*${words}`));
  const catalog = {
    ...builtIn,
    tasks: { ...builtIn.tasks, pendulum },
    estimators: { ...builtIn.estimators, leaveOneOut },
  };
  assertEquals((await Effect.runPromise(openRun(own.folder, { catalog }))).checkpoint.iteration, 1);
  assertEquals((await Effect.runPromise(resumeRun(own.folder, { catalog, iterations: 2 }))).checkpoint.iteration, 2);
});

Deno.test("a task of a module is trained with the options that the program gives it", async () => {
  const { networks, iterations, folder } = request(), task = withTaskOptions(lever, { gain: 2, senses: "change" });
  const stages = program(
    collect(task, { steps: 100, environments: 2 }),
    store(task),
    fitValue(task, { epochs: 1 }),
    estimateGradient(task, { estimator: "likelihoodRatio" }),
    trpoUpdate(task),
  );
  const use = [import.meta.resolve("../tasks/lever.ts")];
  await Effect.runPromise(trainRun({ task, program: stages, use, networks, iterations, folder }));
  const opened = await Effect.runPromise(openRun(folder));
  assertEquals([opened.pipeline.taskOptions.gain, opened.task.observationSize], [2, 2]);
});

Deno.test("a module that `use` cannot have is told before any compute", async () => {
  const wrong = async (use: string) =>
    (await Effect.runPromise(Effect.flip(trainRun({ ...request(), use: [use] })))).message;
  assertStringIncludes(await wrong("mine.ts"), 'trainRun use.0: must be a local file that begins with "./"');
  assertStringIncludes(
    await wrong("./gone.ts"),
    "trainRun use.0: must be a module with definitions: there is no file ",
  );
});
