/**
 * Resident memory of a long Hopper run: growth in MB an iteration after iteration 20, over 100 iterations and over 100
 * more. The replay memory is full well before that (20 batches of 1000 steps), so what goes on growing is a leak; what
 * grows and then stands still is garbage that V8 has not yet had a reason to collect.
 *
 *   deno run --allow-all tests/bench/memory_bench.ts
 */
import { runIterations } from "./run_iterations.ts";

const overrides = ["collect.steps=1000", "store.capacity=20000", "fitModel.updates=20", "fitValue.epochs=1"];
const rss: number[] = [];
await runIterations("pipelines/hopper_mscv.yaml", overrides, 220, (_, iteration) => {
  const now = Deno.memoryUsage().rss / 1e6;
  rss.push(now);
  if (iteration % 20 === 0) console.log(`iteration ${iteration}: ${now.toFixed(0)} MB`);
});
/** Least squares, since single readings jump with garbage collection. */
const slope = (x: ReadonlyArray<number>): number => {
  const middle = (x.length - 1) / 2, mean = x.reduce((a, b) => a + b) / x.length;
  const spread = x.reduce((sum, _, i) => sum + (i - middle) ** 2, 0);
  return x.reduce((sum, y, i) => sum + (i - middle) * (y - mean), 0) / spread;
};
for (const [from, to] of [[20, 120], [120, 220]]) {
  const growth = slope(rss.slice(from - 1, to));
  const verdict = growth < 1 ? "met" : "MISSED";
  console.log(`growth over iterations ${from} to ${to}: ${growth.toFixed(3)} MB an iteration (bar 1 MB, ${verdict})`);
}
