/**
 * Which estimators a panel holds, and in what words.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { estimators } from "../../src/estimators/registry.ts";
import { defaultSpecs, entryOf, horizonsOf, makePanel, type Spec } from "../../src/laboratory/panel.ts";
import { unbiasedOptions } from "../estimators/world.ts";

const options = { ...unbiasedOptions, advantage: "gae" as const, lambda: 0.9, horizon: 10 };
const own: Spec = { estimator: "mscv", options: { ...options, coefficient: "optimal" } };
const ratio: Spec = { estimator: "likelihoodRatio", options };

Deno.test("every estimator has the likelihood ratio with its own advantage beside it, once", () => {
  const panel = makePanel([own, { ...own, options: { ...own.options, lambda: 0.5 } }, ratio, own]);
  assertEquals(panel.map(({ label, match }) => [label, match]), [
    ["likelihoodRatio GAE .9", "likelihoodRatio GAE .9"],
    ["mscv GAE .9, k 10, w optimal", "likelihoodRatio GAE .9"],
    ["likelihoodRatio GAE .5", "likelihoodRatio GAE .5"],
    ["mscv GAE .5, k 10, w optimal", "likelihoodRatio GAE .5"],
  ]);
  assertEquals(entryOf(panel, own)?.label, "mscv GAE .9, k 10, w optimal");
  assertEquals(entryOf(panel, { ...own, estimator: "svg1" }), undefined);
});

Deno.test("a likelihood ratio is the same whatever it does not read; k-step advantages are matched by their k", () => {
  const variants = [{ horizon: 3 }, { rollouts: 4 }, { termination: "hard" }, { coefficient: "optimal" }] as const;
  assertEquals(makePanel(variants.map((o) => ({ ...ratio, options: { ...options, ...o } }))).length, 1);
  const steps = [2, 5].map((horizon): Spec => ({ ...own, options: { ...own.options, advantage: "kStep", horizon } }));
  assertEquals(makePanel(steps).map(({ label, match }) => [label, match]), [
    ["likelihoodRatio 2-step", "likelihoodRatio 2-step"],
    ["mscv 2-step, k 2, w optimal", "likelihoodRatio 2-step"],
    ["likelihoodRatio 5-step", "likelihoodRatio 5-step"],
    ["mscv 5-step, k 5, w optimal", "likelihoodRatio 5-step"],
  ]);
});

Deno.test("a label tells how G2 is taken and later residuals are corrected, of those that do", () => {
  const imagined = { laterResiduals: "corrected", laterHorizon: 5, imaginedGradient: "mirroredPairs" } as const;
  const of = (estimator: Spec["estimator"]): Spec => ({ estimator, options: { ...options, ...imagined, rollouts: 2 } });
  const labels = makePanel((["mscv", "modelGradient", "qprop"] as const).map(of)).map(({ label }) => label);
  assertEquals(labels, [
    "likelihoodRatio GAE .9",
    "mscv GAE .9, k 10, w 1, later by 5, pairs, 2 rollouts",
    "modelGradient GAE .9, k 10, pairs, 2 rollouts", // adds no G1 whose residuals it could correct
    "qprop GAE .9, w 1", // imagines nothing
  ]);
});

Deno.test("svg1 looks one step ahead whatever the horizon: so do its k-step advantage, its match and the bound", () => {
  const [k2, k5] = [2, 5].map((horizon): Spec => ({
    estimator: "svg1",
    options: { ...options, advantage: "kStep", horizon },
  }));
  const panel = makePanel([k2, k5]); // one and the same
  assertEquals(panel.map(({ label, match }) => [label, match]), [
    ["likelihoodRatio 1-step", "likelihoodRatio 1-step"],
    ["svg1 1-step, w 1", "likelihoodRatio 1-step"],
  ]);
  assertEquals([entryOf(panel, k2)?.label, horizonsOf(panel)], ["svg1 1-step, w 1", [1]]);
  assertEquals(horizonsOf(makePanel([{ ...own, estimator: "qprop" }])), []); // it imagines nothing
});

Deno.test("labels stay unique where they leave out what differs, here γ", () => {
  const panel = makePanel([own, { ...own, options: { ...own.options, discount: 0.5 } }]);
  assertEquals(new Set(panel.map(({ label }) => label)).size, 4);
  assertEquals(panel[3].match, panel[2].label);
});

Deno.test("the default panel holds the whole registry with the pipeline's advantage, and the usual likelihood ratios", () => {
  for (const size of ["full", "quick"] as const) {
    const panel = makePanel([own, ...defaultSpecs(own, size, [])]);
    assertEquals(new Set(panel.map(({ estimator }) => estimator)), new Set(Object.keys(estimators)));
    for (const label of ["likelihoodRatio MC", "likelihoodRatio GAE .97", "likelihoodRatio GAE .9"]) {
      assert(panel.some((entry) => entry.label === label));
    }
    assertEquals(horizonsOf(panel), [1, 2, 5, 10, 20]); // in the quick one svg1's
  }
  const full = makePanel(defaultSpecs(own, "full", []));
  for (const k of [1, 2, 5, 10, 20]) {
    for (const w of ["1", "optimal"]) assert(full.some(({ label }) => label === `mscv GAE .9, k ${k}, w ${w}`));
  }
  assert(!makePanel(defaultSpecs(own, "full", ["qprop"])).some(({ estimator }) => estimator === "qprop"));
});

Deno.test("for TRPO the family imagines as its advantage weighs: λ-weighted for GAE, plain for Monte-Carlo", () => {
  const weightings = (advantage: "gae" | "monteCarlo") =>
    defaultSpecs({ ...ratio, options: { ...options, advantage } }, "quick", [])
      .filter(({ estimator }) => estimator === "mscv").map((spec) => spec.options.imaginedReturn);
  assertEquals(new Set(weightings("gae")), new Set(["lambdaWeighted"]));
  assertEquals(new Set(weightings("monteCarlo")), new Set(["kStep"]));
});
