/** Coefficients by chance shrink, those that are known do not. */
import { assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { blocksOf } from "../../src/estimators/blocks.ts";
import { laterWeights } from "../../src/estimators/control.ts";
import { sureShare } from "../../src/estimators/shrinkage.ts";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";
import { linearPolicy, lqr, simulate } from "./lqr.ts";

const root = makeKey(31);

Deno.test("share by hand: one coefficient and two, over blocks of rows", () => {
  // Blocks sum to 3 and −1: 2/(2 − 1)·(9 + 1) = 20 of S b = 10, squared.
  const scores = Float64Array.of(1, 2, -1, 0), blocks = [[0, 1], [2, 3]];
  assertAlmostEquals(sureShare([{ scores, product: 10 }], blocks), 1 - 20 / 100, 1e-12);
  assertEquals(sureShare([{ scores, product: 4 }], blocks), 0); // 20 of 16
  assertEquals(sureShare([{ scores, product: 0 }], blocks), 0);
  assertEquals(sureShare([{ scores, product: 4 }], [[0, 1, 2, 3]]), 1); // one block tells nothing
  // Sums (1, 0), (0, 2), (−1, −2): M = 3/(3 − 2)·(2, 2; 2, 8), its inverse (8, −2; −2, 2)/36; of S b = (6, 6): 36·6/36 = 6.
  const [first, second] = [Float64Array.of(1, 0, -1), Float64Array.of(0, 2, -2)];
  const both = [{ scores: first, product: 6 }, { scores: second, product: 6 }] as const;
  assertAlmostEquals(sureShare(both, [[0], [1], [2]]), 1 - 2 / 6, 1e-12);
  const twice = [{ scores: first, product: 6 }, { scores: first.map((s) => 2 * s), product: 12 }] as const; // one control, twice
  assertAlmostEquals(sureShare(twice, [[0], [1], [2]]), 1 - 2 / (36 / 6), 1e-12);
  const still = [{ scores: new Float64Array(3), product: 6 }] as const;
  assertEquals(sureShare(still, [[0], [1], [2]]), 1); // explained wholly
});

Deno.test("blocks are 20 consecutive steps of one environment, of the rows that may decide", () => {
  const batch = simulate({ ...lqr, steps: 50 }, linearPolicy([0, 0, 0, 0]), 3, root);
  const blocks = blocksOf(batch, (i) => i % 3 !== 1);
  assertEquals(blocks.map((rows) => rows.length), [20, 20, 20, 20, 10, 10]);
  assertEquals(blocks[0], Array.from({ length: 20 }, (_, t) => 3 * t));
  assertEquals(blocks[3][0], 3 * 20 + 2);
});

Deno.test("controls that have nothing to do with A, with rare large values, add less than half of what they add unshrunk", () => {
  // A and controls of 25 blocks of 20 rows: normal, and a hundred times that in one row of a hundred.
  const n = 500, blocks = Array.from({ length: 25 }, (_, b) => Array.from({ length: 20 }, (_, i) => 20 * b + i));
  const added = (coefficient: "optimal" | "leastVariance", gain: number): number => {
    let sum = 0;
    for (let draw = 0; draw < 200; draw++) {
      const { normal, uniform } = makeStream(fold(root, draw));
      const heavy = () => Float64Array.from({ length: n }, () => normal() * (uniform() < 0.01 ? 100 : 1));
      const [near, far, noise] = [heavy(), heavy(), heavy()], a = noise.map((x, i) => x + gain * (near[i] + far[i]));
      const { nearWeight, farWeight } = laterWeights(coefficient, a, { near, far }, () => true, blocks);
      sum += ((nearWeight - gain) ** 2 + (farWeight - gain) ** 2) / 200; // in fresh rows, in units of a control's variance
    }
    return sum;
  };
  assertLess(added("leastVariance", 0), 0.5 * added("optimal", 0));
  const [shrunk, plain] = [added("leastVariance", 0.5), added("optimal", 0.5)]; // what is there is kept
  assertGreater(shrunk, 0.5 * plain);
  assertLess(shrunk, 1.3 * plain);
});
