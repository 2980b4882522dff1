import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { correlation, explainedVariance, mean, moments } from "../../src/math/statistics.ts";

Deno.test("means by hand", () => {
  assertEquals(mean([1, 2, 6]), 3);
  assertEquals(mean([1, 2, 6], (i) => i !== 1), 3.5);
  assertEquals([mean([]), mean([1, 2], () => false)], [0, 0]);
  assertEquals(mean(Float32Array.of(16777216, 1, 1)), 16777218 / 3); // float32 would lose both ones
});

Deno.test("moments by hand", () => {
  // x: mean 3, deviations −2 −1 3; y: mean 2, deviations 2 0 −2: variances 14/3, 8/3, covariance (−4 − 6)/3.
  const found = moments([1, 2, 6], [4, 2, 0]);
  assertAlmostEquals(found.varianceX, 14 / 3, 1e-15);
  assertAlmostEquals(found.varianceY, 8 / 3, 1e-15);
  assertAlmostEquals(found.covariance, -10 / 3, 1e-15);
  assertAlmostEquals(correlation(found), -10 / Math.sqrt(14 * 8), 1e-15);
  assertEquals(moments([1, 100, 6], [4, -50, 0], (i) => i !== 1), moments([1, 6], [4, 0]));
});

Deno.test("nothing varies, nothing correlates", () => {
  assertEquals(correlation(moments([1, 1], [0, 5])), 0);
  assertEquals(correlation(moments([0, 5], [1, 1])), 0);
  assertEquals(explainedVariance([1, 2], [3, 3]), 0);
});

Deno.test("explained variance by hand", () => {
  const target = [1, 2, 3, 6];
  assertEquals(explainedVariance(target, target), 1);
  assertEquals(explainedVariance([5, 5, 5, 5], target), 0);
  assertAlmostEquals(explainedVariance(target.map((y) => y + 10), target), 1, 1e-12); // an offset is not variance
  assertAlmostEquals(explainedVariance(target.map((y) => y / 2), target), 0.75, 1e-12); // 1 − Var(y/2)/Var(y)
  assertAlmostEquals(explainedVariance(target.map((y) => -y), target), -3, 1e-12); // 1 − Var(2y)/Var(y)
});

const sample = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 2, maxLength: 20 });

Deno.test("variance does not see an offset and scales by the square; covariance is symmetric and linear", () => {
  fc.assert(
    fc.property(sample, fc.integer({ min: -5, max: 5 }), fc.integer({ min: -50, max: 50 }), (x, scale, offset) => {
      const y = x.map((v, i) => v * scale + offset + i % 3);
      const one = moments(x, y), two = moments(y, x), moved = moments(x.map((v) => scale * v + offset), y);
      assertAlmostEquals(one.covariance, two.covariance, 1e-6);
      assertAlmostEquals(one.varianceX, two.varianceY, 1e-6);
      assertAlmostEquals(moved.varianceX, scale ** 2 * one.varianceX, 1e-6);
      assertAlmostEquals(moved.covariance, scale * one.covariance, 1e-6);
    }),
  );
});

Deno.test("|ρ| ≤ 1, and the selected pairs alone count", () => {
  fc.assert(fc.property(sample, (x) => {
    const y = x.map((v, i) => Math.sin(v + i));
    assert(Math.abs(correlation(moments(x, y))) <= 1);
    const even = (v: number[]) => v.filter((_, i) => i % 2 === 0);
    const where = moments(x, y, (i) => i % 2 === 0), alone = moments(even(x), even(y));
    assertAlmostEquals(where.covariance, alone.covariance, 1e-9);
    assertAlmostEquals(where.varianceX, alone.varianceX, 1e-9);
  }));
  // Variances whose product is below the smallest number: ρ(x, 2x) is still 1.
  assertAlmostEquals(correlation({ varianceX: 1e-200, varianceY: 4e-200, covariance: 2e-200 }), 1, 1e-12);
});
