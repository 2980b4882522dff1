import { assertAlmostEquals, assertEquals } from "@std/assert";
import { aligned, curveOf, emptyColumn, grow, meanOf, smoothed, thinned } from "../../src/page/browser/series.ts";

Deno.test("smoothing by a half: 1, then (.5·1 + 1·2)/1.5, then (.25·1 + .5·2 + 1·6)/1.75; gaps stay", () => {
  const found = smoothed([1, 2, null, 6], 0.5);
  [1, 5 / 3, null, 7.25 / 1.75].forEach((x, i) =>
    x === null ? assertEquals(found[i], null) : assertAlmostEquals(found[i]!, x, 1e-12)
  );
});

Deno.test("the mean of curves is by straight lines between their points, as far as all of them reach", () => {
  const mean = meanOf([{ x: [0, 2, 4], y: [0, 2, 4] }, { x: [1, 3], y: [10, 30] }]);
  // the second reaches from 1 to 3: (1 + 10)/2, (2 + 20)/2, (3 + 30)/2
  assertEquals(mean, { x: [1, 2, 3], y: [5.5, 11, 16.5] });
  assertEquals(aligned([{ x: [0, 2], y: [5, 6] }, { x: [1, 2], y: [7, 8] }]), [[0, 1, 2], [5, null, 6], [null, 7, 8]]);
});

Deno.test("a log grows, also from fewer lines than before; lines without the number are no points", () => {
  const column = emptyColumn(),
    more = (...n: number[]) => ({
      iteration: n,
      steps: n.map((i) => 10 * i),
      seconds: n,
      value: n.map((i) => i === 2 ? null : i),
    });
  grow(column, 0, more(1, 2, 3));
  grow(column, 3, more(4));
  assertEquals(curveOf(column, "steps", 0), { x: [10, 30, 40], y: [1, 3, 4] });
  grow(column, 1, more(9));
  assertEquals(column.iteration, [1, 9]);
});

Deno.test("ten thousand points become at most two thousand, the last among them", () => {
  const x = Array.from({ length: 10_000 }, (_, i) => i), { x: kept } = thinned({ x, y: x });
  assertEquals([kept.length, kept.at(-1), kept[0]], [2000, 9999, 4]);
});
