/**
 * Determinism, independence and distributions of the random streams. Bounds are four standard errors or a χ² quantile of
 * 1e-4; keys are fixed, so that a test that passes once passes always.
 *
 * @module
 */
import { assert, assertAlmostEquals, assertEquals, assertLess, assertNotEquals } from "@std/assert";
import { fold, type Key, makeKey, makeStream } from "../../src/math/random.ts";

const root = makeKey(2018);

const uniforms = (key: Key, n: number): number[] => Array.from({ length: n }, makeStream(key).uniform);

/** χ² of counts against equal expectations. */
const chiSquare = (counts: ReadonlyArray<number>): number => {
  const expected = counts.reduce((a, b) => a + b, 0) / counts.length;
  return counts.reduce((sum, c) => sum + (c - expected) ** 2 / expected, 0);
};

const histogram = (x: ReadonlyArray<number>, bins: number): number[] => {
  const counts = Array<number>(bins).fill(0);
  for (const u of x) counts[Math.floor(u * bins)]++;
  return counts;
};

const correlationOf = (x: ReadonlyArray<number>, y: ReadonlyArray<number>): number => {
  const centre = (v: ReadonlyArray<number>) => {
    const mean = v.reduce((a, b) => a + b, 0) / v.length;
    return v.map((e) => e - mean);
  };
  const inner = (a: ReadonlyArray<number>, b: ReadonlyArray<number>) => a.reduce((sum, e, i) => sum + e * b[i], 0);
  const [a, b] = [centre(x), centre(y)];
  return inner(a, b) / Math.sqrt(inner(a, a) * inner(b, b));
};

const CHI_63 = 116; // 63 degrees of freedom: mean 63, 1e-4 of the draws lie above 116

Deno.test("the same key gives the same numbers; streams of one key do not disturb each other", () => {
  const draw = (
    { uniform, normal, integer }: ReturnType<typeof makeStream>,
  ) => [uniform(), normal(), integer(10), normal()];
  const [a, b] = [makeStream(root), makeStream(root)];
  const first = draw(a);
  assertEquals(draw(b), first);
  assertEquals(draw(b), draw(a));
  assertNotEquals(draw(a), first);
});

Deno.test("keys are fixed by the seed for good: stored runs depend on them", () => {
  // Recorded once; a change of these numbers breaks the resumption and the comparison of runs.
  assertEquals(fold(fold(makeKey(0), 7), "collect"), { high: 2129120648, low: 2048855602 });
  assertEquals(uniforms(makeKey(0), 2), [0.5439886372979645, 0.6468234222554773]);
});

Deno.test("seeds, labels and their order give different keys", () => {
  const keys = [
    ...Array.from({ length: 200 }, (_, seed) => makeKey(seed)),
    ...Array.from({ length: 200 }, (_, label) => fold(root, label)),
    ...["collect", "store", "fitModel", "fitValue", "0", "1", ""].map((label) => fold(root, label)),
    ...Array.from({ length: 200 }, (_, label) => fold(fold(root, label), "noise")),
    makeKey(-1),
    makeKey(2 ** 32),
    makeKey(2 ** 52),
    fold(fold(root, "a"), "b"),
    fold(fold(root, "b"), "a"),
    root,
  ];
  assertEquals(new Set(keys.map(({ high, low }) => `${high} ${low}`)).size, keys.length);
  for (const { high, low } of keys) assert(high >>> 0 === high && low >>> 0 === low);
});

Deno.test("uniform numbers fill [0, 1) evenly, one by one and in pairs", () => {
  const x = uniforms(root, 64000);
  assert(x.every((u) => u >= 0 && u < 1));
  assertLess(chiSquare(histogram(x, 64)), CHI_63);
  const pairs = histogram(x.slice(1).map((u, i) => (Math.floor(8 * u) + x[i] * 0.999999) / 8), 64);
  assertLess(chiSquare(pairs), CHI_63);
  const low = x.map((u) => (u * 2 ** 20) % 1); // bits 21 and on of the mantissa
  assertLess(chiSquare(histogram(low, 64)), CHI_63);
});

Deno.test("first numbers of sibling streams are uniform, whether labels are numbers, names or seeds", () => {
  const n = 6400;
  const first = (keyOf: (i: number) => Key) => Array.from({ length: n }, (_, i) => makeStream(keyOf(i)).uniform());
  for (
    const x of [
      first((i) => fold(root, i)),
      first((i) => fold(root, `stage${i}`)),
      first((i) => makeKey(i)),
      first((i) => fold(makeKey(i), "collect")),
      first((i) => fold(fold(fold(root, i), "collect"), 0)),
    ]
  ) {
    assertLess(chiSquare(histogram(x, 64)), CHI_63);
    assertLess(Math.abs(correlationOf(x.slice(1), x.slice(0, -1))), 4 / Math.sqrt(n));
  }
});

Deno.test("streams of siblings, of parent and child, and of neighbouring seeds are uncorrelated", () => {
  const n = 10000, bound = 4 / Math.sqrt(n); // the correlation of independent samples has deviation 1/√n
  const pairs: ReadonlyArray<readonly [Key, Key]> = [
    [fold(root, 0), fold(root, 1)],
    [fold(root, "noise"), fold(root, "reset")],
    [root, fold(root, 0)],
    [makeKey(1), makeKey(2)],
    [fold(makeKey(1), "noise"), fold(makeKey(2), "noise")],
    [{ high: 0, low: 0 }, { high: 0, low: 1 }],
  ];
  for (const [a, b] of pairs) {
    const [x, y] = [uniforms(a, n + 1), uniforms(b, n + 1)];
    assertLess(Math.abs(correlationOf(x.slice(1), y.slice(1))), bound);
    assertLess(Math.abs(correlationOf(x.slice(1), y.slice(0, n))), bound); // one behind the other
  }
});

Deno.test("normal numbers have the moments and the tails of N(0, 1)", () => {
  const n = 100000, { normal } = makeStream(root);
  const x = Array.from({ length: n }, normal);
  const moment = (p: number) => x.reduce((sum, v) => sum + v ** p, 0) / n;
  // Variances of x, x², x³, x⁴: 1, 3 − 1 = 2, 15, 105 − 9 = 96.
  [[1, 0, 1], [2, 1, 2], [3, 0, 15], [4, 3, 96]].forEach(([p, expected, variance]) =>
    assertAlmostEquals(moment(p), expected, 4 * Math.sqrt(variance / n), `moment ${p}`)
  );
  // P(|x| > 1) = .3173, P(|x| > 3) = .0027.
  for (const [bound, p] of [[1, 0.317311], [3, 0.0026998]]) {
    const share = x.filter((v) => Math.abs(v) > bound).length / n;
    assertAlmostEquals(share, p, 4 * Math.sqrt(p * (1 - p) / n));
  }
  const even = x.filter((_, i) => i % 2 === 0), odd = x.filter((_, i) => i % 2 === 1); // the two of each Box–Muller pair
  assertLess(Math.abs(correlationOf(even, odd)), 4 / Math.sqrt(n / 2));
  assertLess(Math.abs(correlationOf(even.map((v) => v * v), odd.map((v) => v * v))), 4 / Math.sqrt(n / 2));
});

Deno.test("integers are uniform on 0 … bound − 1", () => {
  const { integer } = makeStream(root), counts = Array<number>(7).fill(0);
  for (let i = 0; i < 14000; i++) counts[integer(7)]++;
  assertLess(chiSquare(counts), 27.9); // 6 degrees of freedom: 1e-4 above 27.9
  assertEquals(counts.length, 7);
  assertEquals(integer(1), 0);
});
