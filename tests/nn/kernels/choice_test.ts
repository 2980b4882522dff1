/** Which kernels run: what is asked for is followed or refused, and nothing depends on how fast the machine seems. */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { startBackend } from "../../../src/nn/kernels/backend.ts";
import { findBlas } from "../../../src/nn/kernels/blas.ts";
import { SettingInvalid } from "../../../src/nn/kernels/environment.ts";
import { type Gemm, makeWasmGemm, multiplyAddOf } from "../../../src/nn/kernels/gemm.ts";
import { openHeap } from "../../../src/nn/kernels/heap.ts";
import { installKernels } from "../../../src/nn/kernels/install.ts";
import { makeSimdKernels } from "../../../src/nn/kernels/simd.ts";

await startBackend({ kernels: "off" });
const heap = openHeap(), simd = makeSimdKernels(heap), blas = findBlas(heap, simd).blas;

for (const wish of ["foo", "/nowhere/libopenblas.so.0", import.meta.filename!, "OFF", "a\nb"]) {
  Deno.test(`a BLAS library that cannot be used is refused: ${JSON.stringify(wish)}`, () => {
    const { variable, value, message } = assertThrows(() => findBlas(heap, simd, wish), SettingInvalid);
    assertEquals([variable, value], ["MSCV_BLAS", wish]);
    const start = 'Cannot start the backend as MSCV_BLAS must be "auto", "off" or the path of a BLAS library: ';
    assertStringIncludes(message, `${start}current value is ${wish.replace("\n", "\\n")} (`);
    assertEquals(message.includes("\n"), false);
  });
}

Deno.test("a BLAS library is found by its path, and none is looked for where it is off", () => {
  assertEquals(findBlas(heap, simd, "off"), { blas: null, reason: "MSCV_BLAS is off" });
  if (blas === null) return;
  const { gemm: _, ...found } = findBlas(heap, simd, blas.path).blas!;
  const { gemm: __, ...expected } = blas;
  assertEquals(found, expected);
});

Deno.test(
  "OpenBLAS says its version, its core and its one thread",
  { ignore: !blas?.path.includes("openblas") },
  () => {
    const { library, core, threads } = blas!;
    assertEquals([/^OpenBLAS \d+\.\d+/.test(library!), /^\w+$/.test(core!), threads], [true, true, 1]);
    assertEquals(library!.split(" ").includes(core!), false); // told once
  },
);

/** Products as sums from the left, each addition rounded by `round`, products by `product`. */
const gemmInArrays = (product: (x: number) => number): Gemm => (_a, _b, m, n, k, a, lda, b, ldb, _beta, c, ldc) => {
  const f = new Float32Array(heap.memory.buffer);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum = Math.fround(sum + product(f[a / 4 + i * lda + p] * f[b / 4 + p * ldb + j]));
      f[c / 4 + i * ldc + j] = sum;
    }
  }
};

Deno.test("a multiply-add that rounds once is told from one that rounds twice", () => {
  assertEquals(multiplyAddOf(heap, gemmInArrays((x) => x)), "fused"); // products of float32 are exact in float64
  assertEquals(multiplyAddOf(heap, gemmInArrays(Math.fround)), "separate");
  assertEquals(["fused", "separate"].includes(multiplyAddOf(heap, makeWasmGemm(heap, simd))), true);
});

Deno.test("a library that seems slow is used all the same, so that a busy machine computes what an idle one does", {
  ignore: blas === null,
}, () => {
  const own = performance.now;
  let time = 0, step = 1e12;
  performance.now = () => time += step /= 1.5; // whoever is measured first seems the slowest by far
  try {
    const { blas: used, uninstall } = installKernels();
    uninstall();
    assertEquals(used?.path, blas!.path);
  } finally {
    performance.now = own;
  }
});
