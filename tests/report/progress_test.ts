import { assertEquals, assertStringIncludes } from "@std/assert";
import { makeDisplay } from "../../src/report/display.ts";
import { foldText } from "../../src/report/fold.ts";
import { metThreshold, progressLine, type ProgressRecord, secondsLeft, summary } from "../../src/report/progress.ts";
import { formatCount, formatDuration, formatNumber, formatPercent } from "../../src/report/quantities.ts";
import { sparkline } from "../../src/report/sparkline.ts";
import { summarizeSample } from "../../src/math/sample_summary.ts";

const record = (iteration: number, meanReturn: number | null, metrics = {}): ProgressRecord => ({
  iteration,
  steps: 5000 * iteration,
  return: meanReturn,
  metrics,
  seconds: { collect: 0.5, fitModel: 1.25, total: 1.75 },
});

Deno.test("sparkline: extremes are lowest and highest, a gap is a space, only the last ones show", () => {
  assertEquals(sparkline([0, 7, null, 3.5], 10), "▁█ ▅"); // 3.5/7 of 7 levels rounds up to level 4
  assertEquals(sparkline([1, 2, 3, 4], 2), "▁█");
  assertEquals(sparkline([5, 5], 4), "▁▁");
  assertEquals(sparkline([], 4), "");
  assertEquals(sparkline([null, NaN], 4), "  ");
});

Deno.test("shares in percent: a true minus sign, none on what rounds to 0", () => {
  assertEquals([0.12, -0.071, -0.0011, 0.0049, 1, 3.4].map(formatPercent), ["12", "−7", "0", "0", "100", "340"]);
});

Deno.test("numbers, counts and durations", () => {
  assertEquals([1234.5, 45.26, 2, -0.00985, 0.00001, 0, NaN].map(formatNumber), [
    "1235",
    "45.3",
    "2",
    "-0.0098",
    "1.0e-5",
    "0",
    "NaN",
  ]);
  assertEquals([0, 999, 1000, 1250000].map(formatCount), ["0", "999", "1,000", "1,250,000"]);
  assertEquals([0.4, 59.4, 200, 7500].map(formatDuration), ["0 s", "59 s", "3 min 20 s", "2 h 5 min"]);
});

Deno.test("the progress line holds what a watcher wants", () => {
  const metrics = {
    "estimateGradient.horizon": 2,
    "estimateGradient.varianceRatio": 0.9123,
    "trpoUpdate.kl": 0.0098,
    "trpoUpdate.outcome": "accepted",
  };
  assertEquals(
    progressLine([record(1, 10), record(2, 45.26, metrics)], 10),
    "2/10 · 10,000 steps · return 45.3 ▁█ · k 2 · KL 0.0098 · variance ratio 0.9123 · 14 s left · 1.8 s (collect 0.5 fitModel 1.3)",
  ); // 8 iterations of 1.75 s are 14 s
});

Deno.test("a rejected step shows, a return that is missing is a dash, metrics that are missing are left out", () => {
  const line = progressLine([record(1, null, { "trpoUpdate.outcome": "lineSearchRejected" })], 2);
  assertEquals(
    line,
    "1/2 · 5,000 steps · return –   · lineSearchRejected · 2 s left · 1.8 s (collect 0.5 fitModel 1.3)",
  );
});

Deno.test("the time left is judged by the last ten iterations", () => {
  const slow = { ...record(1, 0), seconds: { total: 1000 } };
  const history = [slow, ...Array.from({ length: 10 }, (_, i) => record(i + 2, 0))];
  assertEquals(secondsLeft(history, 15), 7); // iterations 12 … 15 of 1.75 s
});

Deno.test("the summary says when the threshold was first met", () => {
  const history = [record(1, 10), record(2, 95), record(3, 20), record(4, 99)];
  assertEquals(metThreshold(history, 90)?.iteration, 2);
  const text = summary(history, 90, "runs/a");
  assertStringIncludes(text, "Done: 4 iterations, 20,000 steps in 7 s");
  assertStringIncludes(text, "Threshold 90 met at iteration 2, after 10,000 steps");
  assertStringIncludes(text, "deno task eval runs/a");
});

Deno.test("the summary of a run that did not meet it names the best", () => {
  assertStringIncludes(
    summary([record(1, 10), record(2, -3)], 90, "r"),
    "Threshold 90 not met yet: best is 10 at iteration 1",
  );
  assertStringIncludes(summary([record(1, null)], 90, "r"), "no episode has ended");
  assertStringIncludes(summary([], 90, "r"), "No iteration done");
});

Deno.test("an evaluation is shown beside the iteration, and its seconds beside those of the stages", () => {
  const evaluated = (iteration: number, value: number): ProgressRecord => ({
    ...record(iteration, 5, { "evaluation.return": value }),
    seconds: { collect: 0.5, fitModel: 1.25, total: 1.75, evaluation: 2.25 },
  });
  const history = [evaluated(1, 7), evaluated(2, 9), evaluated(3, 9), record(4, 5), evaluated(5, 8)];
  assertStringIncludes(progressLine(history, 5), " · evaluation 8 · ");
  assertStringIncludes(progressLine(history, 5), "1.8 s (collect 0.5 fitModel 1.3) + evaluation 2.3 s");
  assertEquals(progressLine(history.slice(0, 4), 5).includes("evaluation"), false);
  assertEquals(secondsLeft(history.slice(0, 2), 4), 8); // 2 iterations of 1.75 s + 2.25 s
  const lines = summary(history, 90, "runs/a").split("\n");
  assertEquals(lines[0], "Done: 5 iterations, 25,000 steps in 18 s"); // 5 · 1.75 s + 4 · 2.25 s = 17.75 s
  assertEquals(lines[2], "Best evaluation: 9 after iteration 2, kept as runs/a/checkpoints/best");
});

