import { assertEquals, assertGreater, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import * as Effect from "effect/Effect";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { firstEpisodes } from "../../src/run/evaluation.ts";
import { trainRun } from "../../src/run/train_run.ts";
import { isAblation, resolveAblation } from "../../src/config/ablation.ts";
import { ablationJsonSchema } from "../../src/config/ablation_json_schema.ts";
import { builtIn } from "../../src/config/built_in.ts";
import { pipelineJsonSchema } from "../../src/config/json_schema.ts";
import { resolvePipeline } from "../../src/config/resolve.ts";
import { tasks } from "../../src/tasks/registry.ts";
import { makeKey } from "../../src/math/random.ts";
import { fakeBatch } from "../program/fakes.ts";
import { logOf, real } from "./child.ts";
import { temporaryFolder } from "../temporary.ts";

const all = readdirSync("pipelines", { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".yaml"))
  .map((name) => join("pipelines", name)).sort();
const ablations = all.filter(isAblation), files = all.filter((file) => !ablations.includes(file));
const resolved = (file: string) => Effect.runPromise(resolvePipeline(file, [], builtIn));

Deno.test("the pipelines of the project are there: MSCV and TRPO for every task, as in the paper for its four", () => {
  const file = (task: string) => task.replace(/[A-Z]/g, (x) => `_${x.toLowerCase()}`);
  for (const task of Object.keys(tasks).map(file)) {
    for (const kind of ["mscv", "trpo"]) assertEquals(files.includes(`pipelines/${task}_${kind}.yaml`), true, task);
  }
  for (const task of ["swimmer", "reacher", "hopper", "walker2d"]) {
    for (const kind of ["mscv_paper", "trpo_paper"]) {
      assertEquals(files.includes(`pipelines/${task}_${kind}.yaml`), true);
    }
  }
});

for (const file of files) {
  Deno.test(`${file} decodes, passes the flow check, names its schema and says what it is`, async () => {
    const { task } = await resolved(file);
    const [first, second] = readFileSync(file, "utf8").split("\n");
    const schema = relative(join(file, ".."), "pipelines/pipeline.schema.json");
    assertEquals(first, `# yaml-language-server: $schema=${schema}`);
    assertMatch(second, new RegExp(`^# ${task} by (MSCV|TRPO|Q-Prop)`, "i"));
  });
}

for (const file of ablations) {
  Deno.test(`${file} decodes, every cell of it passes the flow check, names its schema and says what it asks`, () => {
    assertGreater(Effect.runSync(resolveAblation(file, builtIn)).cells.length, 1);
    const [first, second] = readFileSync(file, "utf8").split("\n");
    const schema = relative(join(file, ".."), "pipelines/ablation.schema.json");
    assertEquals(first, `# yaml-language-server: $schema=${schema}`);
    assertMatch(second, /^# [A-Z]/);
  });
}

Deno.test("table1 and horizon are the comparisons that they are named after", () => {
  const cells = (name: string) =>
    Effect.runSync(resolveAblation(`pipelines/ablations/${name}.yaml`, builtIn)).cells.map(({ pipeline, ...cell }) => ({
      ...cell,
      options: pipeline.program.find(({ stage }) => stage === "estimateGradient")!.options,
    }));
  const table = cells("table1");
  assertEquals(table.length, 5 * 2 * 10); // tasks, MSCV and TRPO, seeds
  assertEquals(new Set(table.map(({ task, variant, seed }) => `${task} ${variant} ${seed}`)).size, 100);
  assertEquals(
    table.every(({ variant, options }) => options.estimator === (variant === "mscv" ? "mscv" : "likelihoodRatio")),
    true,
  );
  const horizons = cells("horizon").filter(({ seed }) => seed === 0).map(({ options }) => options.horizon);
  assertEquals(horizons, [0, 1, 2, 3, 5, 10, 20, "dynamic"]);
});

Deno.test("the paper's settings are the paper's", async () => {
  for (const task of ["swimmer", "reacher", "hopper", "walker2d"]) {
    const { program, networks } = await resolved(`pipelines/${task}_mscv_paper.yaml`);
    const options = Object.fromEntries(program.map((each) => [each.stage, each.options]));
    assertEquals(options.collect.steps, task === "walker2d" ? 25000 : 5000);
    assertEquals([options.estimateGradient.horizon, options.estimateGradient.discount], [2, 0.995]);
    assertEquals([options.fitModel.rewardWeight, options.fitModel.horizon], [10, 2]);
    assertEquals([options.fitValue.method, options.estimateGradient.coefficient], ["bellmanIS", "one"]);
    assertEquals([networks.policy.hidden, networks.value.hidden], [[64, 64], [64, 64]]);
    for (const kind of ["mscv", "trpo"]) { // the paper says nothing of normalised targets
      const { program } = await resolved(`pipelines/${task}_${kind}_paper.yaml`);
      const { epochs, targetNormalization } = program.find(({ stage }) => stage === "fitValue")!.options;
      assertEquals(targetNormalization, "none");
      if (kind === "trpo") assertEquals(epochs, 3);
    }
  }
});

Deno.test("pipelines/pipeline.schema.json and ablation.schema.json are fresh (write them by `deno task schema`)", () => {
  assertEquals(
    JSON.parse(readFileSync("pipelines/pipeline.schema.json", "utf8")),
    JSON.parse(JSON.stringify(pipelineJsonSchema(builtIn))),
  );
  assertEquals(
    JSON.parse(readFileSync("pipelines/ablation.schema.json", "utf8")),
    JSON.parse(JSON.stringify(ablationJsonSchema(builtIn))),
  );
});

/** (pipeline file) ⇒ settings with which an iteration is over at once. */
const tiny = async (file: string): Promise<ReadonlyArray<string>> => {
  const stages = (await resolved(file)).program.map(({ stage }) => stage);
  const settings: Readonly<Record<string, ReadonlyArray<string>>> = {
    collect: ["collect.steps=200", "collect.environments=2"],
    fitModel: ["fitModel.updates=2", "fitModel.batchSize=16"],
    fitValue: ["fitValue.epochs=1", "fitValue.updates=2"],
    pretrainModel: ["pretrainModel.steps=200", "pretrainModel.environments=2", "pretrainModel.updates=2"],
    fitCritic: ["fitCritic.updates=2", "fitCritic.batchSize=16"],
  };
  return stages.flatMap((stage) => settings[stage] ?? []);
};

for (const file of files) {
  Deno.test(`${file} runs two tiny iterations`, async () => {
    const folder = join(temporaryFolder(), "a"), set = await tiny(file);
    await Effect.runPromise(trainRun({ pipeline: file, set, iterations: 2, folder }));
    const before = (await resolved(file)).program.some(({ stage }) => stage === "pretrainModel") ? 200 : 0; // these count, too
    const expected = [[1, before + 200], [2, before + 400]];
    assertEquals(logOf(folder).map(({ iteration, steps }) => [iteration, steps]), expected);
  });
}

Deno.test("with the real stages: resume equals the uninterrupted run, workers the main thread, and eval reads it", async () => {
  const folder = temporaryFolder();
  const file = "pipelines/hopper_mscv.yaml", set = (await tiny(file)).flatMap((setting) => ["--set", setting]);
  const train = (name: string, iterations: string, ...more: ReadonlyArray<string>) =>
    real("train", file, "--runs", folder, "--run", name, "--iterations", iterations, ...set, ...more);
  await train("whole", "4");
  await train("parted", "2");
  const { code } = await real("train", "--resume", join(folder, "parted"), "--iterations", "4", "--workers", "2");
  assertEquals(code, 0);
  assertEquals(logOf(join(folder, "parted")), logOf(join(folder, "whole")));
  const state = (name: string) => readFileSync(join(folder, name, "checkpoints", "000004", "state.safetensors"));
  assertEquals(state("parted").equals(state("whole")), true);
  const { out } = await real("eval", join(folder, "whole"), "--episodes", "3");
  assertStringIncludes(out, "hopper, policy after iteration 4, mean actions, 3 episodes");
  assertMatch(out, /return \S+ ± \S+ \(standard error\), min \S+, max \S+\nlength \S+ steps/);
});

Deno.test("eval counts the first episode of each environment", () => {
  const batch = { ...fakeBatch(makeKey(1), 3, 2), reward: Float32Array.of(1, 10, 2, 20, 4, 40) };
  // environment 0 earns 1, 2, 4 and ends at its second step; environment 1 earns 10, 20, 40 and is cut off at the third
  const ends = { terminated: Uint8Array.of(0, 0, 1, 0, 0, 0), truncated: Uint8Array.of(0, 0, 0, 0, 0, 1) };
  assertEquals(firstEpisodes({ ...batch, ...ends }), [{ return: 3, length: 2 }, { return: 70, length: 3 }]);
  assertLess(firstEpisodes({ ...batch, ...ends })[0].length, 3);
});

Deno.test("arrays that do not fit are an error by stage, without a stack trace, and leave no folder", async () => {
  const folder = temporaryFolder();
  const train = (name: string, setting: string) =>
    real("train", "pipelines/hopper_trpo.yaml", "--runs", folder, "--run", name, "--set", setting);
  const batch = await train("batch", "collect.steps=100000000000");
  assertEquals([batch.code, batch.err.includes("    at ")], [1, false]);
  assertMatch(batch.err, /^error: Cannot finish iteration 1 as stage "collect" failed. Cannot run "collect" as .*\n$/);
  const state = await train("state", "networks.policy.hidden=[100000,100000]");
  assertEquals([state.code, state.err.includes("    at ")], [1, false]);
  assertMatch(state.err, /^error: Cannot run "initialState" as its tensors must fit in the heap: .*\n$/);
  assertEquals(readdirSync(folder), []);
});
