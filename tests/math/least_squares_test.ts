import { assertAlmostEquals, assertEquals } from "@std/assert";
import { fitLeastSquares } from "../../src/math/least_squares.ts";
import { makeKey, makeStream } from "../../src/math/random.ts";

const n = 200, { normal } = makeStream(makeKey(2)), draw = () => Float64Array.from({ length: n }, normal);
const all = () => true;

Deno.test("a linear function is found, from the selected samples alone", () => {
  const [x, z] = [draw(), draw()], even = (i: number) => i % 2 === 0;
  const y = x.map((v, i) => (even(i) ? 3 + 2 * v - 5 * z[i] : 1000));
  const predict = fitLeastSquares([x, z], y, even, 1e-12);
  // the ridge of 1e-6 of the variance shrinks slopes by as much
  for (let i = 0; i < n; i++) assertAlmostEquals(predict(i), 3 + 2 * x[i] - 5 * z[i], 1e-4);
});

Deno.test("by hand: the line through (0, 1), (1, 3), (2, 2) is 1½ + ½x", () => {
  // x̄ = 1, ȳ = 2, slope = ((−1)(−1) + 0 + 1·0)/(1 + 0 + 1) = ½
  const predict = fitLeastSquares([Float64Array.of(0, 1, 2)], Float64Array.of(1, 3, 2), all, 1e-12);
  [1.5, 2, 2.5].forEach((y, i) => assertAlmostEquals(predict(i), y, 1e-5));
});

Deno.test("features that do not vary are left out, collinear ones shared, none selected is 0", () => {
  const x = draw(), y = x.map((v) => 1 + 4 * v);
  const predict = fitLeastSquares([x, new Float64Array(n).fill(7), x.map((v) => -2 * v)], y, all, 1e-12);
  for (let i = 0; i < n; i++) assertAlmostEquals(predict(i), y[i], 1e-4);
  assertEquals(fitLeastSquares([x], y, () => false, 1e-12)(3), 0);
  assertEquals(fitLeastSquares([], Float64Array.of(1, 3), all, 1e-12)(0), 2);
});

Deno.test("a feature that hardly varies where it is fitted is not trusted where it does", () => {
  const first = (i: number) => i < 2, y = Float64Array.of(-3, 3, 0);
  // 1e−9 of noise among the fitted samples, 1 elsewhere: its slope of 3e9 would predict 3e9 there.
  const tiny = Float64Array.of(-1e-9, 1e-9, 1), small = Float64Array.of(-0.1, 0.1, 1);
  assertEquals(fitLeastSquares([tiny], y, first, 0.02)(2), 0);
  assertAlmostEquals(fitLeastSquares([small], y, first, 0.02)(2), 30, 1e-3);
});
