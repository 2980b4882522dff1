import * as tf from "@tensorflow/tfjs";
import { assertEquals } from "@std/assert";
import { type Algebra, float64Algebra } from "../../../src/math/algebra.ts";
import { fold, makeKey } from "../../../src/math/random.ts";
import { startBackend } from "../../../src/nn/kernels/backend.ts";
import { columns, fromColumns, tensorAlgebra } from "../../../src/nn/passes/tensor_algebra.ts";
import { assertClose, differences, normals, rows } from "../reference.ts";

await startBackend();

/** Uses every operation: columns of √(x² + 1.5)·sin y − 2·cos z + .25, of z, and of a ramp of x. */
const example = <T>(algebra: Algebra<T>, [x, y, z]: ReadonlyArray<T>): T[] => {
  const root = algebra.sqrt(algebra.shift(algebra.square(x), 1.5));
  const first = algebra.subtract(algebra.multiply(root, algebra.sin(y)), algebra.scale(algebra.cos(z), 2));
  return [algebra.add(first, algebra.constant(.25)), z, algebra.constant(7), algebra.ramp(x, 2)];
};

Deno.test("numbers and tensors agree, and so do gradients and finite differences", () => {
  const x = normals(fold(makeKey(5), 1), 4 * 3);
  const c = normals(fold(makeKey(5), 2), 4 * 4);
  const plain = (v: ArrayLike<number>) => rows(v, 3).flatMap((row) => example(float64Algebra, row));
  assertEquals(plain(new Float32Array(3)), [.25 - 2, 0, 7, 1]); // ramp(0) = 2/2
  tf.tidy(() => {
    const t = tf.tensor2d(x, [4, 3]);
    const f = (v: tf.Tensor) => fromColumns(example(tensorAlgebra, columns(v as tf.Tensor2D)));
    assertClose(f(t).dataSync(), plain(x), 1e-6);
    const gradient = tf.grad((v) => tf.sum(tf.mul(f(v), tf.tensor2d(c, [4, 4]))))(t).dataSync();
    assertClose(gradient, differences((v) => plain(v).reduce((sum, y, i) => sum + c[i] * y, 0), x), 1e-5);
  });
});

Deno.test("columns and back is the identity, with one column too", () => {
  tf.tidy(() => {
    const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
    assertEquals(Array.from(fromColumns(columns(x)).dataSync()), [1, 2, 3, 4, 5, 6]);
    assertEquals(fromColumns(columns(tf.tensor2d([1, 2], [2, 1]))).shape, [2, 1]);
  });
});
