/**
 * Runs as a library: programs in TypeScript have everything that pipeline files have.
 *
 * @module
 */
import { assert, assertEquals, assertInstanceOf, assertMatch, assertStringIncludes } from "@std/assert";
import * as Effect from "effect/Effect";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { builtIn } from "../../src/config/built_in.ts";
import { ConfigInvalid } from "../../src/config/problems.ts";
import { UsageInvalid } from "../../src/config/usage.ts";
import { program } from "../../src/program/program.ts";
import { RunFolderInvalid } from "../../src/run/errors.ts";
import { evaluate } from "../../src/run/evaluate.ts";
import { openRun } from "../../src/run/open_run.ts";
import { resumeRun, trainRun } from "../../src/run/train_run.ts";
import { collect } from "../../src/stages/collect.ts";
import { estimateGradient } from "../../src/stages/estimate_gradient.ts";
import { fitValue } from "../../src/stages/fit_value.ts";
import { store } from "../../src/stages/store.ts";
import { trpoUpdate } from "../../src/stages/trpo_update.ts";
import { getTask } from "../../src/tasks/registry.ts";
import type { Task } from "../../src/tasks/task.ts";
import { optionsOf, withTaskOptions } from "../../src/tasks/task_options.ts";
import { lever } from "../tasks/lever.ts";
import { logOf, real } from "../cli/child.ts";
import { temporaryFolder } from "../temporary.ts";

const reacher = getTask("reacher"), noisy = withTaskOptions(reacher, { processNoise: 0.3 });

const stages = (task: Task, steps = 100) =>
  program(
    collect(task, { steps, environments: 2 }),
    store(task),
    fitValue(task, { epochs: 1 }),
    estimateGradient(task, { estimator: "likelihoodRatio" }),
    trpoUpdate(task),
  );

const networks = { policy: { hidden: [8] }, value: { hidden: [8] } };
const place = (): string => join(temporaryFolder(), "mine");
const keys = { seed: 5, networks, iterations: 3, evaluation: { every: 2, episodes: 2 } };
const trained = (folder: string, task = noisy, iterations = 3) =>
  Effect.runPromise(trainRun({ ...keys, task, program: stages(task), folder, iterations }));
const refused = (request: Parameters<typeof trainRun>[0]) => Effect.runPromise(Effect.flip(trainRun(request)));

const yaml = `task: reacher
taskOptions: { processNoise: 0.3 }
seed: 5
iterations: 3
evaluation: { every: 2, episodes: 2 }
networks: { policy: { hidden: [8] }, value: { hidden: [8] } }
program:
  - collect: { steps: 100, environments: 2 }
  - store
  - fitValue: { epochs: 1 }
  - estimateGradient: { estimator: likelihoodRatio }
  - trpoUpdate
`;

const whole = (async () => {
  const folder = place();
  return { folder, run: await trained(folder) };
})();

Deno.test("a program in TypeScript is written down as the pipeline that a file of the same stages is, and has its bits", async () => {
  const { folder, run } = await whole, file = join(temporaryFolder(), "mine.yaml"), other = place();
  writeFileSync(file, yaml);
  const same = await Effect.runPromise(trainRun({ pipeline: file, folder: other }));
  const written = (of: string) => readFileSync(join(of, "pipeline.yaml"), "utf8");
  assertEquals(written(folder), written(other));
  assertEquals(logOf(folder), logOf(other));
  assertEquals(run.checkpoint, same.checkpoint);
  assertEquals([run.checkpoint.iteration, run.checkpoint.steps, run.task.processNoise], [3, 300, 0.3]);
});

