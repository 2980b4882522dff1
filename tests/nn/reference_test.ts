import { assertAlmostEquals, assertThrows } from "@std/assert";
import { assertClose, differences, reference, rows } from "./reference.ts";

Deno.test("the reference network by hand: tanh(2·.5 + .1)·3 − 1", () => {
  const [y] = reference({ sizes: [1, 1, 1], activation: "tanh" }, [2, .1, 3, -1], [.5]);
  assertAlmostEquals(y, 3 * Math.tanh(1.1) - 1, 1e-12);
});

Deno.test("differences of x²y at (3, 2) are (2xy, x²) = (12, 9)", () => {
  assertClose(differences(([x, y]) => x * x * y, [3, 2]), [12, 9], 1e-8);
  assertClose(rows([1, 2, 3, 4], 2)[1], [3, 4], 0);
  assertThrows(() => assertClose([1.1], [1], 1e-3));
});
