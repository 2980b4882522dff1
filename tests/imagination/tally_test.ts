import { assertEquals, assertThrows } from "@std/assert";
import { count, tallied } from "../../src/imagination/tally.ts";

Deno.test("work within work has a tally of its own; what throws leaves the outer one as it was", () => {
  const [inner, outer] = tallied(() => {
    count({ rollouts: 3, diverged: 1 });
    const [, own] = tallied(() => count({ rollouts: 10, diverged: 2 }));
    assertThrows(
      () =>
        tallied(() => {
          count({ rollouts: 100, diverged: 100 });
          throw new Error("lost");
        }),
      Error,
      "lost",
    );
    count({ rollouts: 4, diverged: 0 });
    return own;
  });
  assertEquals([inner, outer], [{ rollouts: 10, diverged: 2 }, { rollouts: 7, diverged: 1 }]);
  assertEquals(tallied(() => 5), [5, { rollouts: 0, diverged: 0 }]);
});
