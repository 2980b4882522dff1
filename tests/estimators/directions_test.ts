import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { makeOrthogonal } from "../../src/estimators/directions.ts";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { makeModel } from "../../src/nn/networks/dynamics.ts";
import { lqr, simulate } from "./lqr.ts";
import { exactTask, foldInput, randomWorld } from "./world.ts";
import { mirroredSlopes } from "./slopes.ts";

const root = makeKey(31);

const drawn = (count: number, rows: number, size: number, key = root) =>
  Array.from({ length: count }, (_, p) => {
    const { normal } = makeStream(fold(key, p));
    return Float32Array.from({ length: rows * size }, normal);
  });

const rowOf = (z: Float32Array, row: number, size: number) => z.subarray(row * size, (row + 1) * size);
const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, j) => sum + x * b[j], 0);

Deno.test("directions of a group are orthogonal, of their old lengths, and the first one is as drawn", () => {
  const size = 3, rows = 50, before = drawn(5, rows, size), after = drawn(5, rows, size);
  makeOrthogonal(after, size);
  for (const first of [0, 3]) assertEquals(after[first], before[first]);
  for (let row = 0; row < rows; row++) {
    const [old, now] = [before, after].map((vectors) => vectors.map((z) => rowOf(z, row, size)));
    now.forEach((z, p) => assertAlmostEquals(Math.hypot(...z), Math.hypot(...old[p]), 1e-5));
    for (const [a, b] of [[0, 1], [0, 2], [1, 2], [3, 4]]) assertLess(Math.abs(dot(now[a], now[b])), 1e-5);
  }
});

Deno.test("each direction by itself stays standard normal: moments to the fourth", () => {
  const size = 2, rows = 20000, vectors = drawn(2, rows, size);
  makeOrthogonal(vectors, size);
  const mean = (of: (x: number, y: number) => number) => {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += of(...rowOf(vectors[1], row, size) as unknown as [number, number]);
    return sum / rows;
  };
  // of 20000 rows: standard errors √(Var/20000), Var of x², xy, x⁴, x²y² being 2, 1, 96, 8; each within 4 of them
  assertLess(Math.abs(mean((x) => x)), 4 * Math.sqrt(1 / rows));
  assertLess(Math.abs(mean((x) => x ** 2) - 1), 4 * Math.sqrt(2 / rows));
  assertLess(Math.abs(mean((x, y) => x * y)), 4 * Math.sqrt(1 / rows));
  assertLess(Math.abs(mean((x) => x ** 4) - 3), 4 * Math.sqrt(96 / rows));
  assertLess(Math.abs(mean((x, y) => (x * y) ** 2) - 1), 4 * Math.sqrt(8 / rows));
});

Deno.test("of a linear function d directions leave a relative variance of 2/d, independent ones of (d + 1)/d", () => {
  // ĝ = mean (g·ε)ε: E‖ĝ‖² is E r⁴·E(g·u)²·d/d² = (d + 2)/d·‖g‖² with orthogonal ones, and (d + 2 + d − 1)/d·‖g‖² without.
  const size = 4, rows = 20000, g = Float32Array.of(1, -2, 0.5, 3), square = dot(g, g);
  const relative = (vectors: ReadonlyArray<Float32Array>) => {
    let sum = 0;
    for (let row = 0; row < rows; row++) {
      const found = [...g].map((x) => -x);
      for (const z of vectors) {
        const epsilon = rowOf(z, row, size), along = dot(g, epsilon) / size;
        epsilon.forEach((e, j) => found[j] += along * e);
      }
      sum += found.reduce((total, x) => total + x * x, 0) / square;
    }
    return sum / rows;
  };
  const vectors = drawn(size, rows, size);
  assertAlmostEquals(relative(vectors), 5 / 4, 0.05); // 20000 rows: standard error below .015
  makeOrthogonal(vectors, size);
  assertAlmostEquals(relative(vectors), 2 / 4, 0.03);
});

Deno.test("several pairs a state take orthogonal directions: of a linear reward two leave 2/2, not 3/2", async () => {
  await startBackend();
  // r = 2·a₀ − a₁, γ = 0: half the difference of a pair is σ·g·ε, its slope by μ (g·ε)·ε.
  const g = [2, -1], n = 8000, sigma = Math.exp(-2), noise = drawn(1, n, 2)[0], world = randomWorld(root);
  const task = {
    ...exactTask(lqr),
    knownReward: ((algebra, _, a) => algebra.add(algebra.scale(a[0], g[0]), algebra.scale(a[1], g[1]))) as ReturnType<
      typeof exactTask
    >["knownReward"],
  };
  const policy = {
    shape: { sizes: [2, 2], activation: "tanh" as const },
    theta: Float32Array.of(0, 0, 0, 0, 0, 0, -2, -2),
  };
  const size = { inputSize: 4, outputSize: 2, hidden: [4], activation: "tanh", reward: "known" } as const;
  const plain = simulate({ ...lqr, steps: 1 }, { ...policy, theta: new Float32Array(4) }, n, root);
  const batch = { ...plain, actionSize: 2, noise, action: noise.map((e) => sigma * e) };
  const own = foldInput({ ...world, task, policy, model: makeModel(size, root), batch });
  const form = { discount: 0, weighting: "kStep", lambda: 1, termination: "hard" } as const;
  const { mean } = mirroredSlopes(own, { noise, imagined: [new Float32Array(n)], form }, 1, 2, root);
  const relative = mean.reduce((sum, x, at) => sum + (x - g[at % 2]) ** 2, 0) / n / (g[0] ** 2 + g[1] ** 2);
  assertAlmostEquals(relative, 1, 0.1); // 8000 rows: standard error below .03
});
