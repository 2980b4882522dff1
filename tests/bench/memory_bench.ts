/**
 * Resident memory of a long Hopper run: after iteration 20, growth in MB an iteration over 100 more. The memory is full
 * well before that (20 batches of 1000 steps), so what grows is a leak.
 *
 *   deno run --allow-all tests/bench/memory_bench.ts
 */
import { runIterations } from "./run_iterations.ts";

const overrides = ["collect.steps=1000", "store.capacity=20000", "fitModel.updates=20", "fitValue.epochs=1"];
const rss: number[] = [];
await runIterations("pipelines/hopper_mscv.yaml", overrides, 120, (_, iteration) => {
  const now = Deno.memoryUsage().rss / 1e6;
  rss.push(now);
  if (iteration % 20 === 0) console.log(`iteration ${iteration}: ${now.toFixed(0)} MB`);
});
// least squares over iterations 20 … 120, since single readings jump with garbage collection
const x = rss.slice(19), middle = (x.length - 1) / 2, mean = x.reduce((a, b) => a + b) / x.length;
const slope = x.reduce((sum, y, i) => sum + (i - middle) * (y - mean), 0) /
  x.reduce((sum, _, i) => sum + (i - middle) ** 2, 0);
console.log(`growth: ${slope.toFixed(3)} MB an iteration (bar 1 MB, ${slope < 1 ? "met" : "MISSED"})`);