Deno.test("a negative threshold is met from below", () => {
  assertEquals(metThreshold([record(1, -40), record(2, -6.5)], -7)?.iteration, 2);
});

Deno.test("rollouts of a simulator that diverge are told, in the line and in the summary, from 1% on", () => {
  const lost = (iteration: number, divergence: number) =>
    record(iteration, iteration, { "estimateGradient.divergence": divergence });
  assertStringIncludes(progressLine([lost(1, 0.938)], 2), " · 94% of the imagined rollouts diverged · ");
  assertEquals(progressLine([lost(1, 0.002)], 2).includes("diverged"), false);
  assertStringIncludes(
    summary([lost(1, 0.938), lost(2, 0.002), lost(3, 0.03)], null, "runs/x"),
    "Up to 94% of the imagined rollouts of an iteration diverged, 1% or more in 2 of 3:",
  );
  assertEquals(summary([lost(1, 0.002)], null, "runs/x").includes("diverged"), false);
  const threw = {
    "estimateGradient.divergence": 0.4,
    "estimateGradient.divergenceReason": "it threw Error: joint limit",
  };
  assertStringIncludes(summary([record(1, 1, threw)], null, "r"), "or throws (it threw Error: joint limit), or");
});

Deno.test("the summary says in how many iterations a corrected gradient kept the mean, and nothing where none was corrected", () => {
  const kept = (iteration: number, keepsMean: number, horizon: number) =>
    record(iteration, 1, { "estimateGradient.keepsMean": keepsMean, "estimateGradient.horizon": horizon });
  assertStringIncludes(
    summary([kept(1, 0, 0), kept(2, 0, 5), kept(3, 1, 5), kept(4, 1, 3)], null, "r"), // the first imagined nothing
    "The gradient kept the likelihood ratio's mean in 2 of 3 iterations (estimateGradient.keepsMean): a control variate",
  );
  assertStringIncludes(summary([kept(1, 1, 5)], null, "r"), "mean in every iteration (estimateGradient.keepsMean)\n");
  assertEquals(summary([kept(1, 0, 0), record(2, 1)], null, "r").includes("mean"), false);
});

Deno.test("a variance ratio above 1 carries a hint, in the line and in the summary", () => {
  const noisy = (iteration: number, ratio: number) => record(iteration, 1, { "estimateGradient.varianceRatio": ratio });
  assertStringIncludes(progressLine([noisy(1, 1.5)], 2), "variance ratio 1.50 (above 1: no gain) · ");
  assertStringIncludes(progressLine([noisy(1, 1)], 2), "variance ratio 1 · ");
  assertStringIncludes(
    summary([noisy(1, 1.5), noisy(2, 0.5)], null, "r"),
    "Variance ratio above 1 in 1 of 2 iterations",
  );
  assertEquals(summary([noisy(1, 0.5)], null, "r").includes("Variance ratio"), false);
  assertStringIncludes(summary([noisy(1, 2)], null, "r"), "helps, and coefficient: leastVariance where it is another;");
});

Deno.test("display: plain lines where the output is no terminal, folded and redrawn where it is one", () => {
  const written: Array<string> = [];
  const output = { columns: 8, write: (text: string) => void written.push(text) };
  const plain = makeDisplay({ ...output, isTerminal: false });
  plain.show("a long line");
  plain.end();
  const terminal = makeDisplay({ ...output, isTerminal: true });
  terminal.show("a · long · line");
  terminal.show("b");
  terminal.end();
  terminal.end();
  // the second line takes the first one's two lines away: up by one, then all below
  assertEquals(written, ["a long line\n", "\r\x1b[Ja\nlong\nline", "\r\x1b[2A\x1b[Jb", "\n"]);
});

Deno.test("text is folded by the columns that its characters take, and nothing is lost", () => {
  assertEquals(foldText("a · long · line", 10, " · "), ["a · long", "line"]);
  assertEquals(foldText("天地玄黃", 7), ["天地玄", "黃"]); // two columns each
  assertEquals(foldText("a long line", 4), ["a", "long", "line"]);
  assertEquals(foldText("return 1 with words · b", 9, " · "), ["return 1", "with", "words · b"]);
  assertEquals(foldText("", 5), [""]);
});

Deno.test("sample statistics", () => {
  // mean 4, squared deviations 4 + 0 + 4 = 8, variance 8/2 = 4, standard error √(4/3)
  assertEquals(summarizeSample([2, 4, 6]), { count: 3, mean: 4, standardError: Math.sqrt(4 / 3), min: 2, max: 6 });
  assertEquals(summarizeSample([-3]), { count: 1, mean: -3, standardError: null, min: -3, max: -3 });
});
