import { assertEquals } from "@std/assert";
import { fixedText } from "../../src/math/fixed_text.ts";

Deno.test("fixed decimals: no minus on what rounds to 0, and on all else", () => {
  const two = [-0.004, -0, 0, 0.004, -0.006, -10, -100.001].map((x) => fixedText(x, 2));
  assertEquals(two, ["0.00", "0.00", "0.00", "0.00", "-0.01", "-10.00", "-100.00"]);
  assertEquals([-0.4, -0.6, -20].map((x) => fixedText(x, 0)), ["0", "-1", "-20"]);
  assertEquals(fixedText(-Infinity, 1), "-Infinity");
});
