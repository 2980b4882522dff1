import { assertEquals } from "@std/assert";
import { copyRows, multiplyColumns } from "../../src/nn/row_loops.ts";

Deno.test("what is negligible becomes 0 on the way into products, the rest stays as it is", () => {
  const f = Float32Array.of(1e-10, 1e-20, 0.5, 1e-13, 9, 1e-13, 9, 0.25, 9, 0, 0, 0);
  multiplyColumns(f, 0, 3, 2, 9, 3); // (1e-10, 1e-20, .5)·(1e-13, 1e-13, .25), the second of every other number
  assertEquals([...f.subarray(9)], [Math.fround(f[0] * f[3]), 0, 0.125]);
  const from = [1e-25, -1e-25, 1e-23, -1e-23, 0, NaN].map(Math.fround),
    g = Float32Array.from([...from, ...Array(9).fill(7)]);
  copyRows(g, 0, 6, 3, 3, 2); // into two of three columns
  assertEquals([...g.subarray(6)], [0, 0, 7, from[2], from[3], 7, 0, NaN, 7]);
});
