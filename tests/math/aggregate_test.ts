/**
 * Aggregates and their intervals equal those of rliable (fixtures/rliable, made by its own code).
 *
 * @module
 */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import aggregates from "../../fixtures/rliable/aggregates.json" with { type: "json" };
import improvement from "../../fixtures/rliable/improvement.json" with { type: "json" };
import profile from "../../fixtures/rliable/profile.json" with { type: "json" };
import {
  aggregateMean,
  aggregateMedian,
  censoredMedian,
  interquartileMean,
  optimalityGap,
  pairedImprovement,
  probabilityOfImprovement,
  quantile,
  type Scores,
  shareAbove,
} from "../../src/math/aggregate.ts";
import { bootstrapIntervals, type Interval } from "../../src/math/bootstrap.ts";
import { fold, makeKey } from "../../src/math/random.ts";

const exact = 1e-12;
const options = { resamples: 20_000, level: 0.95 };
const key = makeKey(0);

const statistics = {
  mean: aggregateMean,
  median: aggregateMedian,
  iqm: interquartileMean,
  optimalityGap: (scores: Scores) => optimalityGap(scores, 1),
} as const;
const names = Object.keys(statistics) as ReadonlyArray<keyof typeof statistics>;

/**
 * Ends agree within six standard deviations of our 20,000 resamples, whose error is √(50,000 / 20,000) = 1.6 times that of
 * one repeat of the reference; where the statistic is discrete an end may also fall on the next value, here at most .03 away.
 */
const agree = (ours: Interval, theirs: Interval & { readonly spread: number }, what: string, step: number) => {
  const tolerance = Math.max(6 * 1.6 * theirs.spread, step);
  assert(Math.abs(ours.low - theirs.low) < tolerance, `${what}: low ${ours.low}, rliable ${theirs.low} ± ${tolerance}`);
  assert(
    Math.abs(ours.high - theirs.high) < tolerance,
    `${what}: high ${ours.high}, rliable ${theirs.high} ± ${tolerance}`,
  );
};

Deno.test("mean, median, IQM and optimality gap equal rliable's", () => {
  for (const { scores, values } of aggregates.data) {
    for (const name of names) assertAlmostEquals(statistics[name](scores), values[name], exact);
  }
});

Deno.test("their intervals agree with rliable's within Monte-Carlo error", () => {
  aggregates.data.forEach(({ scores, intervals }, c) => {
    const ours = bootstrapIntervals(
      [scores],
      ([drawn]) => names.map((name) => statistics[name](drawn)),
      fold(key, c),
      options,
    );
    names.forEach((name, i) => agree(ours[i], intervals[name], `${name} of case ${c}`, c === 0 ? 0.03 : 0.005));
  });
});

Deno.test("probability of improvement and its interval equal rliable's, with unequal numbers of runs and ties", () => {
  improvement.data.forEach(({ x, y, value, interval }, c) => {
    assertAlmostEquals(probabilityOfImprovement(x, y), value, exact);
    const [ours] = bootstrapIntervals([x, y], ([a, b]) => [probabilityOfImprovement(a, b)], fold(key, c), options);
    agree(ours, interval, `case ${c}`, 0.02); // 25 pairs a task: steps of 1/50
  });
});

Deno.test("the performance profile and its intervals equal rliable's", () => {
  const { scores, taus, values, intervals } = profile.data;
  taus.forEach((tau, i) => assertAlmostEquals(shareAbove(scores, tau), values[i], exact));
  const ours = bootstrapIntervals([scores], ([drawn]) => taus.map((tau) => shareAbove(drawn, tau)), key, options);
  taus.forEach((_, i) => agree(ours[i], intervals[i], `profile at ${taus[i]}`, 1 / 30 + 1e-9)); // 30 runs
});

Deno.test("strata are resampled each from its own runs, and the same key gives the same intervals", () => {
  const strata = [[1, 1, 1], [10, 10]];
  const draws: number[][] = [];
  const run = (seed: number) =>
    bootstrapIntervals(
      [strata],
      ([drawn]) => {
        draws.push(drawn.flat());
        return [aggregateMean(drawn)];
      },
      makeKey(seed),
      { resamples: 50, level: 0.9 },
    );
  assertEquals(run(1), [{ low: 5.5, high: 5.5 }]); // tasks are (1, 10) in every resample
  assertEquals(new Set(draws.map(String)).size, 1);
  const spread = [[1, 2, 3, 4, 5]];
  const of = (seed: number) => bootstrapIntervals([spread], ([d]) => [aggregateMean(d)], makeKey(seed), options);
  assertEquals(of(3), of(3));
});

Deno.test("ragged scores: tasks weigh the same in the mean, runs in the IQM", () => {
  const ragged = [[0, 0, 0, 0, 0, 0], [6, 6]];
  assertEquals(aggregateMean(ragged), 3);
  assertEquals(interquartileMean(ragged), 0); // of 0 0 0 0 0 0 6 6 two are cut at each end: 0 0 0 0
});

Deno.test("quantiles lie linearly between order statistics", () => {
  assertEquals(quantile([4, 1, 3, 2], 0.5), 2.5);
  assertEquals(quantile([4, 1, 3, 2], 0.25), 1.75); // at 0.75 between 1 and 2
  assertEquals(quantile([7], 0.9), 7);
});

Deno.test("paired improvement looks at the same seed only", () => {
  // x always beats y on its own seed, though its runs lie below those of other seeds: unpaired, 6 of 9 pairs
  const pairs = [[[2, 1], [5, 4], [8, 7]]] as const;
  assertEquals(pairedImprovement(pairs), 1);
  assertAlmostEquals(probabilityOfImprovement([[2, 5, 8]], [[1, 4, 7]]), 6 / 9, exact);
  assertEquals(pairedImprovement([[[1, 1], [0, 1]]]), 0.25); // one tie of two
});

Deno.test("a median under censoring is that of Kaplan and Meier", () => {
  const met = (...at: number[]) => at.map((place) => ({ at: place, outcome: "met" as const }));
  const cut = (...at: number[]) => at.map((place) => ({ at: place, outcome: "censored" as const }));
  assertEquals(censoredMedian(met(30, 32, 31)), 31);
  // at 10: 1 − 1/4 = .75; 20 is cut; at 30: .75 · (1 − 1/2) = .375
  assertEquals(censoredMedian([...met(10, 30), ...cut(20, 40)]), 30);
  assertEquals(censoredMedian([...met(10), ...cut(40, 40)]), null); // .67 stays
  assertEquals(censoredMedian([]), null);
});
