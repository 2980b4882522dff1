import { assertEquals } from "@std/assert";
import { multiplyColumns } from "../../../src/nn/passes/row_loops.ts";

Deno.test("what is negligible becomes 0 on the way into products, the rest stays as it is", () => {
  const f = Float32Array.of(1e-10, 1e-20, 0.5, 1e-13, 9, 1e-13, 9, 0.25, 9, 0, 0, 0);
  multiplyColumns(f, 0, 3, 2, 9, 3); // (1e-10, 1e-20, .5)·(1e-13, 1e-13, .25), the second of every other number
  assertEquals([...f.subarray(9)], [Math.fround(f[0] * f[3]), 0, 0.125]);
});
