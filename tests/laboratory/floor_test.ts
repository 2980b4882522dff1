/** The floor: the whole gradient of a perfect model, and its parts. */
import { assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { realAdvantage } from "../../src/estimators/real_advantage.ts";
import { scoreGradient } from "../../src/estimators/ratio.ts";
import { type FloorEstimate, floorEstimate, noiseOfMean, pairNoise } from "../../src/laboratory/floor.ts";
import { floorBeside } from "../../src/laboratory/floor_moments.ts";
import type { SolvedEstimate } from "../../src/laboratory/gram.ts";
import { batchOf } from "../../src/laboratory/jobs.ts";
import { withPhysics } from "../../src/laboratory/physics_model.ts";
import { perfectAdvantage } from "../../src/laboratory/true_advantage.ts";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";
import { unbiasedOptions } from "../estimators/world.ts";
import { frozenAt } from "./frozen.ts";
import { formsOf } from "./specs.ts";

const counts = { firstActions: 3, laterNoise: 2 };
const { normal } = makeStream(makeKey(5));

/** (numbers) ⇒ an estimate in a metric that counts every length four times. */
const estimate = (...x: number[]): SolvedEstimate => ({
  gradient: Float32Array.from(x),
  natural: Float32Array.from(x, (v) => 4 * v),
});

Deno.test("parts of a pair's noise: variance of first actions 4, of the later noise of each 1, in two dimensions", () => {
  const trials = 4000;
  let first = 0, later = 0, natural = 0;
  for (let t = 0; t < trials; t++) {
    const draws = Array.from({ length: 3 }, () => {
      const [a, b] = [2 * normal(), 2 * normal()];
      return [0, 1].map(() => estimate(a + normal(), b + normal()));
    });
    const noise = pairNoise(draws, "euclidean");
    first += noise.firstAction / trials;
    later += noise.laterNoise / trials;
    natural += pairNoise(draws, "natural").laterNoise / trials;
  }
  assertAlmostEquals(first, 2 * 4, 0.4); // both dimensions; deviation of the mean .15
  assertAlmostEquals(later, 2 * 1, 0.1);
  assertAlmostEquals(natural, 4 * later, 1e-3);
  assertAlmostEquals(noiseOfMean({ firstAction: 8, laterNoise: 2 }, counts), 8 / 3 + 2 / 6, 1e-12);
});

Deno.test("the floor is the residual and the states, and what pairs add is taken off", () => {
  const batches = 2000, noise = { firstAction: 3, laterNoise: 6 }; // of the mean: 3/3 + 6/6
  const floors = Array.from({ length: batches }, (): FloorEstimate => {
    const residual = 1.5 * normal(), states = normal(), drawn = Math.SQRT2 * normal();
    const both = { euclidean: noise, natural: noise };
    return { ...estimate(residual + states + drawn), residual: estimate(residual), noise: both };
  });
  const match = floors.map(() => estimate(5 * normal())), other = floors.map(() => estimate(3 * normal()));
  const draws = { batches: [new Float64Array(batches).fill(1)], truth: [Float64Array.of(1, 1)] };
  const { floor, above } = floorBeside(floors, counts, match, [match, other], match.slice(0, 2), "euclidean", draws);
  const near = ({ value }: { readonly value: number }, expected: number) =>
    assertAlmostEquals(value, expected, 0.2 * Math.abs(expected));
  near(floor.variance, (2.25 + 1) / 25);
  near(floor.residual, 2.25 / 25);
  assertAlmostEquals(floor.states.value, 1 / 25, 0.01);
  near(floor.firstAction, 3 / 25);
  near(floor.laterNoise, 6 / 25);
  near(above[0], 25 / 3.25);
  near(above[1], 9 / 3.25);
});

const hopper = async (advantage: "kStep" | "gae", horizon = 5) => {
  const frozen = await frozenAt("hopper"), { task, ...networks } = frozen;
  const options = { ...unbiasedOptions, discount: 0.95, advantage, lambda: 0.9, horizon, advantageSteps: horizon };
  const imaginedReturn = advantage === "gae" ? "lambdaWeighted" as const : "kStep" as const;
  const { advantage: own, form } = formsOf({ ...options, imaginedReturn });
  return (trial: number) => {
    const key = fold(makeKey(21), trial), collected = batchOf(frozen, { environments: 4, steps: 50 }, horizon, key);
    const input = { task: task.imagined, ...networks, batch: collected.batch };
    const real = realAdvantage(input, { ...own, advantageSteps: horizon });
    const imagined = perfectAdvantage(frozen, collected, form, horizon);
    const physical = withPhysics(input, task, { physics: {} }), solve = (natural: Float32Array) => ({ natural });
    const floor = floorEstimate(physical, real, imagined, horizon, form, counts, solve, key);
    const ratio = scoreGradient(input.policy, input.normalizer, input.batch, Float32Array.from(real));
    return { floor, ratio };
  };
};

Deno.test("the floor has the likelihood ratio's mean, and less variance", async () => {
  const at = await hopper("gae"), trials = Array.from({ length: 40 }, (_, trial) => at(trial));
  // along a fixed direction: the ratio's mean
  const size = trials[0].ratio.length;
  const direction = Float32Array.from(
    { length: size },
    (_, i) => trials.reduce((sum, { ratio }) => sum + ratio[i], 0) / trials.length,
  );
  const along = (g: Float32Array) => g.reduce((sum, x, i) => sum + x * direction[i], 0);
  const spread = (x: ReadonlyArray<number>) => {
    const mean = x.reduce((a, b) => a + b, 0) / x.length;
    return { mean, variance: x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (x.length - 1) };
  };
  const difference = spread(trials.map(({ floor, ratio }) => along(floor.gradient) - along(ratio)));
  assertLess(Math.abs(difference.mean), 3.5 * Math.sqrt(difference.variance / trials.length));
  const [floors, ratios] = [trials.map(({ floor }) => along(floor.gradient)), trials.map(({ ratio }) => along(ratio))];
  assertLess(spread(floors).variance, 0.8 * spread(ratios).variance);
  trials.forEach(({ floor }) => assertGreater(floor.noise.euclidean.laterNoise, 0));
});

Deno.test("one step ahead nothing follows the first action: draws that share it are one and the same", async () => {
  const { floor: { noise } } = (await hopper("gae", 1))(2);
  for (const metric of ["euclidean", "natural"] as const) {
    assertEquals(noise[metric].laterNoise, 0); // hopper's physics is deterministic
    assertGreater(noise[metric].firstAction, 0);
  }
});

Deno.test("of k-step advantages a perfect model over k steps leaves no residual but at cut ends", async () => {
  const { floor, ratio } = (await hopper("kStep"))(1);
  const length = (g: Float32Array) => Math.sqrt(g.reduce((sum, x) => sum + x * x, 0));
  assertLess(length(floor.residual.gradient), 0.3 * length(ratio));
  assertEquals(floor.gradient.every(Number.isFinite), true);
});

Deno.test("where V is cross-fitted, each half of the floor is by its own: two V give the halves of what either gives", async () => {
  const frozen = await frozenAt("hopper"), { task, ...networks } = frozen, { first } = frozen.value;
  const second = { network: { ...first.network, theta: first.network.theta.map((x) => -x) } };
  const collected = batchOf(frozen, { environments: 2, steps: 20 }, 3, makeKey(4)), zeros = new Float64Array(40);
  const { form } = formsOf({ ...unbiasedOptions, horizon: 3 }), solve = (natural: Float32Array) => ({ natural });
  const floorBy = (value: typeof frozen.value) => {
    const input = { task: task.imagined, ...networks, value, batch: collected.batch };
    const physical = withPhysics(input, task, { physics: {} });
    return floorEstimate(physical, zeros, zeros, 3, form, counts, solve, makeKey(6)).gradient;
  };
  const [ab, ba, a, b] = [{ first, second }, { first: second, second: first }, { first }, { first: second }].map(
    floorBy,
  );
  const largest = (x: Float32Array) => Math.max(...x.map(Math.abs));
  assertLess(largest(ab.map((x, i) => x + ba[i] - a[i] - b[i])), 1e-4 * largest(a));
  assertGreater(largest(ab.map((x, i) => x - a[i])), 0.01 * largest(a)); // the second half counts
  assertGreater(largest(ab.map((x, i) => x - b[i])), 0.01 * largest(a)); // and the first
});
