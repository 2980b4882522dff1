/** An estimator of one's own: in a TypeScript program, in a pipeline file, and in closed form. */
import { assert, assertEquals, assertGreater, assertStringIncludes, assertThrows } from "@std/assert";
import * as Effect from "effect/Effect";
import { builtIn } from "../../src/config/built_in.ts";
import { describeEstimator, describeStage } from "../../src/config/describe.ts";
import { buildProgram } from "../../src/config/resolve.ts";
import { completed } from "../../src/config/completed.ts";
import { defineEstimator, isEstimator } from "../../src/estimators/estimator.ts";
import { estimators } from "../../src/estimators/registry.ts";
import { scoreEstimate } from "../../src/estimators/score_estimate.ts";
import { estimatePanel } from "../../src/laboratory/sub_batch.ts";
import { defaultSpecs, makePanel } from "../../src/laboratory/panel.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { estimateGradientOf } from "../../src/stages/estimate_gradient.ts";
import { tasks } from "../../src/tasks/registry.ts";
import { bad, resolveFiles } from "../config/files.ts";
import { meetingOf, runStage } from "../stages/program.ts";
import { leaveOneOut } from "./leave_one_out.ts";
import { analyticGradient, linearPolicy, lqr, simulate } from "./lqr.ts";
import { assertWithin, furthest, sampleMean } from "./sample_mean.ts";
import { randomWorld } from "./world.ts";

const theta = [-0.4, -0.6, 0.1, -0.5], policy = linearPolicy(theta), root = makeKey(41);
const catalog = completed({ ...builtIn, estimators: { ...builtIn.estimators, leaveOneOut } });

Deno.test("its mean is the analytic gradient with either baseline; the other environments' cuts the variance", async () => {
  await startBackend();
  const world = randomWorld(root), expected = analyticGradient(lqr, theta).map((g) => g / lqr.steps);
  const [others, none] = (["others", "none"] as const).map((baseline) =>
    sampleMean(150, (i) => {
      const batch = simulate(lqr, policy, 200, fold(root, i));
      const { estimate } = leaveOneOut.estimate({ ...world, policy, batch }, { discount: 1, baseline }, root);
      assertEquals([estimate.unbiased, estimate.keepsMean], [true, true]); // every episode ends with its batch
      return estimate.gradient;
    })
  );
  assertWithin(others, expected, "others");
  assertWithin(none, expected, "none");
  for (const j of [2, 3]) assertGreater(none[j].variance, 1.5 * others[j].variance); // of b and log σ
  // of four environments, a mean that holds the own return takes a quarter of the gradient: these samples would tell
  const shrunk = others.map(({ mean, error, variance }) => ({ mean: 0.75 * mean, error: 0.75 * error, variance }));
  assertGreater(furthest(shrunk, expected), 4);
});

Deno.test("in TypeScript the stage knows its options and reads what it reads", async () => {
  const estimateGradient = estimateGradientOf({ ...estimators, leaveOneOut });
  const stage = estimateGradient(tasks.reacher, { estimator: "leaveOneOut", discount: 0.9 });
  const reads: ReadonlyArray<"policy" | "control" | "normalizer" | "batch"> = stage.reads; // no network: the compiler knows
  assertEquals(reads, ["policy", "control", "normalizer", "batch"]);
  const { slots, key } = await meetingOf("reacher", "estimateGradient");
  const { policy, control, normalizer, batch } = slots;
  const { gradient, metrics } = await runStage(stage.run({ policy, control, normalizer, batch }, key));
  const reported = ["bootstrapWeight", "g1Norm", "gradientNorm", "keepsMean", "signalStd", "unbiased"];
  assertEquals(Object.keys(metrics).sort(), reported);
  assert((metrics.signalStd as number) > 0 && gradient.gradient.length === policy.theta.length);
  assertEquals(Object.keys(metrics).filter((name) => !(name in estimateGradient.metrics)), []);
  // @ts-expect-error it has no horizon
  assertThrows(() => estimateGradient(tasks.reacher, { estimator: "leaveOneOut", horizon: 2 }), Error, "horizon");
  // @ts-expect-error there is no such estimator
  assertThrows(() => estimateGradient(tasks.reacher, { estimator: "leaveTwoOut" }), Error, "leaveOneOut");
  // @ts-expect-error what mscv reads is more than this
  const fewer: ReadonlyArray<"policy" | "control" | "normalizer" | "batch"> = estimateGradient(tasks.reacher).reads;
  assert(fewer.length > 4);
});

const file = (options: string) =>
  `task: hopper\nprogram:\n  - collect: { steps: 100 }\n  - estimateGradient: { ${options} }\n  - trpoUpdate\n`;

