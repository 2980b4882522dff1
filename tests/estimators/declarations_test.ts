/** What estimates declare of their mean. */
import { assertEquals } from "@std/assert";
import { fingerprint } from "../../src/data/batch.ts";
import { estimators } from "../../src/estimators/registry.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { linearPolicy, lqr, simulate } from "./lqr.ts";
import { estimateWith, type FamilyOptions, folded, randomWorld, unbiasedOptions } from "./world.ts";

const root = makeKey(3), policy = linearPolicy([-0.4, -0.6, 0.1, -0.5]), world = randomWorld(fold(root, "world"));

const inputOf = (environments: number) =>
  folded({
    ...world,
    policy,
    batch: simulate(lqr, policy, environments, fold(root, "batch")),
  });

Deno.test("the mean of the match is kept whatever V does to A, but not by what the corrected samples decide", async () => {
  await startBackend();
  const declared = (name: keyof typeof estimators, options: Partial<FamilyOptions>, input = inputOf(4)) => {
    const { estimate } = estimateWith(estimators[name], input, { ...unbiasedOptions, ...options }, root);
    return estimate.keepsMean;
  };
  for (const name of ["likelihoodRatio", "mscv", "svg1", "qprop", "trajectoryControlVariate"] as const) {
    assertEquals(declared(name, {}), true, name);
    assertEquals(declared(name, { advantage: "gae" }), true, name);
    assertEquals(declared(name, { fitOn: "sameBatch" }), false, name);
    assertEquals(declared(name, {}, inputOf(1)), false, name); // halves of one environment are not independent
    const input = inputOf(4), seen = fingerprint(input.batch);
    assertEquals(declared(name, {}, { ...input, value: { first: { ...input.value.first, seen } } }), false, name);
  }
  assertEquals(declared("mscv", { terms: ["g1"] }), false);
  assertEquals(declared("mscv", { termination: "hard" }), false);
  for (const name of ["modelGradient", "mbma"] as const) assertEquals(declared(name, {}), false, name);
});
