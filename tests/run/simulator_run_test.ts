/** Runs whose control variate is a simulator: the same bits by workers and after a resume, factors in the checkpoint. */
import { temporaryFolder } from "../temporary.ts";
import { assert, assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import * as Effect from "effect/Effect";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isSimulator } from "../../src/data/folds.ts";
import { resumeRun, trainRun } from "../../src/run/train_run.ts";
import { program } from "../../src/program/program.ts";
import { collect } from "../../src/stages/collect.ts";
import { estimateGradient } from "../../src/stages/estimate_gradient.ts";
import { fitModel } from "../../src/stages/fit_model.ts";
import { fitValue } from "../../src/stages/fit_value.ts";
import { store } from "../../src/stages/store.ts";
import { trpoUpdate } from "../../src/stages/trpo_update.ts";
import { getTask } from "../../src/tasks/registry.ts";
import { simulatedBy } from "../../src/tasks/simulation.ts";
import { withTaskOptions } from "../../src/tasks/task_options.ts";
import { logOf } from "../cli/child.ts";

const yaml = `task: hopper
taskOptions: { physics: { mass: 0.8 } }
seed: 2
networks: { policy: { hidden: [8] }, value: { hidden: [8] }, model: { kind: simulator, physics: { damping: 1.1 } } }
checkpoint: { every: 1 }
program:
  - collect: { steps: 200, environments: 2 }
  - store: { capacity: 400 }
  - fitModel: { identify: [mass], updates: 1, batchSize: 60, fit: crossfit }
  - fitValue: { epochs: 1 }
  - estimateGradient:
      { horizon: 3, imaginedGradient: mirroredPairs, coefficient: leastVariance, laterResiduals: corrected }
  - trpoUpdate
`;
const file = join(temporaryFolder(), "wrong.yaml");
writeFileSync(file, yaml);
const place = (): string => join(temporaryFolder(), "mine");
const trained = (folder: string, iterations: number, workers = 0) =>
  Effect.runPromise(trainRun({ pipeline: file, folder, iterations, workers }));

Deno.test("one and two workers, a run and a resumed one: the same bits, the factor on its way to the real one", async () => {
  const [whole, apart, cut] = [place(), place(), place()];
  const run = await trained(whole, 3), there = await trained(apart, 3, 2);
  await trained(cut, 2);
  const resumed = await Effect.runPromise(resumeRun(cut, { iterations: 3 }));
  assertEquals(there.checkpoint.state, run.checkpoint.state);
  assertEquals(resumed.checkpoint.state, run.checkpoint.state);
  assertEquals(logOf(apart), logOf(whole));
  const { model, memory } = run.checkpoint.state;
  assertEquals(memory.batches.map(({ state }) => state!.length), [2400, 2400]); // 200 steps of 12 numbers
  for (const { network } of [model.first, model.second!]) {
    assert(isSimulator(network));
    assertLess(Math.abs(network.factors[0] - 0.8), 0.1); // from 1, under a damping that is wrong
    assertEquals(network.factors[2], 1.1);
    assert(network.spread[0] > 0 && network.spread[1] === 0);
  }
});

Deno.test("the programs that READMEs print of a simulator keep the mean, as is said there", async () => {
  for (const page of ["README.md", "src/config/README.md"]) {
    const text = readFileSync(new URL(`../../${page}`, import.meta.url), "utf8");
    const printed = [...text.matchAll(/```yaml\n([^]*?)```/g)].map(([, code]) => code).find((code) =>
      code.includes("kind: simulator")
    );
    const small = printed!.replace(/- collect.*/, "- collect: { steps: 60, environments: 2 }");
    const folder = temporaryFolder(), pipeline = join(folder, "printed.yaml"), run = join(folder, "run");
    writeFileSync(pipeline, small);
    await Effect.runPromise(trainRun({ pipeline, folder: run, iterations: 2 }));
    const keeps = readFileSync(join(run, "metrics.jsonl"), "utf8").trim().split("\n").map((line) =>
      JSON.parse(line)["estimateGradient.keepsMean"]
    );
    assertEquals(keeps, [1, 1], page);
  }
});

const heavy = withTaskOptions(getTask("hopper"), { physics: { mass: 0.8 } });
const networks = { policy: { hidden: [8] }, value: { hidden: [8] } };

Deno.test("a program in TypeScript has a simulator as well: it is written down, opened again, and needs no fitModel", async () => {
  const task = simulatedBy(heavy, { damping: 1.1 }), folder = place();
  const whole = program(
    collect(task, { steps: 40, environments: 2 }),
    store(task),
    fitValue(task, { epochs: 1 }),
    estimateGradient(task, { horizon: 2, imaginedGradient: "mirroredPairs" }),
    trpoUpdate(task),
  );
  await Effect.runPromise(trainRun({ task, program: whole, networks, iterations: 1, folder }));
  const written = readFileSync(join(folder, "pipeline.yaml"), "utf8");
  for (const line of ["kind: simulator", "damping: 1.1", "mass: 0.8"]) assertStringIncludes(written, line);
  const { task: opened } = await Effect.runPromise(resumeRun(folder, { iterations: 2 }));
  assertEquals(opened.imagined.simulation!.factors, task.imagined.simulation.factors);
});

Deno.test("a simulator that no file could name is refused", async () => {
  const slow = simulatedBy(heavy, {}, withTaskOptions(heavy, { frameSkip: 8 }));
  const compose = (task: typeof slow) =>
    program(
      collect(task, { steps: 40, environments: 2 }),
      store(task),
      fitValue(task, { epochs: 1 }),
      fitModel(task, { identify: ["mass"] }),
      estimateGradient(task, { imaginedGradient: "mirroredPairs" }),
      trpoUpdate(task),
    );
  const request = { task: slow, program: compose(slow), networks, folder: place() };
  assertStringIncludes((await Effect.runPromise(Effect.flip(trainRun(request)))).message, '"hopper" is not');
});
