import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { Normalizer } from "../../../src/data/parameters.ts";
import { fold, makeKey } from "../../../src/math/random.ts";
import { startBackend } from "../../../src/nn/kernels/backend.ts";
import { accumulate, makeNormalizer, normalizeInto, refreshNormalizer } from "../../../src/nn/networks/normalizer.ts";
import { assertClose, normals } from "../reference.ts";
import { normalizerTensors, normalizeTensor } from "./tensor_normalizer.ts";

await startBackend();

Deno.test("merged statistics equal those of all rows: means (3, 10), variances (5, 0)", () => {
  // first column 0 2 4 6: mean 3, squares 9 + 1 + 1 + 9 = 20, variance 5
  const parts = [new Float32Array([0, 10]), new Float32Array([2, 10, 4, 10, 6, 10])];
  const merged = parts.reduce(accumulate, makeNormalizer(2));
  assertEquals([merged.count, Array.from(merged.runningMean), Array.from(merged.runningSquares)], [4, [3, 10], [
    20,
    0,
  ]]);
  assertEquals(merged.scale, makeNormalizer(2).scale); // not in use yet
  const used = refreshNormalizer(merged);
  assertAlmostEquals(used.scale[0], 1 / Math.sqrt(5), 1e-6);
  assertEquals(Array.from(normalizeInto(used, new Float32Array([3, 10]))), [0, 0]);
  assertClose(normalizeInto(used, new Float32Array([8, 10])), [Math.sqrt(5), 0], 1e-6);
});

Deno.test("a large offset costs no precision", () => {
  const merged = accumulate(makeNormalizer(1), new Float32Array([1e6, 1e6 + 1, 1e6 + 2]));
  assertAlmostEquals(merged.runningSquares[0], 2, 1e-9);
});

Deno.test("values beyond ±10 deviations are clipped; before two observations nothing changes", () => {
  assertEquals(Array.from(normalizeInto(makeNormalizer(1), new Float32Array([-20, 20, 3]))), [-10, 10, 3]);
  const one = accumulate(makeNormalizer(1), new Float32Array([5]));
  assertEquals(refreshNormalizer(one), one);
  assertEquals(accumulate(one, new Float32Array(0)), one);
});

Deno.test("the tensor version gives the same values and the gradient `scale` inside the clip", () => {
  const used = refreshNormalizer(accumulate(makeNormalizer(2), new Float32Array([0, 1, 2, 3, 4, 9])));
  const x = new Float32Array([.5, 2, 300, -1]);
  const tensors = normalizerTensors(used);
  tf.tidy(() => {
    const t = tf.tensor2d(x, [2, 2]);
    assertClose(normalizeTensor(tensors, t).dataSync(), normalizeInto(used, x), 1e-6);
    const gradient = tf.grad((v) => normalizeTensor(tensors, v as tf.Tensor2D).sum())(t).dataSync();
    assertClose(gradient, [used.scale[0], used.scale[1], 0, used.scale[1]], 1e-6);
  });
  tf.dispose([tensors.mean, tensors.scale]);
});

Deno.test("a bound is put on raw observations, by hand: |x| ≤ 3 of 2 ± 4 and no bound beside it", () => {
  const used = {
    ...makeNormalizer(2, [3, Infinity]),
    mean: new Float32Array([2, 2]),
    scale: new Float32Array([4, 4]),
  };
  // (3 − 2)·4 = 4 and (−3 − 2)·4 = −20, which the clip to ±10 cuts; (2.5 − 2)·4 = 2
  const x = new Float32Array([99, 4, -99, -99, 2.5, 2.5]);
  assertEquals([...normalizeInto(used, x)], [4, 8, -10, -10, 2, 2]);
  // first column 3, −3, 2.5: mean 2.5/3, squares 9 + 9 + 6.25 − 3·mean²
  const { runningMean, runningSquares } = accumulate(makeNormalizer(2, [3, Infinity]), x);
  assertClose([runningMean[0], runningSquares[0]], [2.5 / 3, 24.25 - 2.5 ** 2 / 3], 1e-12);
  assertClose([runningMean[1]], [(4 - 99 + 2.5) / 3], 1e-12);
});

Deno.test("with a bound, statistics and normalised rows have the bits that clamped rows have without, in tensors too", () => {
  const size = 17, bound = Array.from({ length: size }, (_, j) => (j < 8 ? Infinity : 10)), key = makeKey(8);
  const rows = [0, 1].map((i) => normals(fold(key, i), 300 * size, 15));
  const clamped = rows.map((each) => each.map((x, i) => Math.min(bound[i % size], Math.max(-bound[i % size], x))));
  const after = (from: Normalizer, parts: ReadonlyArray<Float32Array>) =>
    refreshNormalizer(parts.reduce(accumulate, from));
  const [own, plain] = [after(makeNormalizer(size, bound), rows), after(makeNormalizer(size), clamped)];
  const { bound: kept, ...statistics } = own;
  assertEquals(statistics, plain);
  assertEquals([...kept!], bound);
  const beyond = rows[0].filter((x, i) => Math.abs(x) > bound[i % size]).length;
  assert(beyond > 300 && beyond < 300 * 9 - 300, `${beyond} entries are clamped`);
  assertEquals(normalizeInto(own, rows[0]), normalizeInto(plain, clamped[0]));
  const inTensors = (normalizer: Normalizer, x: Float32Array) =>
    tf.tidy(() => normalizeTensor(normalizerTensors(normalizer), tf.tensor2d(x, [300, size])).dataSync());
  assertEquals(inTensors(own, rows[0]), inTensors(plain, clamped[0]));
});

Deno.test("no gradient passes where a raw observation lies beyond its bound", () => {
  const used = { ...makeNormalizer(2, [3, Infinity]), scale: new Float32Array([2, .5]) };
  const gradient = tf.tidy(() => {
    const normal = (v: tf.Tensor) => normalizeTensor(normalizerTensors(used), v as tf.Tensor2D).sum();
    return tf.grad(normal)(tf.tensor2d([2.9, 4, -3.1, 4, 3.1, 21], [3, 2])).dataSync();
  });
  assertEquals([...gradient], [2, .5, 0, .5, 0, 0]); // 21·.5 lies beyond 10
});
