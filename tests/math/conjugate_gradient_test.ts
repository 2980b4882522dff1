import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import fc from "fast-check";
import { conjugateGradient } from "../../src/math/conjugate_gradient.ts";

/** (rows of A) ⇒ (v ⇒ A v). */
const productOf = (a: number[][]) => (v: Float32Array): Float32Array =>
  Float32Array.from(a, (row) => row.reduce((sum, x, j) => sum + x * v[j], 0));

Deno.test("[[4, 1], [1, 3]] x = [1, 2] has x = [1, 7]/11, reached in two products", () => {
  const result = conjugateGradient(productOf([[4, 1], [1, 3]]), new Float32Array([1, 2]), {
    iterations: 10,
    tolerance: 1e-6,
  });
  assertAlmostEquals(result.x[0], 1 / 11, 1e-6);
  assertAlmostEquals(result.x[1], 7 / 11, 1e-6);
  assertEquals(result.iterations, 2);
  assertLess(result.residual, 1e-6);
  assertAlmostEquals(result.curvature, 15 / 11, 1e-6); // xᵀA x = xᵀb
});

Deno.test("b = 0 takes no product; the limit of iterations holds", () => {
  const never = () => {
    throw new Error("no product is needed");
  };
  const zero = conjugateGradient(never, new Float32Array(2), { iterations: 5, tolerance: 0 });
  assertEquals(zero, { x: new Float32Array(2), residual: 0, iterations: 0, curvature: 0 });
  const one = conjugateGradient(productOf([[4, 1], [1, 3]]), new Float32Array([1, 2]), { iterations: 1, tolerance: 0 });
  assertEquals(one.iterations, 1);
  assertAlmostEquals(one.x[0], 5 / 20, 1e-6); // bᵀb/bᵀAb = 5/(4 + 4 + 12)
  assertAlmostEquals(one.curvature, 20 / 16, 1e-6); // x = b/4: bᵀAb/16
});

Deno.test("no positive curvature, or no number: the last good iterate is returned", () => {
  for (const bad of [-1, 0, NaN]) {
    const result = conjugateGradient((v) => v.map((x) => bad * x), new Float32Array([1]), {
      iterations: 5,
      tolerance: 0,
    });
    assertEquals([Array.from(result.x), result.residual, result.iterations], [[0], 1, 1]);
  }
});

Deno.test("random positive definite systems are solved within as many products as unknowns", () => {
  const entry = fc.double({ min: -1, max: 1, noNaN: true });
  const vector = fc.array(entry, { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(vector, { minLength: 4, maxLength: 4 }), vector, (m, b) => {
      // A = MᵀM + I is symmetric with eigenvalues ≥ 1
      const a = m.map((_, i) => m.map((_, j) => m.reduce((sum, row) => sum + row[i] * row[j], i === j ? 1 : 0)));
      const { x } = conjugateGradient(productOf(a), Float32Array.from(b), { iterations: 6, tolerance: 1e-6 });
      productOf(a)(x).forEach((y, i) => assertAlmostEquals(y, Math.fround(b[i]), 1e-4));
    }),
  );
});
