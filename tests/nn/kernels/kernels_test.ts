import tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import type { MlpShape } from "../../../src/data/parameters.ts";
import { mlpParameterCount } from "../../../src/data/parameters.ts";
import { fold, makeKey } from "../../../src/math/random.ts";
import { startBackend, tensorCount } from "../../../src/nn/backend.ts";
import { findBlas } from "../../../src/nn/kernels/blas.ts";
import { checkGemm, type Gemm, makeWasmGemm } from "../../../src/nn/kernels/gemm.ts";
import { guardAllocations, openHeap } from "../../../src/nn/kernels/heap.ts";
import { makeHeapEngine } from "../../../src/nn/kernels/heap_engine.ts";
import { installKernels } from "../../../src/nn/kernels/install.ts";
import { makeSimdKernels } from "../../../src/nn/kernels/simd.ts";
import { type MlpEngine, plainEngine } from "../../../src/nn/mlp_engine.ts";
import { OutOfMemory } from "../../../src/nn/out_of_memory.ts";
import { assertClose, normals } from "../reference.ts";

await startBackend({ kernels: "off" });
const heap = openHeap();
const simd = makeSimdKernels(heap);
const own = makeWasmGemm(heap, simd);
const blas = findBlas(heap).blas;

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
    for (const n of [1, 37, 2100]) { // 2100 rows are three chunks
      Deno.test(`${name}: the three passes equal the plain ones, ${shape.sizes.join("-")}, ${n} rows`, () => {
        const before = tensorCount();
        const [inputs, outputs] = [shape.sizes[0], shape.sizes[shape.sizes.length - 1]];
        const count = mlpParameterCount(shape) + 2;
        tf.tidy(() => {
          const theta = tf.tensor1d(normals(fold(makeKey(0), 1), count, .3));
          const direction = tf.tensor1d(normals(fold(makeKey(0), 2), count));
          const x = tf.tensor2d(normals(fold(makeKey(0), 3), n * inputs), [n, inputs]);
          const dy = tf.tensor2d(normals(fold(makeKey(0), 4), n * outputs), [n, outputs]);
          const results = [engine, plainEngine].map((e) => {
            const forward = e.forward(shape, theta, x);
            const layers = [x, ...forward.slice(0, -1)];
            const both = e.backward(shape, theta, layers, dy, "both");
            const ofTheta = e.backward(shape, theta, layers, dy, "theta");
            const ofInput = e.backward(shape, theta, layers, dy, "input");
            assertEquals([ofTheta.input, ofInput.theta], [null, null]);
            const tangent = e.tangent(shape, theta, layers, direction);
            return [...forward, both.theta!, both.input!, ofTheta.theta!, ofInput.input!, tangent].map((t) =>
              t.dataSync()
            );
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
