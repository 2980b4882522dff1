/**
 * Seconds of one training iteration on Hopper, of 5000 and of 1000 steps, by stage: TRPO and MSCV in turn, medians, by one
 * thread and by two. A bar is about twice what two cores of an AMD EPYC need.
 *
 *   deno run --allow-all tests/bench/iteration_bench.ts
 *
 * Each round begins each training anew: one iteration to warm up, two that count.
 */
import { median } from "./peers/measure.ts";
import { runIterations } from "./run_iterations.ts";

const ROUNDS = 5, WARM_UP = 1, TIMED = 2;

const mscv = "pipelines/hopper_mscv.yaml";

/** Name, pipeline, settings, bar in seconds, threads. */
const cases: ReadonlyArray<readonly [string, string, ReadonlyArray<string>, number, number]> = [
  ["TRPO", "pipelines/hopper_trpo.yaml", [], 0.6, 1],
  ["MSCV, recommended", mscv, [], 3.7, 1],
  ["MSCV, recommended, two threads", mscv, [], 2.9, 2],
  ["MSCV, recommended, 1000 steps", mscv, ["collect.steps=1000"], 1.6, 1],
  ["MSCV, model of 100 units, 1000 steps", mscv, ["collect.steps=1000", "networks.model.hidden=[100,100]"], 1, 1],
  ["MSCV, k = 2 as in the paper", "pipelines/hopper_mscv_paper.yaml", [], 2.5, 1],
];

const seconds = cases.map(() => new Map<string, number[]>());
for (let round = 0; round < ROUNDS; round++) {
  for (const [i, [, file, overrides, , threads]] of cases.entries()) {
    await runIterations(file, overrides, WARM_UP + TIMED, (result, iteration) => {
      if (iteration <= WARM_UP) return;
      for (const [stage, s] of Object.entries(result.seconds)) {
        seconds[i].set(stage, [...(seconds[i].get(stage) ?? []), s]);
      }
    }, threads);
  }
}
for (const [i, [name, , , bar]] of cases.entries()) {
  const parts = [...seconds[i]].map(([stage, s]) => `${stage} ${median(s).toFixed(3)}`);
  const total = median(seconds[i].get("total")!);
  console.log(`${name}: ${total.toFixed(2)} s (bar ${bar} s, ${total < bar ? "met" : "MISSED"}): ${parts.join(", ")}`);
}
