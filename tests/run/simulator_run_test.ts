/** Runs whose control variate is a simulator: the same bits by workers and after a resume, factors in the checkpoint. */
import { assert, assertEquals, assertLess } from "@std/assert";
import * as Effect from "effect/Effect";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { isSimulator } from "../../src/data/folds.ts";
import { resumeRun, trainRun } from "../../src/run/train_run.ts";
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
const file = join(Deno.makeTempDirSync(), "wrong.yaml");
writeFileSync(file, yaml);
const place = (): string => join(Deno.makeTempDirSync(), "mine");
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
