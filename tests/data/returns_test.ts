/**
 * A hand-worked example: two environments A and B over three steps, γ = ½.
 *
 *        A0   A1           A2           B0          B1    B2
 *   r    1    2            3            4           5     6
 *   V    2    4            6            8           10    12
 *   V′   4    100          2            20          12    4
 *   end  –    terminated   (batch end)  truncated   –     (batch end)
 *
 *   δ = r + ½V′ − V:  A0 = 1 + 2 − 2 = 1,  A1 = 2 − 4 = −2 (terminal: no V′),  A2 = 3 + 1 − 6 = −2 (bootstraps),
 *                     B0 = 4 + 10 − 8 = 6 (bootstraps), B1 = 5 + 6 − 10 = 1, B2 = 6 + 2 − 12 = −4 (bootstraps)
 *
 * @module
 */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Batch } from "../../src/data/batch.ts";
import {
  type BatchValues,
  bootstrapWeights,
  discountedSums,
  generalisedAdvantage,
  kStepAdvantage,
  temporalDifferences,
  vtraceTargets,
} from "../../src/data/returns.ts";
import { batchOf } from "./batch.ts";

// Time-major: A0 B0 A1 B1 A2 B2.
const batch = batchOf({ steps: 3, environments: 2, observationSize: 1, actionSize: 1 }, {
  reward: Float32Array.of(1, 4, 2, 5, 3, 6),
  terminated: Uint8Array.of(0, 0, 1, 0, 0, 0),
  truncated: Uint8Array.of(0, 1, 0, 0, 0, 0),
});
const values: BatchValues = {
  value: Float32Array.of(2, 8, 4, 10, 6, 12),
  nextValue: Float32Array.of(4, 20, 100, 12, 2, 4),
};
const list = (x: ArrayLike<number>): number[] => Array.from(x);

Deno.test("δ: terminated does not bootstrap; truncated and the end of the batch do", () => {
  assertEquals(list(temporalDifferences(batch, values, 0.5)), [1, 6, -2, 1, -2, -4]);
});

Deno.test("generalised advantages end with their episode", () => {
  // γλ = ¼: A0 = 1 + ¼·(−2) = ½, A1 = −2, A2 = −2; B0 = 6, B1 = 1 + ¼·(−4) = 0, B2 = −4.
  assertEquals(list(generalisedAdvantage(batch, values, { discount: 0.5, lambda: 0.5 })), [0.5, 6, -2, 0, -2, -4]);
});

Deno.test("λ = 1 is the Monte-Carlo return minus V", () => {
  // A0 = 1 + ½·2 − 2 = 0, A1 = 2 − 4, A2 = 3 + ½·2 − 6; B0 = 4 + ½·20 − 8, B1 = 5 + ½·6 + ¼·4 − 10, B2 = 6 + 2 − 12.
  assertEquals(list(generalisedAdvantage(batch, values, { discount: 0.5, lambda: 1 })), [0, 6, -2, -1, -2, -4]);
});

Deno.test("weights of V in returns: A0 and A1 end in a terminal state, all others bootstrap", () => {
  // A2 ½, B0 ½ (truncated), B1 ¼, B2 ½.
  assertEquals(list(bootstrapWeights(batch, 0.5)), [0, 0.5, 0, 0.25, 0.5, 0.5]);
});

Deno.test("k-step advantages", () => {
  const k = (horizon: number) => list(kStepAdvantage(batch, values, { discount: 0.5, horizon }));
  assertEquals(k(0), [0, 0, 0, 0, 0, 0]);
  assertEquals(k(1), [1, 6, -2, 1, -2, -4]);
  // A0 = 1 + ½·2 − 2 = 0 (terminal after two steps); B0 stops at its truncation; B1 = 5 + ½·6 + ¼·4 − 10 = −1.
  assertEquals(k(2), [0, 6, -2, -1, -2, -4]);
  assertEquals(k(9), k(2));
  // Without endings, r = 1 and V = 8 everywhere: k = 2 gives 1 + ½ + ¼·8 − 8 = −4.5, k = 3: 1 + ½ + ¼ + ⅛·8 − 8 = −5.25.
  const long = batchOf({ steps: 4, environments: 1, observationSize: 1, actionSize: 1 }, {
    reward: new Float32Array(4).fill(1),
  });
  const eight = { value: new Float32Array(4).fill(8), nextValue: new Float32Array(4).fill(8) };
  assertEquals(kStepAdvantage(long, eight, { discount: 0.5, horizon: 2 })[0], -4.5);
  assertEquals(kStepAdvantage(long, eight, { discount: 0.5, horizon: 3 })[0], -5.25);
});

