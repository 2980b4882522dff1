import { assertEquals, assertThrows } from "@std/assert";
import { count, tallied } from "../../src/imagination/tally.ts";

Deno.test("work within work has a tally of its own; what throws leaves the outer one as it was", () => {
  const [inner, outer] = tallied(() => {
    count({ rollouts: 3, diverged: 1, thrown: null });
    const [, own] = tallied(() => count({ rollouts: 10, diverged: 2, thrown: "it threw first" }));
    assertThrows(
      () =>
        tallied(() => {
          count({ rollouts: 100, diverged: 100, thrown: "it threw beside" });
          throw new Error("lost");
        }),
      Error,
      "lost",
    );
    count({ rollouts: 4, diverged: 1, thrown: "it threw second" });
    count({ rollouts: 1, diverged: 1, thrown: "it threw third" });
    return own;
  });
  assertEquals(inner, { rollouts: 10, diverged: 2, thrown: "it threw first" });
  assertEquals(outer, { rollouts: 8, diverged: 3, thrown: "it threw second" });
  assertEquals(tallied(() => 5), [5, { rollouts: 0, diverged: 0, thrown: null }]);
});
