import * as tf from "@tensorflow/tfjs";
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { mlpParameterCount, type MlpShape } from "../../../src/data/parameters.ts";
import { fold, makeKey } from "../../../src/math/random.ts";
import { startBackend, tensorCount } from "../../../src/nn/kernels/backend.ts";
import { initializeMlp, mlp, mlpFrozen, mlpOfData } from "../../../src/nn/networks/mlp.ts";
import { assertClose, bySkipNothing, differences, normals, reference, rows } from "../reference.ts";

await startBackend();

const key = makeKey(1);
const n = 7;
const shapes: MlpShape[] = [
  { sizes: [5, 8, 6, 3], activation: "tanh" },
  { sizes: [5, 8, 6, 3], activation: "relu" },
  { sizes: [4, 3], activation: "tanh" }, // no hidden layer
  { sizes: [3, 33, 1], activation: "tanh" }, // odd widths
  { sizes: [5, 8, 6, 3], activation: "relu", skip: true },
];

/** L = Σ c ⊙ net(x), with fixed random c [n, out]. */
const referenceLoss = (shape: MlpShape, c: Float32Array, theta: ArrayLike<number>, x: ArrayLike<number>): number =>
  rows(x, shape.sizes[0]).flatMap((row) => reference(shape, theta, row)).reduce((sum, y, i) => sum + c[i] * y, 0);

for (const shape of shapes) {
  const name = `${shape.sizes.join("-")} ${shape.activation}${shape.skip === undefined ? "" : ", skip"}`;
  const out = shape.sizes[shape.sizes.length - 1];
  const count = mlpParameterCount(shape);
  const theta = normals(fold(key, 0), count + 2, .5); // two numbers more than the network has
  const x = normals(fold(key, 1), n * shape.sizes[0]);
  const c = normals(fold(key, 2), n * out);

  Deno.test(`${name}: forward and both gradients equal the float64 reference`, () => {
    const before = tensorCount();
    tf.tidy(() => {
      const [t, v, weight] = [tf.tensor1d(theta), tf.tensor2d(x, [n, shape.sizes[0]]), tf.tensor2d(c, [n, out])];
      assertClose(
        mlp(shape, t, v).dataSync(),
        rows(x, shape.sizes[0]).flatMap((row) => reference(shape, theta, row)),
        2e-6,
      );
      const loss = (t: tf.Tensor, v: tf.Tensor) =>
        tf.sum(tf.mul(mlp(shape, t as tf.Tensor1D, v as tf.Tensor2D), weight)) as tf.Scalar;
      const [byTheta, byInput] = tf.grads(loss)([t, v]);
      const expectedTheta = bySkipNothing(shape, differences((p) => referenceLoss(shape, c, p, x), theta));
      const expectedInput = differences((p) => referenceLoss(shape, c, theta, p), x);
      assertEquals(Array.from(byTheta.dataSync().slice(count)), [0, 0]);
      assertClose(byTheta.dataSync(), expectedTheta, 5e-6);
      assertClose(byInput.dataSync(), expectedInput, 5e-6);
      const frozen = tf.grad((p) => tf.sum(tf.mul(mlpFrozen(shape, t, p as tf.Tensor2D), weight)))(v);
      assertClose(frozen.dataSync(), expectedInput, 5e-6);
      const ofData = tf.grad((p) => tf.sum(tf.mul(mlpOfData(shape, p as tf.Tensor1D, v), weight)))(t);
      assertClose(ofData.dataSync(), expectedTheta, 5e-6);
    });
    assertEquals(tensorCount(), before);
  });
}

Deno.test("outside a gradient one call makes one tensor", () => {
  const shape = shapes[0];
  const [t, v] = [tf.tensor1d(initializeMlp(shape, key, 1)), tf.zeros([n, 5]) as tf.Tensor2D];
  const before = tensorCount();
  const y = mlp(shape, t, v);
  assertEquals(tensorCount(), before + 1);
  tf.dispose([t, v, y]);
});

Deno.test("initial weights are orthogonal with their gain, biases zero, the same for the same key", () => {
  const shape: MlpShape = { sizes: [4, 9, 2], activation: "tanh" };
  const theta = initializeMlp(shape, key, .01);
  assertEquals(theta, initializeMlp(shape, key, .01));
  assertEquals(Array.from(theta.subarray(36, 45)), Array(9).fill(0));
  const w = rows(theta.subarray(0, 36), 9); // [4, 9]: rows orthogonal, of length √2
  const v = rows(theta.subarray(45, 63), 2); // [9, 2]: columns orthogonal, of length .01
  const dot = (a: number[], b: number[]) => a.reduce((sum, p, i) => sum + p * b[i], 0);
  for (let i = 0; i < 4; i++) {
    for (let j = 0; j < 4; j++) assertAlmostEquals(dot(w[i], w[j]), i === j ? 2 : 0, 1e-6);
  }
  const column = (j: number) => v.map((row) => row[j]);
  assertAlmostEquals(dot(column(0), column(0)), 1e-4, 1e-9);
  assertAlmostEquals(dot(column(0), column(1)), 0, 1e-9);
});
