/**
 * Which estimators a panel holds, and in what words.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { defineEstimator, type Estimators } from "../../src/estimators/estimator.ts";
import { estimators } from "../../src/estimators/registry.ts";
import {
  comparatorOf,
  defaultSpecs,
  entryOf,
  type EstimatorSpec,
  horizonsLeftOut,
  horizonsOf,
  leftOut,
  makePanel,
  plainOf,
  publishedOf,
} from "../../src/laboratory/panel.ts";
import { fraction, oneOf, option } from "../../src/options/options.ts";
import { unbiasedOptions } from "../estimators/world.ts";
import { specOf } from "./specs.ts";

const options = { ...unbiasedOptions, advantage: "gae" as const, lambda: 0.9, horizon: 10 };
const own = specOf("mscv", { ...options, coefficient: "optimal" }), ratio = specOf("likelihoodRatio", options);

const labelled = (specs: ReadonlyArray<EstimatorSpec>, known: Estimators = estimators) =>
  makePanel(known, specs).map(({ label, match }) => [label, match]);

Deno.test("every estimator has the likelihood ratio with its own advantage beside it, once", () => {
  const other = specOf("mscv", { ...options, coefficient: "optimal", lambda: 0.5 });
  const panel = makePanel(estimators, [own, other, ratio, own]);
  assertEquals(panel.map(({ label, match }) => [label, match]), [
    ["likelihoodRatio GAE .9", "likelihoodRatio GAE .9"],
    ["mscv GAE .9, k 10, w optimal", "likelihoodRatio GAE .9"],
    ["likelihoodRatio GAE .5", "likelihoodRatio GAE .5"],
    ["mscv GAE .5, k 10, w optimal", "likelihoodRatio GAE .5"],
  ]);
  assertEquals(entryOf(estimators, panel, own)?.label, "mscv GAE .9, k 10, w optimal");
  assertEquals(entryOf(estimators, panel, specOf("svg1", options)), undefined);
});

Deno.test("a likelihood ratio is the same whatever its advantage does not read; k-step ones are matched by their k", () => {
  const monteCarlo = [{ lambda: 0.3 }, { lambda: 0.4, horizon: 3 }].map((changes) =>
    specOf("likelihoodRatio", { ...options, advantage: "monteCarlo", ...changes })
  );
  assertEquals(labelled(monteCarlo), [["likelihoodRatio MC", "likelihoodRatio MC"]]);
  const steps = [2, 5].map((horizon) =>
    specOf("mscv", { ...options, coefficient: "optimal", advantage: "kStep", horizon })
  );
  assertEquals(labelled(steps), [
    ["likelihoodRatio 2-step", "likelihoodRatio 2-step"],
    ["mscv 2-step, k 2, w optimal", "likelihoodRatio 2-step"],
    ["likelihoodRatio 5-step", "likelihoodRatio 5-step"],
    ["mscv 5-step, k 5, w optimal", "likelihoodRatio 5-step"],
  ]);
});

Deno.test("options that play no part make no other row, and no words", () => {
  const carried = { ...options, fitOn: "previousBatch", coefficient: "one" } as const;
  for (
    const name of ["likelihoodRatio", "mbma", "trajectoryControlVariate", "qprop", "modelGradient", "mscv"] as const
  ) {
    const [row] = labelled([specOf(name, carried), specOf(name, options)]).slice(-1);
    assert(!row[0].includes("previous"), row[0]);
    assertEquals(labelled([specOf(name, carried), specOf(name, options)]), labelled([specOf(name, options)]));
  }
  const decides = labelled([specOf("mscv", { ...carried, coefficient: "optimal" })])[1];
  assertEquals(decides[0], "mscv GAE .9, k 10, w optimal, fit on the previous batch");
  const pure = { ...options, terms: ["g2"], coefficient: "optimal", laterResiduals: "corrected" } as const;
  assertEquals(labelled([specOf("svg1", pure)])[1][0], "svg1 GAE .9, w 1, g2 only");
});

Deno.test("the default panel of a pipeline without an imagined step has no row of nothing", () => {
  const flat = specOf("mscv", { ...options, horizon: 0 });
  const names = makePanel(estimators, defaultSpecs(estimators, flat, "quick", [])).map(({ estimator }) => estimator);
  assertEquals([names.includes("modelGradient"), names.includes("mbma"), names.includes("mscv")], [false, true, true]);
});

Deno.test("a label tells how G2 is taken and later residuals are corrected, of those that do", () => {
  const imagined = { laterResiduals: "corrected", laterHorizon: 5, imaginedGradient: "mirroredPairs" } as const;
  const names = ["mscv", "modelGradient", "qprop"] as const;
  const specs = names.map((name) => specOf(name, { ...options, ...imagined, rollouts: 2 }));
  assertEquals(labelled(specs).map(([label]) => label), [
    "likelihoodRatio GAE .9",
    "mscv GAE .9, k 10, w 1, later by 5, pairs, 2 rollouts",
    "modelGradient GAE .9, k 10, pairs, 2 rollouts", // adds no G1 whose residuals it could correct
    "qprop GAE .9, w 1", // imagines nothing
  ]);
  const others = [{ imaginedGradient: "mixed" }, { termination: "hard" }] as const;
  assertEquals(others.map((change) => labelled([specOf("mscv", { ...options, ...change })])[1][0]), [
    "mscv GAE .9, k 10, w 1, mixed",
    "mscv GAE .9, k 10, w 1, hard",
  ]);
});

Deno.test("svg1 looks one step ahead: so do its k-step advantage, its match and the bound", () => {
  const svg1 = specOf("svg1", { ...options, advantage: "kStep" });
  const panel = makePanel(estimators, [svg1, svg1]); // one and the same
  assertEquals(panel.map(({ label, match }) => [label, match]), [
    ["likelihoodRatio 1-step", "likelihoodRatio 1-step"],
    ["svg1 1-step, w 1", "likelihoodRatio 1-step"],
  ]);
  assertEquals(horizonsOf(estimators, panel), [1]);
  assertEquals(horizonsOf(estimators, makePanel(estimators, [specOf("qprop", options)])), []); // it imagines nothing
});

Deno.test("labels stay unique where they leave out what differs, here γ", () => {
  const panel = makePanel(estimators, [own, { ...own, options: { ...own.options, discount: 0.5 } }]);
  assertEquals(new Set(panel.map(({ label }) => label)).size, 4);
  assertEquals(panel[3].match, panel[2].label);
});

Deno.test("the likelihood ratio that everybody starts from has Monte-Carlo returns with the γ that is asked for", () => {
  const ratioAt = (discount: number, advantage: "gae" | "monteCarlo") =>
    specOf("likelihoodRatio", { ...options, discount, advantage });
  const specs = [ratioAt(0.9, "gae"), ratioAt(0.5, "monteCarlo"), ratioAt(0.9, "monteCarlo")];
  const panel = makePanel(estimators, specs);
  assertEquals(panel.length, 3);
  assertEquals([0.9, 0.5, 0.7].map((discount) => plainOf(panel, discount)), [panel[2], panel[1], undefined]);
});

Deno.test("the default panel holds every estimator with the pipeline's advantage, and the usual likelihood ratios", () => {
  for (const size of ["full", "quick"] as const) {
    const panel = makePanel(estimators, [own, ...defaultSpecs(estimators, own, size, [])]);
    assertEquals(new Set(panel.map(({ estimator }) => estimator)), new Set(Object.keys(estimators)));
    for (const label of ["likelihoodRatio MC", "likelihoodRatio GAE .97", "likelihoodRatio GAE .9"]) {
      assert(panel.some((entry) => entry.label === label));
    }
    assertEquals(horizonsOf(estimators, panel), [1, 2, 5, 10, 20]); // in the quick one svg1's
  }
  const full = makePanel(estimators, defaultSpecs(estimators, own, "full", []));
  for (const k of [1, 2, 5, 10, 20]) {
    for (const w of ["1", "optimal"]) assert(full.some(({ label }) => label === `mscv GAE .9, k ${k}, w ${w}`));
  }
  const half = specOf("mscv", { ...options, terms: ["g1"] }); // measured as it is, and the others whole
  const labels = makePanel(estimators, defaultSpecs(estimators, half, "quick", [])).map(({ label }) => label);
  assertEquals(labels.filter((label) => label.includes("only")), ["mscv GAE .9, k 10, w 1, g1 only"]);
});

Deno.test("estimators whose networks no stage fits are left out, and the bound is taken where they would look", () => {
  assertEquals(leftOut(estimators, ["critic"]), ["qprop"]);
  assertEquals(leftOut(estimators, ["model"]), ["mbma", "modelGradient", "mscv", "svg1", "trajectoryControlVariate"]);
  const names = makePanel(estimators, defaultSpecs(estimators, ratio, "full", ["model", "critic"]))
    .map(({ estimator }) => estimator);
  assertEquals(new Set(names), new Set(["likelihoodRatio"]));
  const horizons = horizonsLeftOut(estimators, ratio, "quick", ["model", "critic"]);
  assertEquals([...new Set(horizons)].sort((a, b) => a - b), [0, 1, 2, 5, 10, 20]); // qprop's is 0, modelGradient's 2
});

Deno.test("for TRPO the family imagines as its advantage weighs: λ-weighted for GAE, plain for Monte-Carlo", () => {
  const weightings = (advantage: "gae" | "monteCarlo") =>
    defaultSpecs(estimators, specOf("likelihoodRatio", { ...options, advantage }), "quick", [])
      .filter(({ estimator }) => estimator === "mscv").map((spec) => spec.options.imaginedReturn);
  assertEquals(new Set(weightings("gae")), new Set(["lambdaWeighted"]));
  assertEquals(new Set(weightings("monteCarlo")), new Set(["kStep"]));
});

const base = {
  summary: "a test's own",
  reads: ["value" as const],
  options: {
    discount: option(fraction, 0.9, "γ"),
    baseline: option(oneOf("mean", "none"), "mean", "what is subtracted"),
  },
  estimate: () => {
    throw new Error("is not run here");
  },
};

Deno.test("an estimator of one's own stands in the default panel, beside the likelihood ratio with the options that both have", () => {
  const plain = defineEstimator({ ...base, name: "plain" });
  const told = defineEstimator({
    ...base,
    name: "told",
    laboratory: {
      label: ({ baseline }) => `with ${baseline}`,
      comparator: () => ({ advantage: "monteCarlo" }),
      horizon: () => 7,
      variants: { full: [{ baseline: "mean" }, { baseline: "none" }], quick: [{ baseline: "none" }] },
    },
  });
  const known = { ...estimators, plain, told };
  const panel = makePanel(known, defaultSpecs(known, own, "quick", ["model", "critic"]));
  const rowOf = (label: string) => panel.find((entry) => entry.label === label);
  assertEquals(rowOf("plain discount 1")?.options, { discount: 1, baseline: "mean" }); // γ is the pipeline's, 1
  assertEquals(rowOf("told with none")?.match, "likelihoodRatio MC");
  assertEquals(rowOf("told with mean"), undefined); // a variant of the full panel
  assert(horizonsOf(known, panel).includes(7));
  // its baseline means another thing than the likelihood ratio's, and is none of its values
  const { discount, baseline, advantage } = comparatorOf(known, {
    estimator: "told",
    options: { discount: 0.5, baseline: "none" },
  });
  assertEquals([discount, baseline, advantage], [0.5, "constant", "monteCarlo"]);
  assertEquals(publishedOf(known, panel, rowOf("told with none")!), undefined); // MC centred on its own batch: not measured
});
