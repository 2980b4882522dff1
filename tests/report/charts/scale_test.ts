/**
 * Axes end at round values around their data, and labels keep their distance.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Axis } from "../../../src/report/charts/chart.ts";
import { domainOf, positionOf, spreadLabels, ticksOf } from "../../../src/report/charts/scale.ts";
import { textWidth, wrapText } from "../../../src/report/charts/text.ts";

const linear: Axis = { title: "", scale: "linear", include: [] };
const log: Axis = { title: "", scale: "log", include: [] };

Deno.test("a linear axis ends at round values around the data", () => {
  // a range of 2950 in tenths is 295, next to 200: from −50 down to −200, from 2900 up to 3000
  assertEquals(domainOf([-50, 2900, null, NaN], linear), [-200, 3000]);
  assertEquals(domainOf([3, 9], { ...linear, include: [0] }), [0, 9]);
  assertEquals(domainOf([], linear), [0, 1]);
  assertEquals(domainOf([5, 5], linear), [4.5, 5.5]);
});

Deno.test("ticks lie at 1, 2 or 5 times a power of ten, within the domain", () => {
  assertEquals(ticksOf([-200, 3000], linear), [0, 500, 1000, 1500, 2000, 2500, 3000]); // 640 is next to 500
  assertEquals(ticksOf([0, 1], linear), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assertEquals(ticksOf([0.2, 20], log), [0.2, 0.5, 1, 2, 5, 10, 20]);
  assertEquals(ticksOf([0.001, 1000], log), [0.001, 0.01, 0.1, 1, 10, 100, 1000]);
});

Deno.test("a log axis leaves out what has no logarithm", () => {
  assertEquals(domainOf([0, -3, 0.3, 40], log), [0.2, 50]);
  assertEquals(domainOf([0, -3], log), [0.1, 10]);
  assertEquals(positionOf(10, [1, 100], log, 300), 150);
  assertEquals(positionOf(25, [0, 100], linear, 300), 75);
});

Deno.test("labels keep their order and distance and stay on the chart", () => {
  assertEquals(spreadLabels([10, 100, 50], 14, 200), [10, 100, 50]);
  assertEquals(spreadLabels([50, 50, 52], 14, 200), [50, 64, 78]);
  assertEquals(spreadLabels([198, 199, -5], 14, 200), [186, 200, 0]);
});

Deno.test("text is measured by Helvetica's advances, with slack, and wrapped by words", () => {
  const slack = 1.19; // for faces that are wider
  assertEquals(Math.round(textWidth("Will", 1000)), Math.round(slack * (944 + 3 * 222)));
  assertEquals(textWidth("a", 100, "bold") > textWidth("a", 100), true);
  // at 10 px: "aa aa" is 4 · 5.56 + 2.78 = 25.02 px wide
  assertEquals(wrapText("aa aa aa", slack * 26, 10), ["aa aa", "aa"]);
  assertEquals(wrapText("aaaaaaaaaaaa aa", slack * 26, 10), ["aaaaaaaaaaaa", "aa"]);
});

Deno.test("no text takes more than is kept for it: widths that a browser measures in DejaVu Sans, normal and bold", () => {
  const measured: ReadonlyArray<readonly [string, number, number]> = [
    ["four-kl04 over trpo-kl04: mean return over all iterations", 2782, 3170],
    ["Iterations to the threshold", 1307, 1500],
    ["twelve-by-little over thirty-by-title: final return", 2309, 2663],
    ["HumanoidStandup: iterations to 60,000", 1985, 2240],
    ["likelihoodRatio GAE .97, k ≤ 20, fit on the same batch", 2697, 3028],
    ["Reacher", 409, 460],
  ];
  for (const [text, normal, bold] of measured) {
    assertEquals([textWidth(text, 100) >= normal, textWidth(text, 100, "bold") >= bold], [true, true], text);
  }
});