Deno.test("in a pipeline file its options decode, its networks are what the flow check asks for, and slips are placed", () => {
  const pipeline = Effect.runSync(resolveFiles({ "a.yaml": file("estimator: leaveOneOut") }, [], catalog).effect);
  assertEquals(pipeline.program[1].options, { estimator: "leaveOneOut", discount: 0.995, baseline: "others" });
  assertEquals(buildProgram(pipeline, catalog)[1].reads, ["policy", "control", "normalizer", "batch"]); // no stage fits V
  assertEquals(bad({ "a.yaml": file("estimator: leaveOneOut, basline: none") }, [], catalog), [
    'a.yaml:4:49 program.1.estimateGradient.basline: unknown option "basline" of estimator leaveOneOut, ' +
    'did you mean "baseline"?',
  ]);
  assertEquals(bad({ "a.yaml": file("estimator: leaveOnOut") }, [], catalog), [
    'a.yaml:4:36 program.1.estimateGradient.estimator: unknown estimator "leaveOnOut", did you mean "leaveOneOut"?',
  ]);
  assertStringIncludes(describeStage(catalog.stages.estimateGradient), 'discount 0.995, baseline "others"');
  assertStringIncludes(describeEstimator(leaveOneOut), "estimateGradient.signalStd: standard deviation");
});

Deno.test("in the laboratory it stands beside the likelihood ratio of its returns, which V makes no better here", async () => {
  const { slots: { memory: _m, envs: _e, gradient: _g, ...slots }, key } = await meetingOf(
    "reacher",
    "estimateGradient",
  );
  const own = { estimator: "leaveOneOut", options: { discount: 0.9, baseline: "others" } };
  const panel = makePanel(catalog.estimators, defaultSpecs(catalog.estimators, own, "quick", ["model", "critic"]));
  assertEquals(panel.slice(0, 2).map(({ label, match }) => [label, match]), [
    ["likelihoodRatio MC", "likelihoodRatio MC"],
    ["leaveOneOut MC, others", "likelihoodRatio MC"],
  ]);
  const input = { task: tasks.reacher.imagined, ...slots };
  const found = estimatePanel(input, catalog.estimators, panel, [], [], (natural) => ({ natural }), key).estimates;
  assertEquals(
    found[1].gradient,
    leaveOneOut.estimate(input, { discount: 0.9, baseline: "others" }, key).estimate.gradient,
  );
});

Deno.test("what defineEstimator makes is known wherever it is imported; what it cannot make, it says", async () => {
  assert(Object.values(estimators).every(isEstimator) && isEstimator(leaveOneOut));
  const other = new URL("../../src/estimators/estimator.ts?another-copy", import.meta.url).href;
  const copy: typeof import("../../src/estimators/estimator.ts") = await import(other);
  assert(copy.isEstimator !== isEstimator && copy.isEstimator(leaveOneOut));
  const parts = { summary: "", reads: [], options: {}, estimate: leaveOneOut.estimate };
  for (const value of [null, undefined, "mscv", {}, { ...parts, name: "a" }]) assertEquals(isEstimator(value), false);
  const { estimate } = estimators.likelihoodRatio;
  assertThrows(
    () =>
      defineEstimator({
        name: "leave-one-out",
        summary: "",
        reads: ["value"],
        options: {},
        estimate: estimate as never,
      }),
    RangeError,
    'its name must be a letter, then letters and digits: current value is "leave-one-out"',
  );
  const options = { estimator: estimators.mscv.options.horizon };
  assertThrows(
    () => defineEstimator({ name: "a", summary: "", reads: ["value"], options, estimate: estimate as never }),
    RangeError,
    'no option may be called "estimator"',
  );
  const short = { ...randomWorld(root), policy, batch: simulate(lqr, policy, 3, root) };
  assertThrows(
    () => scoreEstimate(short, new Float32Array(11)),
    RangeError,
    "each of the 12 transitions: current value holds 11",
  );
});

Deno.test("a signal in any array of numbers gives the estimate of the same numbers in single precision", async () => {
  await startBackend();
  const world = randomWorld(root),
    batch = simulate(lqr, policy, 20, fold(root, 3)),
    input = { ...world, policy, batch };
  const numbers = Array.from(batch.reward, (reward) => reward / 3);
  const single = scoreEstimate(input, Float32Array.from(numbers));
  assertGreater(Math.hypot(...single.estimate.gradient), 0);
  for (const signal of [numbers, Float64Array.from(numbers)]) {
    const { estimate, metrics } = scoreEstimate(input, signal);
    assertEquals([estimate.gradient, metrics], [single.estimate.gradient, single.metrics]);
  }
});