Deno.test("every command works on the run of a program", async () => {
  const folder = place();
  await trained(folder, noisy, 2);
  const resumed = await real("train", "--resume", folder, "--iterations", "3", "--workers", "2");
  assertEquals([resumed.code, resumed.err], [0, ""]);
  const { folder: through } = await whole;
  assertEquals(logOf(folder).slice(2), logOf(through).slice(2));
  const evaluated = await real("eval", join(folder, "checkpoints", "best"), "--episodes", "2", "--json");
  const { task, iteration, steps, actions, seed, episodes, mean, min, max } = JSON.parse(evaluated.out);
  assertEquals([evaluated.code, evaluated.err, task, actions, seed], [0, "", "reacher", "mean", 0]);
  assertEquals([steps, min, max], [
    100 * iteration,
    Math.min(episodes[0].return, episodes[1].return),
    Math.max(episodes[0].return, episodes[1].return),
  ]);
  assertEquals([mean, episodes[0].length], [(episodes[0].return + episodes[1].return) / 2, 50]); // Reacher's time limit
  const best = await Effect.runPromise(openRun(join(folder, "checkpoints", "best")));
  assertEquals((await Effect.runPromise(evaluate(best, { episodes: 2 }))).return.mean, mean); // by the mean, as eval
  const explored = JSON.parse((await real("eval", best.path, "--episodes", "2", "--sampled", "--json")).out);
  const asTraining = await Effect.runPromise(evaluate(best, { episodes: 2, actions: "sampled" }));
  assertEquals([explored.actions, explored.mean], ["sampled", asTraining.return.mean]);
  const drawn = async (...flags: string[]) => {
    const out = join(folder, "agent.html"), { code, err } = await real("render", best.path, "--out", out, ...flags);
    assertEquals([code, err], [0, ""]);
    return /"actions":"(\w+)"/.exec(readFileSync(out, "utf8"))?.[1];
  };
  assertEquals([await drawn(), await drawn("--sampled")], ["mean", "sampled"]);
  const report = await real("report", folder, "--out", join(folder, "report"));
  assertEquals([report.code, report.err], [0, ""]);
  assertStringIncludes(report.out, "Evaluations while training");
});

Deno.test("trainRun goes on with a folder of the same pipeline, resumeRun to more iterations: bit for bit", async () => {
  const { run } = await whole, folder = place();
  await trained(folder, noisy, 1);
  assertEquals((await trained(folder)).checkpoint, run.checkpoint);
  const further = await Effect.runPromise(resumeRun(folder, { iterations: 4 }));
  assertEquals([further.checkpoint.iteration, logOf(folder).length], [4, 4]);
  const fewer = await Effect.runPromise(Effect.flip(resumeRun(folder, { iterations: 2 })));
  assertInstanceOf(fewer, UsageInvalid);
  const other = await refused({ ...keys, task: noisy, program: stages(noisy, 200), folder });
  assertInstanceOf(other, RunFolderInvalid);
  assertStringIncludes(other.message, "its pipeline.yaml decides other numbers than what is to be trained");
});

Deno.test("a run is opened at its newest checkpoint, at one of its iterations, or at its best", async () => {
  const { folder, run } = await whole, open = (path: string) => Effect.runPromise(openRun(path));
  assertEquals((await open(folder)).checkpoint, run.checkpoint);
  assertEquals((await open(join(folder, "checkpoints", "000000"))).checkpoint.steps, 0);
  const best = (await open(join(folder, "checkpoints", "best"))).checkpoint.iteration;
  const returns = logOf(folder).map((record) => record["evaluation.return"] as number | undefined);
  assertEquals(returns.map((value) => value !== undefined), [false, true, true]);
  assertEquals(best, returns[1]! >= returns[2]! ? 2 : 3);
  const nowhere = await Effect.runPromise(Effect.flip(openRun(join(folder, "checkpoints", "newest"))));
  assertInstanceOf(nowhere, UsageInvalid);
  assertStringIncludes(nowhere.message, 'must be named by its iteration, or best: current value is "newest"');
});

