import { assertEquals, assertThrows } from "@std/assert";
import { backtrack } from "../../src/math/line_search.ts";

Deno.test("the first acceptable fraction wins: 1 and .5 refused, .25 accepted", () => {
  const result = backtrack((f) => ({ accepted: f < .3, value: f * 8 }), { steps: 10, shrink: .5 });
  assertEquals(result, { outcome: "accepted", fraction: .25, tried: 3, value: 2 });
});

Deno.test("nothing acceptable: fraction 0 and the last value; a full step needs one trial", () => {
  const never = backtrack((f) => ({ accepted: false, value: f }), { steps: 3, shrink: .5 });
  assertEquals(never, { outcome: "rejected", fraction: 0, tried: 3, value: .25 });
  const full = backtrack((f) => ({ accepted: true, value: f }), { steps: 1, shrink: .5 });
  assertEquals(full, { outcome: "accepted", fraction: 1, tried: 1, value: 1 });
});

Deno.test("no steps at all is an error", () => {
  assertThrows(
    () => backtrack(() => ({ accepted: true, value: 0 }), { steps: 0, shrink: .5 }),
    RangeError,
    '"steps" must be at least 1: current value is 0',
  );
});
