/** Every command that meets a task works on one of a user's own. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ended, logOf, start } from "./child.ts";
import { temporaryFolder } from "../temporary.ts";

const own = (...args: ReadonlyArray<string>) => ended(start("tests/cli/own_task_main.ts", args));

/** (task, estimator) ⇒ a pipeline file of two small iterations. */
const pipelineOf = (folder: string, task: string, estimator: string): string => {
  const file = join(folder, `${task}_${estimator}.yaml`), net = "{ hidden: [8] }";
  writeFileSync(
    file,
    `task: ${task}\niterations: 2\nnetworks: { policy: ${net}, value: ${net}, model: ${net} }\nprogram:\n` +
      "  - collect: { steps: 400, environments: 2 }\n  - store\n" +
      (estimator === "mscv" ? "  - fitModel: { updates: 5, batchSize: 32 }\n" : "") +
      `  - fitValue: { epochs: 1 }\n  - estimateGradient: { estimator: ${estimator} }\n  - trpoUpdate\n`,
  );
  return file;
};

Deno.test("tasks tells of an own task what it says, and leaves out the rest", async () => {
  assertStringIncludes((await own("tasks")).out, "pendulum\n  observation [3], action [1], 200 steps at most\n");
  assertEquals((await own("tasks", "pendulum")).out.split("\n"), [
    "pendulum",
    "  moved by plain arithmetic",
    "  observation [3], as input of the model [3]",
    "  action [1], each within [-2, 2]",
    "  frame skip 1: 1 physics steps of 0.05 s, 0.05 s a step",
    "  time limit 200 steps",
    "  threshold: none",
    "  known reward: none, as the task says no imagined.knownReward; the model learns all of it",
    "  options, as taskOptions",
    "    processNoise: number ≥ 0; default 0",
    "      Standard deviation of a Gaussian disturbance of every control, in halves of its range; 0: none",
    "",
  ]);
  assertStringIncludes((await own("tasks", "blind-cart")).out, "imagined rollouts: none");
});

Deno.test("replay steps an own task by plain arithmetic", async () => {
  const folder = temporaryFolder();
  const [state, actions] = [join(folder, "state.json"), join(folder, "actions.json")];
  writeFileSync(state, '{ "state": [0, 1] }');
  writeFileSync(actions, "[[2], [0]]");
  const { code, out } = await own("replay", "--task", "pendulum", "--state", state, "--actions", actions);
  const [first, second] = out.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals([code, Object.keys(first)], [0, ["obs", "reward", "terminated", "truncated", "state"]]);
  assertEquals(first.state, [0.05 * (1 + 6 * 0.05), 1 + 6 * 0.05]); // upright: the torque alone, 3·2 rad/s²
  assertEquals(first.reward, -(0.1 + 0.001 * 4));
  assertEquals(second.obs.length, 3);
  writeFileSync(state, '{ "qpos": [0, 1] }');
  const wrong = await own("replay", "--task", "pendulum", "--state", state, "--actions", actions);
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.err, "Cannot replay as the size of state must be 2: current value is 0");
});

Deno.test("tasks shows the options of a task, replay changes them", async () => {
  const folder = temporaryFolder();
  const [state, actions] = [join(folder, "state.json"), join(folder, "actions.json")];
  writeFileSync(state, '{ "state": [1, 0] }');
  writeFileSync(actions, "[[1], [-1]]");
  const { out } = await own("tasks", "lever");
  assertStringIncludes(out, "  options, as taskOptions\n    processNoise: number ≥ 0; default 0\n");
  assertStringIncludes(out, "    gain: number > 0; default 0.5\n      m that a force of 1 N moves it\n");
  const moved = async (...set: string[]) => {
    const files = ["--state", state, "--actions", actions];
    const { code, out, err } = await own(
      "replay",
      "--task",
      "lever",
      ...files,
      ...set.flatMap((each) => ["--set", each]),
    );
    return code === 0 ? out.trim().split("\n").map((line) => JSON.parse(line).obs) : err;
  };
  assertEquals(await moved(), [[1.5], [1]]);
  assertEquals(await moved("taskOptions.gain=4", "taskOptions.senses=change"), [[5, 4], [1, -4]]);
  const wrong = String(await moved("taskOptions.gian=4", "seed=3"));
  assertStringIncludes(
    wrong,
    '--set taskOptions.gian=4 taskOptions.gian: unknown option "gian" of task lever, did you',
  );
  assertStringIncludes(wrong, "--set seed=3: must change an option of the task");
});

