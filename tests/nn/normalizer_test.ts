import tf from "@tensorflow/tfjs";
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { startBackend } from "../../src/nn/backend.ts";
import {
  accumulate,
  makeNormalizer,
  normalizeInto,
  normalizerTensors,
  normalizeTensor,
  refreshNormalizer,
} from "../../src/nn/normalizer.ts";
import { assertClose } from "./reference.ts";

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
