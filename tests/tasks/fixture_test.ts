import { assertEquals } from "@std/assert";
import { largestDifference, readFixture } from "./fixture.ts";

Deno.test("largestDifference is the largest one, and infinite where nothing can be compared", () => {
  assertEquals(largestDifference([1, 2, 5], [1, 4, 4]), 2);
  assertEquals(largestDifference([1], [1, 2]), Infinity);
  assertEquals(largestDifference([NaN, 1], [0, 3]), Infinity);
});

Deno.test("fixtures hold 200 steps from each start", () => {
  const { trajectories } = readFixture("reacher");
  assertEquals(trajectories.map((t) => t.tight.observation.length), trajectories.map(() => 200));
  assertEquals(trajectories.map((t) => t.actions.length), trajectories.map(() => 200));
});
