/**
 * The decomposition on a one-step problem whose parts are known.
 *
 *   s ~ N(0, 1), a ~ N(0, 1) (its score in the mean is a), Â = b·s + c·a + d·τ with τ ~ N(0, 1), so ĝ = a·Â
 *
 *   E_{a,τ}[ĝ | s] = b·s·E a + c·E a² = c               state part 0; with Â = … + e·s·a it is c + e·s: e²
 *   E_τ[ĝ | s, a] = b·s·a + (c + e·s)·a²                action part E_s[b²s²·Var a + (c + e·s)²·Var a²] (Cov(a, a²) = 0)
 *                                                       = b² + 2(c² + e²), as Var a² = 2
 *   Var_τ = d²·a²                                       trajectory part d²
 *
 * @module
 */
import { assert, assertAlmostEquals } from "@std/assert";
import {
  type Nested,
  stateSums,
  totalVariance,
  varianceParts,
  varianceWithStateBaseline,
} from "../../src/laboratory/decomposition.ts";
import { bootstrapInterval, resample } from "../../src/laboratory/bootstrap_intervals.ts";
import { fold, type Key, makeKey, makeStream } from "../../src/math/random.ts";

const root = makeKey(77);
const [b, c, d, e] = [1, 0.7, 2, 0.5];
const expected = { state: 0.25, action: 1 + 2 * (0.49 + 0.25), trajectory: 4 }; // e², b² + 2(c² + e²), d²

const nested = (key: Key, states: number, actions: number, continuations: number, projections = 1): Nested => {
  const { normal } = makeStream(key);
  const score = new Float64Array(states * actions * projections);
  const advantage = new Float64Array(states * actions * continuations);
  for (let i = 0, s = 0; i < states * actions; i++) {
    if (i % actions === 0) s = normal();
    const a = normal();
    for (let m = 0; m < projections; m++) score[i * projections + m] = a * (m % 2 === 0 ? 1 : -1);
    for (let j = 0; j < continuations; j++) advantage[i * continuations + j] = b * s + c * a + d * normal() + e * s * a;
  }
  return { states, actions, continuations, score, projections, advantage };
};

Deno.test("by hand: two states, two actions, two continuations", () => {
  // scores (1, 2) and (1, −1); Â: state 0: (0, 2), (1, 1); state 1: (2, 2), (0, 4).
  // means over τ: 1, 1 and 2, 2; variances over τ: 2, 0 and 0, 8.
  // u·mean: 1, 2 → mean 1.5, variance .5;  2, −2 → mean 0, variance 8.   between actions (.5 + 8)/2 = 4.25
  // u²·variance: 2, 0 → 1;  0, 8 → 4.                                     trajectory (1 + 4)/2 = 2.5
  // action 4.25 − 2.5/2 = 3; between states (1.5 − 0)²/2 = 1.125, state 1.125 − 3/2 − 2.5/4 = −1
  const parts = varianceParts(stateSums({
    states: 2,
    actions: 2,
    continuations: 2,
    projections: 1,
    score: Float64Array.of(1, 2, 1, -1),
    advantage: Float64Array.of(0, 2, 1, 1, 2, 2, 0, 4),
  }));
  for (const [part, value] of [["state", -1], ["action", 3], ["trajectory", 2.5]] as const) {
    assertAlmostEquals(parts[part], value, 1e-12);
  }
  assertAlmostEquals(totalVariance(parts), 4.5, 1e-12);
});

Deno.test("parts are unbiased: their means over many small designs are the analytic ones", () => {
  for (const [actions, continuations] of [[2, 2], [4, 3]] as const) {
    const trials = Array.from(
      { length: 2000 },
      (_, i) => varianceParts(stateSums(nested(fold(fold(root, actions), i), 20, actions, continuations, 2))),
    );
    for (const part of ["state", "action", "trajectory"] as const) {
      const x = trials.map((trial) => trial[part]), mean = x.reduce((p, q) => p + q, 0) / x.length;
      const error = Math.sqrt(x.reduce((p, q) => p + (q - mean) ** 2, 0) / (x.length - 1) / x.length);
      assert(Math.abs(mean - expected[part]) < 4 * error, `${part}: ${mean} ± ${error}, not ${expected[part]}`);
    }
  }
});

Deno.test("95% intervals over states hold the analytic parts", () => {
  const trials = 200, held = { state: 0, action: 0, trajectory: 0 };
  for (let i = 0; i < trials; i++) {
    const key = fold(fold(root, "coverage"), i), sums = stateSums(nested(key, 80, 3, 2));
    const weights = resample(fold(key, "bootstrap"), 200, 80);
    const parts = varianceParts(sums), replicates = weights.map((weight) => varianceParts(sums, weight));
    for (const part of ["state", "action", "trajectory"] as const) {
      const { low, high } = bootstrapInterval(parts[part], replicates.map((x) => x[part]));
      held[part] += Number(low <= expected[part] && expected[part] <= high);
    }
  }
  // products of normals have heavy tails, of which 80 states see too little: a few per cent below 95
  for (const [part, count] of Object.entries(held)) assert(count / trials > 0.84, `${part}: ${count / trials}`);
});

Deno.test("with E[Â|s] as baseline, what it explains is gone from the variance", () => {
  // V(s) = b·s, so Â − V = c·a + d·τ + e·s·a: state e², action 2(c² + e²), trajectory d²; b² is gone
  const rest = expected.state + expected.action + expected.trajectory - b * b;
  const trials = Array.from({ length: 3000 }, (_, i) => {
    const design = nested(fold(fold(root, "baseline"), i), 20, 4, 2);
    return [varianceWithStateBaseline(design)(), totalVariance(varianceParts(stateSums(design)))];
  });
  for (const [which, value] of [[0, rest], [1, rest + b * b]] as const) {
    const x = trials.map((trial) => trial[which]), mean = x.reduce((p, q) => p + q, 0) / x.length;
    const error = Math.sqrt(x.reduce((p, q) => p + (q - mean) ** 2, 0) / (x.length - 1) / x.length);
    assert(Math.abs(mean - value) < 4 * error, `${mean} ± ${error}, not ${value}`);
    assert(error < 0.1);
  }
});
