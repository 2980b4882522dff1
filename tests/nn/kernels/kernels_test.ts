import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import type { MlpShape } from "../../../src/data/parameters.ts";
import { mlpParameterCount } from "../../../src/data/parameters.ts";
import { fold, makeKey } from "../../../src/math/random.ts";
import { startBackend, tensorCount } from "../../../src/nn/kernels/backend.ts";
import { findBlas } from "../../../src/nn/kernels/blas.ts";
import { checkGemm, type Gemm, makeWasmGemm } from "../../../src/nn/kernels/gemm.ts";
import { guardAllocations, openHeap } from "../../../src/nn/kernels/heap.ts";
import { makeHeapEngine } from "../../../src/nn/kernels/heap_engine.ts";
import { installKernels } from "../../../src/nn/kernels/install.ts";
import { makeSimdKernels } from "../../../src/nn/kernels/simd.ts";
import { type MlpEngine, plainEngine } from "../../../src/nn/passes/mlp_engine.ts";
import { OutOfMemory } from "../../../src/nn/passes/out_of_memory.ts";
import { assertClose, normals } from "../reference.ts";

await startBackend({ kernels: "off" });
const heap = openHeap();
const simd = makeSimdKernels(heap);
const own = makeWasmGemm(heap, simd);
const blas = findBlas(heap, simd).blas;

Deno.test("the WASM multiplication is right for every side, and the check sees a wrong one", () => {
  assertLess(checkGemm(heap, own), 1e-6);
  const wrong: Gemm = (sideA, sideB, m, n, k, a, lda, b, ldb, _beta, c, ldc) =>
    own(sideA, sideB, m, n, k, a, lda, b, ldb, 0, c, ldc);
  assert(checkGemm(heap, wrong) > .01);
});

Deno.test("BLAS passes the same check", { ignore: blas === null }, () => {
  assertLess(checkGemm(heap, blas!.gemm), 1e-6);
});

const engines: [string, MlpEngine][] = [["WASM", makeHeapEngine(heap, simd, own)]];
if (blas !== null) engines.push(["BLAS", makeHeapEngine(heap, simd, blas.gemm)]);

const shapes: MlpShape[] = [
  { sizes: [17, 64, 64, 6], activation: "tanh" },
  { sizes: [5, 9, 3], activation: "relu" },
  { sizes: [3, 1], activation: "tanh" },
];
for (const [name, engine] of engines) {
  for (const shape of shapes) {
    for (const n of [1, 37, 2100]) { // 2100 rows are five chunks
      Deno.test(`${name}: the passes on tensors equal the plain ones, ${shape.sizes.join("-")}, ${n} rows`, () => {
        const before = tensorCount();
        const [inputs, outputs] = [shape.sizes[0], shape.sizes[shape.sizes.length - 1]];
        const count = mlpParameterCount(shape) + 2;
        tf.tidy(() => {
          const theta = tf.tensor1d(normals(fold(makeKey(0), 1), count, .3));
          const x = tf.tensor2d(normals(fold(makeKey(0), 3), n * inputs), [n, inputs]);
          const dy = tf.tensor2d(normals(fold(makeKey(0), 4), n * outputs), [n, outputs]);
          const results = [engine, plainEngine].map((e) => {
            const forward = e.forward(shape, theta, x);
            const layers = [x, ...forward.slice(0, -1)];
            const both = e.backward(shape, theta, layers, dy, "both");
            const ofTheta = e.backward(shape, theta, layers, dy, "theta");
            const ofInput = e.backward(shape, theta, layers, dy, "input");
            assertEquals([ofTheta.input, ofInput.theta], [null, null]);
            return [...forward, both.theta!, both.input!, ofTheta.theta!, ofInput.input!].map((t) => t.dataSync());
          });
          results[0].forEach((actual, i) => assertClose(actual, results[1][i], 3e-6));
        });
        assertEquals(tensorCount(), before);
      });
    }
  }
}

Deno.test("tanh is right to 3e-7 and NaN stays NaN", () => {
  const n = 4003; // vectors and a remainder
  const address = heap.allocate((n + n) * 4);
  const x = Float32Array.from({ length: n }, (_, i) => (i - 2000) / 160);
  x[7] = NaN;
  const view = new Float32Array(heap.memory.buffer, address, 2 * n);
  view.set(x);
  view.fill(0, n);
  simd.biasTanh(address, address + n * 4, 1, n);
  x.forEach((v, i) => i === 7 ? assertEquals(view[i], NaN) : assertAlmostEquals(view[i], Math.tanh(v), 3e-7));
  heap.free(address);
});

Deno.test("relu keeps NaN, in groups, in vectors and in the remainder", () => {
  const n = 23, address = heap.allocate(2 * n * 4), view = new Float32Array(heap.memory.buffer, address, 2 * n);
  const nan = [3, 17, 22]; // of 16, 4 and 3 columns
  view.set(Array.from({ length: n }, (_, i) => (nan.includes(i) ? NaN : i % 2 === 0 ? i : -i)));
  view.fill(0.5, n);
  simd.biasRelu(address, address + n * 4, 1, n);
  const expected = Array.from({ length: n }, (_, i) => (nan.includes(i) ? NaN : i % 2 === 0 ? i + 0.5 : 0));
  assertEquals([...view.subarray(0, n)], expected);
  heap.free(address);
});