Deno.test("check refuses an estimator that imagines a task whose ends it cannot see, and no other", async () => {
  const folder = temporaryFolder();
  assertEquals((await own("check", pipelineOf(folder, "blind-cart", "likelihoodRatio"))).code, 0);
  const { code, err } = await own("check", pipelineOf(folder, "blind-cart", "mscv"));
  assertEquals(code, 2);
  assertMatch(err, /mscv\.yaml:9:5 program\.4\.estimateGradient: Cannot run "mscv" as task "blind-cart" must say by/);
});

Deno.test("an own task trains, in workers bit for bit, evaluates and is not said to be solved", async () => {
  const folder = temporaryFolder(), file = pipelineOf(folder, "pendulum", "mscv");
  const train = (run: string, ...more: string[]) => own("train", file, "--runs", folder, "--run", run, ...more);
  const [here, there] = [await train("here"), await train("there", "--workers", "2")];
  assertEquals([here.code, there.code], [0, 0], here.err + there.err);
  assertEquals(logOf(join(folder, "there")), logOf(join(folder, "here")));
  assertEquals(logOf(join(folder, "here")).length, 2);
  assertMatch(here.out, /\nReturn: best is -\d[\d,.]* at iteration [12]\n/);
  const evaluated = await own("eval", join(folder, "here"), "--episodes", "2");
  assertEquals(evaluated.code, 0, evaluated.err);
  const drawn = await own("render", join(folder, "here"), "--out", join(folder, "agent.svg"));
  const reason = 'Cannot render task "pendulum" as its definition must have a scene: it has none (how to write one: ' +
    '"What can be seen" in src/tasks/README.md)';
  assertEquals([drawn.code, drawn.err], [2, `error: ${reason}\n`]);
  assertStringIncludes(readFileSync("src/tasks/README.md", "utf8"), "**What can be seen**");
  const more = ["--iterations", "3"];
  assertEquals((await own("train", "--resume", join(folder, "here"), ...more)).code, 0);
});

Deno.test("lab leaves out what imagines a task whose ends it cannot see, with a line, and measures the rest", async () => {
  const folder = temporaryFolder(), file = pipelineOf(folder, "blind-cart", "likelihoodRatio");
  const modelled = join(folder, "modelled.yaml"), run = join(folder, "a");
  const [before, after] = readFileSync(file, "utf8").split("  - fitValue");
  writeFileSync(modelled, `${before}  - fitModel: { updates: 5, batchSize: 32 }\n  - fitValue${after}`);
  assertEquals((await own("train", modelled, "--runs", folder, "--run", "a")).code, 0);
  const budget = ["--steps", "40", "--batches", "4", "--reference", "100", "--states", "4", "--workers", "0"];
  const { code, out, err } = await own("lab", run, "--quick", ...budget);
  assertEquals([code, err], [0, ""]);
  const reason = 'task "blind-cart" must say by "imagined.survival" how its ends are seen in an observation';
  assertStringIncludes(
    out,
    `without qprop: no stage fits "critic", without mbma, modelGradient, mscv, svg1, trajectoryControlVariate, learned model: ${reason}`,
  );
  assertEquals(/run's model|model: ρ|NaN/.exec(out), null);
  assertStringIncludes(out, "of that with a perfect model"); // the real physics needs no imagination
  assertEquals(existsSync(join(run, "lab", "000002", "horizon.svg")), true);
  const asked = await own("lab", run, "--estimators", "mscv", ...budget);
  assertEquals([asked.code, asked.err], [
    2,
    `error: Cannot measure mscv at ${run} as what it reads must be there: ${reason}\n`,
  ]);
});