Deno.test("V-trace clips ratios at one and cuts traces at endings", () => {
  const ratio = Float32Array.of(2, 0.5, 0.5, 3, 1, 0.25); // A0 B0 A1 B1 A2 B2
  // v − V with γλ = ¼:  A2 = −2, A1 = ½·(−2) = −1, A0 = 1·(1 + ¼·(−1)) = ¾;
  //                     B2 = ¼·(−4) = −1, B1 = 1·(1 + ¼·(−1)) = ¾, B0 = ½·6 = 3 (no trace through the truncation).
  const targets = vtraceTargets(batch, values, ratio, { discount: 0.5, lambda: 0.5 });
  assertEquals(list(targets), [2.75, 11, 3, 10.75, 4, 11]);
});

Deno.test("V-trace of the acting policy is the λ-return V + Â", () => {
  const ones = new Float32Array(6).fill(1);
  const targets = vtraceTargets(batch, values, ones, { discount: 0.5, lambda: 0.5 });
  assertEquals(list(targets), [2.5, 14, 2, 10, 4, 8]);
});

/** A random batch of a few steps with its values. */
const anyBatch = fc.integer({ min: 1, max: 3 }).chain((environments) =>
  fc.integer({ min: 1, max: 8 }).chain((steps) => {
    const n = steps * environments;
    const floats = fc.array(fc.float({ min: -10, max: 10, noNaN: true }), { minLength: n, maxLength: n });
    const ends = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: n, maxLength: n });
    return fc.record({ reward: floats, value: floats, nextValue: floats, ends }).map((x) => ({
      batch: batchOf({ steps, environments, observationSize: 1, actionSize: 1 }, {
        reward: Float32Array.from(x.reward),
        terminated: Uint8Array.from(x.ends, (e) => (e === 0 ? 1 : 0)),
        truncated: Uint8Array.from(x.ends, (e) => (e === 1 ? 1 : 0)),
      }),
      values: { value: Float32Array.from(x.value), nextValue: Float32Array.from(x.nextValue) },
    }));
  })
);

/** Rewards of at most `steps` steps from i on, added forward with the bootstrap where they stop. */
const walkReturn = (b: Batch, { nextValue }: BatchValues, discount: number, i: number, steps: number): number => {
  let sum = 0, weight = 1;
  for (let j = i, taken = 1;; j += b.environments, taken++) {
    sum += weight * b.reward[j];
    weight *= discount;
    if (b.terminated[j] === 1) return sum;
    if (b.truncated[j] === 1 || j + b.environments >= b.reward.length || taken === steps) {
      return sum + weight * nextValue[j];
    }
  }
};

/** V(s′) of a step that is not the last of its episode is V(s) of the next step. */
const consistent = (b: Batch, { value, nextValue }: BatchValues): BatchValues => ({
  value,
  nextValue: nextValue.map((v, i) => {
    const last = b.terminated[i] === 1 || b.truncated[i] === 1 || i + b.environments >= value.length;
    return last ? v : value[i + b.environments];
  }),
});

Deno.test("λ = 1 and k-step advantages are discounted sums of rewards minus V, on any batch", () => {
  fc.assert(fc.property(anyBatch, fc.double({ min: 0, max: 1, noNaN: true }), ({ batch: b, values: v }, discount) => {
    const c = consistent(b, v);
    const monteCarlo = generalisedAdvantage(b, c, { discount, lambda: 1 });
    const two = kStepAdvantage(b, c, { discount, horizon: 2 });
    for (let i = 0; i < b.reward.length; i++) {
      assertAlmostEquals(monteCarlo[i], walkReturn(b, c, discount, i, Infinity) - c.value[i], 1e-9);
      assertAlmostEquals(two[i], walkReturn(b, c, discount, i, 2) - c.value[i], 1e-9);
    }
  }));
});

Deno.test("sums do not leak from one environment into another", () => {
  const delta = Float64Array.of(1, 0, 1, 0, 1, 0); // only A
  const open = { ...batch, terminated: new Uint8Array(6), truncated: new Uint8Array(6) };
  assertEquals(list(discountedSums(open, delta, 0.5)), [1.75, 0, 1.5, 0, 1, 0]);
});