Deno.test("what is opened is changed by `set` for what is done with it, and not by what it is compared with", async () => {
  const { folder } = await whole;
  const { task, pipeline } = await Effect.runPromise(openRun(folder, { set: ["taskOptions.processNoise=0"] }));
  assertEquals([task.processNoise ?? 0, pipeline.taskOptions.processNoise], [0, 0]);
});

Deno.test("evaluations have the same bits over workers, others by another seed, and are of so many episodes", async () => {
  const { run } = await whole, of = (options: object) => Effect.runPromise(evaluate(run, { episodes: 3, ...options }));
  const here = await of({});
  assertEquals([here.episodes.length, await of({ workers: 2 })], [3, here]);
  for (const other of [{ seed: 1 }, { actions: "sampled" }]) assert((await of(other)).return.mean !== here.return.mean);
  const none = await Effect.runPromise(Effect.flip(evaluate(run, { episodes: 0 })));
  assertEquals(none.message, "Cannot evaluate as episodes must be 1 or more: current value is 0");
});

Deno.test("an own task is trained under its name, and opened by a catalog that has it", async () => {
  const own: Task = { ...reacher, name: "mine" }, folder = place(), tasks = { ...builtIn.tasks, mine: own };
  await trained(folder, own, 1);
  const { task } = await Effect.runPromise(openRun(folder, { catalog: { ...builtIn, tasks } }));
  assertEquals(task.name, "mine");
  const unknown = await Effect.runPromise(Effect.flip(openRun(folder)));
  assertInstanceOf(unknown, ConfigInvalid);
  assertMatch(
    unknown.message,
    /unknown task "mine".*name its module in "use" of the pipeline, by --use where there is none, or give a catalog that has it/,
  );
});

Deno.test("a task is trained with the options that it owns, written down, opened with them and resumed", async () => {
  const folder = place(), catalog = { ...builtIn, tasks: { ...builtIn.tasks, lever } };
  const strong = withTaskOptions(lever, { gain: 2, senses: "change" });
  const run = await trained(folder, strong, 1);
  const own = { processNoise: 0, gain: 2, reach: 10, senses: "change" };
  assertEquals([run.pipeline.taskOptions, run.task.observationSize], [own, 2]);
  const opened = await Effect.runPromise(openRun(folder, { catalog }));
  assertEquals([optionsOf(opened.task), opened.checkpoint.state.envs], [own, run.checkpoint.state.envs]);
  const further = await Effect.runPromise(resumeRun(folder, { catalog, iterations: 2 }));
  assertEquals([further.checkpoint.iteration, further.task.observationSize], [2, 2]);
  const other = await refused({ ...keys, task: lever, program: stages(lever), folder });
  assertStringIncludes(other.message, "its pipeline.yaml decides other numbers");
});

Deno.test("what cannot be written down is refused before any compute, and leaves nothing", async () => {
  const folder = place(), made = stages(reacher);
  const byHand = made.stages.map(({ origin, ...stage }) =>
    stage.name === "store" || !origin ? stage : { ...stage, origin }
  );
  const cases: ReadonlyArray<readonly [object, string]> = [
    [{ program: { stages: byHand } }, 'stage "store" is made by hand'],
    [{ program: stages(noisy) }, 'stage "collect" is made on another, "reacher"'],
    [
      { catalog: { ...builtIn, stages: { ...builtIn.stages, collect: store } } },
      'stage "collect" must be the catalog\'s',
    ],
    [{ catalog: { ...builtIn, tasks: { reacher: getTask("hopper") } } }, "must be the catalog's of that name"],
    [{ iterations: 0 }, "trainRun iterations: "],
    [{ networks: { policy: { hidden: [-1] } } }, "trainRun networks.policy.hidden.0: "],
    [{ workers: -1 }, "workers must be 0 or more: current value is -1"],
  ];
  for (const [changes, text] of cases) {
    const error = await refused({ ...keys, task: reacher, program: made, folder, ...changes });
    assertStringIncludes(error.message, text);
    assertEquals(existsSync(folder), false);
  }
});