Deno.test("a clip passes the gradient strictly within its bound, the same on both engines", () => {
  tf.tidy(() => {
    const y = tf.tensor1d([-2, 2, 1.9, -1.9, 0, 2, 1]);
    const dy = tf.tensor1d([1, 2, 3, 4, 5, 6, 7]);
    for (const engine of [engines[0][1], plainEngine]) {
      assertEquals(Array.from(engine.clipSlope(y, dy, 2).dataSync()), [0, 0, 3, 4, 5, 0, 7]);
    }
  });
});

const runKernel = (name: string, inputs: tf.Tensor[], attributes: tf.NamedAttrMap): unknown =>
  tf.engine().runKernel(name, inputs as unknown as tf.NamedTensorMap, attributes);

/** Operations on matrices and columns, each with what the replaced kernels must and must not take over. */
const copies: [string, (x: tf.Tensor2D) => tf.Tensor[]][] = [
  ["unstack columns", (x) => tf.unstack(x, 1)],
  ["unstack rows", (x) => tf.unstack(x, 0)],
  ["stack columns", (x) => [tf.stack([x.slice([0, 0], [3, 1]).as1D(), tf.ones([3])], -1)]],
  ["stack rows", (x) => [tf.stack([tf.ones([6]), x.slice([0, 0], [1, 6]).as1D()], 0)]],
  ["stack matrices", (x) => [tf.stack([x, x], 1)]],
  ["concatenate columns", (x) => [tf.concat([x, tf.ones([3, 1]), x], 1)]],
  ["concatenate rows", (x) => [tf.concat([x, x], 0)]],
  [
    "concatenate integers",
    () => [tf.concat([tf.tensor2d([[1]], [1, 1], "int32"), tf.tensor2d([[2]], [1, 1], "int32")], 1)],
  ],
  ["split by sizes", (x) => tf.split(x, [1, 5], 1)],
  ["split in three", (x) => tf.split(x, 3, 1)],
  ["split rows", (x) => tf.split(x, [1, 2], 0)],
  ["slice a block", (x) => [x.slice([1, 2], [2, 3])]],
  ["slice to the end", (x) => [x.slice([1, 2], [-1, -1])]],
  ["slice of rank 1 and 3", (x) => [x.as1D().slice(4, 5), x.reshape([1, 3, 6]).slice([0, 1, 1], [1, 2, 2])]],
];

for (const [name, run] of copies) {
  Deno.test(`replaced kernels copy as the tensor library does: ${name}`, () => {
    const before = tensorCount();
    tf.tidy(() => {
      const x = tf.tensor2d(normals(makeKey(3), 18), [3, 6]);
      const read = () => run(x).map((t) => [t.shape, t.dtype, t.dataSync()]);
      const expected = read();
      const { uninstall } = installKernels();
      const actual = read();
      uninstall();
      assertEquals(actual, expected);
    });
    assertEquals(tensorCount(), before);
  });
}

/** Operations whose shapes do not fit together, each with what is thrown. */
const misfits: [string, () => unknown, string][] = [
  ["concatenate other rows", () => tf.concat([tf.ones([3, 2]), tf.ones([1, 2])], 1), "does not match"],
  ["stack other lengths", () => runKernel("Pack", [tf.ones([3]), tf.ones([1])], { axis: 1 }), "must match"],
  ["split beyond the width", () => tf.split(tf.ones([3, 2]), [1, 5], 1), "sum of sizes must match"],
  ["split short of the width", () => tf.split(tf.ones([3, 6]), [1, 2], 1), "sum of sizes must match"],
  ["slice beyond the rows", () => tf.ones<tf.Rank.R2>([3, 2]).slice([2, 0], [5, 2]), "[5, 2] from [2,0] on"],
  ["slice beyond the columns", () => tf.ones<tf.Rank.R2>([3, 2]).slice([0, 1], [3, 2]), "[3, 2] from [0,1] on"],
  ["slice before the rows", () => tf.ones<tf.Rank.R2>([3, 2]).slice([-1, 0], [1, 2]), "[1, 2] from [-1,0] on"],
  ["slice from beyond the end", () => tf.ones<tf.Rank.R2>([3, 2]).slice([5, 0], [-1, 2]), "[-2, 2] from [5,0] on"],
];

for (const [name, run, message] of misfits) {
  Deno.test(`replaced kernels read no foreign memory: ${name}`, () => {
    const before = tensorCount();
    const { uninstall } = installKernels();
    try {
      assertThrows(() => tf.tidy(() => void run()), Error, message);
    } finally {
      uninstall();
    }
    assertEquals(tensorCount(), before);
  });
}

Deno.test("installing and uninstalling leaves the tensor library as it was", () => {
  const original = tf.getKernel("Identity", "wasm");
  const { uninstall } = installKernels();
  tf.tidy(() => {
    const x = tf.tensor1d([1, 2]);
    const copy = x.clone();
    x.dispose();
    assertEquals(Array.from(copy.dataSync()), [1, 2]); // by reference, yet it outlives x
  });
  uninstall();
  assertEquals(tf.getKernel("Identity", "wasm").kernelFunc, original.kernelFunc);
});

Deno.test("a full heap raises OutOfMemory, and later allocations go on", () => {
  guardAllocations();
  const taken: number[] = [];
  const error = assertThrows(() => {
    for (let i = 0; i < 5; i++) taken.push(heap.allocate(1.5e9)); // 4 GB hold two
  }, OutOfMemory);
  assertEquals((error as OutOfMemory).bytes, 1.5e9);
  taken.forEach(heap.free);
  assertEquals(Array.from(tf.tidy(() => tf.tensor1d([3]).add(1)).dataSync()), [4]);
});
