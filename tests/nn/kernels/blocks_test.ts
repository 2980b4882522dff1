/** Blocks, the kernel of transposition, and the library's multiplication by pieces. */
import { assertEquals } from "@std/assert";
import { fold, makeKey } from "../../../src/math/random.ts";
import { startBackend } from "../../../src/nn/kernels/backend.ts";
import { findBlas } from "../../../src/nn/kernels/blas.ts";
import { makeWasmGemm } from "../../../src/nn/kernels/gemm.ts";
import { openHeap } from "../../../src/nn/kernels/heap.ts";
import { makeHeapEngine } from "../../../src/nn/kernels/heap_engine.ts";
import { makeSimdKernels } from "../../../src/nn/kernels/simd.ts";
import { plainEngine } from "../../../src/nn/passes/mlp_engine.ts";
import { assertClose, normals } from "../reference.ts";

await startBackend({ kernels: "off" });
const heap = openHeap(), simd = makeSimdKernels(heap), own = makeWasmGemm(heap, simd), blas = findBlas(heap, simd).blas;

const everyPasses = [["kernels", makeHeapEngine(heap, simd, own)], ["arrays", plainEngine]] as const;
for (const [kind, { passes }] of everyPasses) {
  Deno.test(`blocks by ${kind}: sums, copies, what is negligible, normalisation and the way back through it`, () => {
    const { blocks } = passes,
      place = passes.allocate(200),
      [rows, columns] = [3, 6];
    const put = (at: number, width: number, value: (i: number, j: number) => number) => {
      const f = passes.floats();
      for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) f[place + at + i * width + j] = value(i, j);
      return { at: place + at, width };
    };
    const read = ({ at, width }: { at: number; width: number }) =>
      Array.from({ length: rows }, (_, i) => [...passes.floats().subarray(at + i * width, at + i * width + columns)]);
    const table = (value: (i: number, j: number) => number) =>
      Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => value(i, j)));
    passes.floats().fill(99, place, place + 200);
    const a = put(0, 7, (i, j) => 10 * i + j), b = put(21, 6, (i, j) => i - j), to = put(39, 9, () => 5);
    blocks.add(a, b, to, rows, columns);
    assertEquals(read(to), table((i) => 11 * i));
    blocks.copy(a, to, rows, columns);
    assertEquals(read(to), table((i, j) => 10 * i + j));
    assertEquals([passes.floats()[to.at + 6], passes.floats()[to.at + 17]], [99, 99]); // beside the block
    const small = [1e-25, NaN, Math.fround(1e-23), Math.fround(-1e-23), NaN, -1e-26]; // four in a vector, two in the remainder
    blocks.copySignificant(put(0, 7, (_, j) => small[j]), to, rows, columns);
    assertEquals(read(to), table((_, j) => [0, NaN, small[2], small[3], NaN, 0][j]));
    const range = { mean: place + 80, scale: place + 86, low: place + 92, high: place + 98 };
    passes.floats().set(
      [...Array(6).fill(1), ...Array(6).fill(2), ...Array(6).fill(-4), ...Array(6).fill(4)],
      place + 80,
    );
    const normal = put(110, 6, () => 0), raw = [NaN, 4, -4, 1.5, -1, NaN]; // (x − 1)·2 within ±4
    blocks.normalize(put(0, 7, (_, j) => raw[j]), normal, rows, columns, range);
    assertEquals(read(normal), table((_, j) => [NaN, 4, -4, 1, -4, NaN][j]));
    put(110, 6, (_, j) => [1, 4, -4, 3.5, -3.5, 0][j]);
    put(39, 9, () => 1);
    blocks.addNormalizeSlope(normal, put(0, 7, (i) => i), put(21, 6, () => 1), to, rows, columns, range);
    assertEquals(read(to), table((i, j) => j === 1 || j === 2 ? 1 : 1 + 2 * (i + 1)));
    passes.free(place);
  });
}

Deno.test("a matrix is transposed, whole blocks and remainders", () => {
  for (const [rows, columns] of [[8, 12], [7, 9], [3, 2], [1, 5], [64, 17]]) {
    const n = rows * columns,
      address = heap.allocate((2 * n + 1) * 4),
      view = new Float32Array(heap.memory.buffer, address, 2 * n + 1);
    for (let i = 0; i < n; i++) view[i] = i;
    view[2 * n] = -1;
    simd.transpose(address, rows, columns, address + n * 4);
    const expected = Array.from({ length: n }, (_, i) => (i % rows) * columns + Math.floor(i / rows));
    assertEquals([...view.subarray(n)], [...expected, -1]); // nothing behind it is touched
    heap.free(address);
  }
});

Deno.test("BLAS by pieces equals the WASM multiplication, where pieces do not divide what they are of", {
  ignore: blas === null,
}, () => {
  const n = 64,
    long = 701,
    [a, b, c] = [long * n, n * n + long * n, 2 * long * n].map((size) => heap.allocate(size * 4));
  const fill = (address: number, count: number) =>
    new Float32Array(heap.memory.buffer, address, count).set(normals(fold(makeKey(8), count), count));
  const sides = [["plain", "plain", long, n], ["plain", "transposed", long, n], [
    "transposed",
    "plain",
    n,
    long,
  ]] as const;
  for (const [sideA, sideB, m, k] of sides) {
    for (const beta of [0, 1] as const) {
      const results = [own, blas!.gemm].map((gemm) => {
        [[a, long * n], [b, k * n], [c, m * n]].forEach(([address, count]) => fill(address, count));
        gemm(sideA, sideB, m, n, k, a, n, b, n, beta, c, n);
        return new Float32Array(heap.memory.buffer, c, m * n).slice();
      });
      assertClose(results[1], results[0], 3e-6);
    }
  }
  [a, b, c].forEach(heap.free);
});
