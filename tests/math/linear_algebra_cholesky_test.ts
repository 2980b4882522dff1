import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { factorCholesky, solveCholesky } from "../../src/math/linear_algebra_cholesky.ts";
import { makeKey, makeStream } from "../../src/math/random.ts";

Deno.test("a 2×2 system by hand", () => {
  // [4 2; 2 3] x = [8; 7]: determinant 8, x = ([24 − 14]/8, [28 − 16]/8) = (1.25, 1.5)
  const a = Float64Array.of(4, NaN, 2, 3), x = new Float64Array(2); // the upper triangle is never read
  assert(factorCholesky(a, 2));
  solveCholesky(a, 2, Float64Array.of(8, 7), x);
  assertAlmostEquals(x[0], 1.25, 1e-15);
  assertAlmostEquals(x[1], 1.5, 1e-15);
});

Deno.test("random systems of every size solve back, in place too", () => {
  const stream = makeStream(makeKey(0));
  for (let n = 1; n <= 9; n++) {
    const root = Float64Array.from({ length: n * n }, () => stream.normal());
    const a = new Float64Array(n * n), x = Float64Array.from({ length: n }, () => stream.normal());
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        for (let k = 0; k < n; k++) a[i * n + j] += root[i * n + k] * root[j * n + k];
      }
      a[i * n + i] += 1; // away from singular
    }
    const b = Float64Array.from({ length: n }, (_, i) => x.reduce((sum, value, j) => sum + a[i * n + j] * value, 0));
    assert(factorCholesky(a, n));
    solveCholesky(a, n, b, b);
    b.forEach((value, i) => assertAlmostEquals(value, x[i], 1e-12));
  }
});

Deno.test("zeros between branches of a tree stay zeros", () => {
  // Root 0 with children 1 and 2: a_21 = 0. Elimination from the leaves creates no entry there.
  const a = Float64Array.of(5, 0, 0, 1, 2, 0, 1, 0, 2);
  assert(factorCholesky(a, 3));
  assertEquals(a[7], 0);
});

Deno.test("what is not positive definite is refused", () => {
  assertEquals(factorCholesky(Float64Array.of(1, 0, 2, 1), 2), false); // determinant −3
  assertEquals(factorCholesky(Float64Array.of(NaN), 1), false);
  assertEquals(factorCholesky(Float64Array.of(0), 1), false);
});
