/**
 * The panel's moments against analytic ones, on linear-quadratic problems. The truth is the analytic gradient itself.
 *
 * @module
 */
import { assert, assertGreater, assertLess } from "@std/assert";
import { estimators } from "../../src/estimators/registry.ts";
import type { SolvedEstimate } from "../../src/laboratory/gram.ts";
import type { IntervalEstimate } from "../../src/laboratory/bootstrap_intervals.ts";
import { resample } from "../../src/laboratory/bootstrap_intervals.ts";
import { type Measured, measurePanel } from "../../src/laboratory/moments_of_panel.ts";
import { makePanel, type PanelEntry } from "../../src/laboratory/panel.ts";
import { estimatePanel } from "../../src/laboratory/sub_batch.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { analyticGradient, linearPolicy, type Lqr, lqr, simulate } from "../estimators/lqr.ts";
import { type FamilyOptions, folded, randomWorld, unbiasedOptions } from "../estimators/world.ts";
import { specOf } from "./specs.ts";

const root = makeKey(2024);

/** (problem, θ, panel) ⇒ moments of each entry from m batches of 400 episodes, V = 0. */
const measureOn = async (problem: Lqr, theta: ReadonlyArray<number>, panel: ReadonlyArray<PanelEntry>, m: number) => {
  await startBackend();
  const policy = linearPolicy(theta), world = randomWorld(root, 0.5);
  const value = { ...world.value, theta: world.value.theta.map(() => 0) };
  const onBatches = Array.from({ length: m }, (_, i) => {
    const batch = simulate(problem, policy, 400, fold(fold(root, "batch"), i));
    const input = folded({ ...world, value, policy, batch });
    return estimatePanel(input, estimators, panel, [], [], (natural) => ({ natural }), fold(fold(root, "estimate"), i))
      .estimates;
  });
  const gradient = Float32Array.from(analyticGradient(problem, theta), (g) => g / problem.steps);
  const truth: SolvedEstimate[] = [0, 1].map(() => ({ gradient, natural: gradient }));
  const draws = { batches: resample(fold(root, "b"), 400, m), truth: resample(fold(root, "t"), 400, 2) };
  const rows = panel.map((_, e) => onBatches.map((estimates) => estimates[e]));
  const matches = panel.map(({ match }) => panel.findIndex(({ label }) => label === match));
  return { measured: measurePanel(rows, matches, truth, "euclidean", draws), gradient };
};

const panelOf = (...specs: ReadonlyArray<readonly [keyof typeof estimators, Partial<FamilyOptions>]>) =>
  makePanel(estimators, specs.map(([name, options]) => specOf(name, { ...unbiasedOptions, ...options })));

/** An interval that misses in one of 20 runs; here twice as wide, so that a correct measurement fails in one of 10,000. */
const assertHolds = ({ value, low, high }: IntervalEstimate, expected: number, what: string) => {
  const [below, above] = [value - 2 * (value - low), value + 2 * (high - value)];
  assert(below <= expected && expected <= above, `${what}: ${value} [${low}, ${high}], not ${expected}`);
};

Deno.test("the variance of the likelihood ratio on a bandit is the analytic one, its bias² zero", async () => {
  // One step, W = 0: a = b + σε, r = −q₀s₀² − q₁s₁² − p·a². With X = r − E r and the scores s_j·ε/σ, ε/σ, ε² − 1:
  //   E[ε²X²]       = 2(q₀² + q₁²) + p²(12b²σ² + 10σ⁴)       E ε²(ε² − 1)² = 15 − 6 + 1 = 10
  //   E[s₀²ε²X²]    = 10q₀² + 2q₁² + p²(12b²σ² + 10σ⁴)       E s²(s² − 1)² = 10
  //   E[(ε² − 1)²X²] = 4(q₀² + q₁²) + p²(40b²σ² + 60σ⁴)      E (ε² − 1)²ε² = 10, E (ε² − 1)⁴ = 60
  // less the squared means: 0, 0, (2pbσ)²/σ², (2pσ²)²; an estimate averages 400 samples. The baseline comes from the other
  // 200, which adds 1/200 of Var(r) times the mean squared score, below 1%.
  const [b, logStd, p, q0, q1] = [0.3, -0.5, 0.8, 0.5, 0.3], sigma2 = Math.exp(2 * logStd);
  const problem = { ...lqr, steps: 1, stateCost: [q0, q1], actionCost: p };
  const [entry] = panelOf(["likelihoodRatio", {}]);
  const { measured: [{ moments }] } = await measureOn(problem, [0, 0, b, logStd], [entry], 400);
  const action = p * p * (12 * b * b * sigma2 + 10 * sigma2 ** 2), costs = q0 ** 2 + q1 ** 2;
  const weights = (10 * q0 ** 2 + 2 * q1 ** 2 + action + 2 * q0 ** 2 + 10 * q1 ** 2 + action) / sigma2;
  const offset = (2 * costs + action - 4 * p * p * b * b * sigma2) / sigma2;
  const spread = 4 * costs + p * p * (40 * b * b * sigma2 + 60 * sigma2 ** 2) - 4 * p * p * sigma2 ** 2;
  assertHolds(moments.variance, (weights + offset + spread) / 400, "variance");
  assertHolds(moments.biasSquared, 0, "bias²");
  assertLess((moments.variance.high - moments.variance.low) / moments.variance.value, 0.25); // the interval says something
});

/** E of the one-step advantage's gradient: mean over t of ∇E[−p·a²] with the state's distribution held. */
const immediateGradient = (
  { dynamics: F, input: B, actionCost: p, processNoise }: Lqr,
  theta: ReadonlyArray<number>,
) => {
  const [w0, w1, b, logStd] = theta, variance = Math.exp(2 * logStd), W = [w0, w1];
  const at = (mean: ReadonlyArray<number>, second: ReadonlyArray<ReadonlyArray<number>>) => [
    -2 * p * (W[0] * second[0][0] + W[1] * second[1][0] + b * mean[0]), // −2p·E[a·s₀]
    -2 * p * (W[0] * second[0][1] + W[1] * second[1][1] + b * mean[1]),
    -2 * p * (W[0] * mean[0] + W[1] * mean[1] + b),
    -2 * p * variance,
  ];
  const closed = [0, 1].map((i) => [0, 1].map((j) => F[i][j] + B[i] * W[j])), mean = [B[0] * b, B[1] * b];
  const second = [0, 1].map((i) =>
    [0, 1].map((j) =>
      closed[i][0] * closed[j][0] + closed[i][1] * closed[j][1] + B[i] * B[j] * variance +
      (i === j ? processNoise ** 2 : 0) + mean[i] * mean[j]
    )
  );
  const [first, later] = [at([0, 0], [[1, 0], [0, 1]]), at(mean, second)];
  return first.map((x, i) => (x + later[i]) / 2);
};

Deno.test("two steps: the bias² of one-step advantages with a wrong V is the analytic one", async () => {
  const theta = [-0.4, -0.6, 0.1, -0.5], problem = { ...lqr, steps: 2, actionCost: 0.4 };
  const panel = panelOf(["likelihoodRatio", {}], ["likelihoodRatio", { advantage: "kStep", horizon: 1 }]);
  const { measured, gradient } = await measureOn(problem, theta, panel, 200);
  const expected = immediateGradient(problem, theta).reduce((sum, x, i) => sum + (x - gradient[i]) ** 2, 0);
  const [right, wrong] = measured.map(({ moments }) => moments.biasSquared);
  assertHolds(right, 0, "Monte-Carlo returns");
  assertHolds(wrong, expected, "one-step returns");
  assertGreater(wrong.low, 0.5 * expected);
  assertGreater(expected, 0.01); // there is something to find
});

Deno.test("four steps: MSCV is unbiased, without G2 it is caught, and the variance beside the match is paired", async () => {
  const theta = [-0.4, -0.6, 0.1, -0.5];
  const panel = panelOf(["mscv", {}], ["mscv", { terms: ["g1"] }], ["mscv", { horizon: 0 }]);
  const { measured } = await measureOn(lqr, theta, panel, 150);
  const of = (what: string): Measured => measured[panel.findIndex(({ label }) => label.includes(what))];
  assertHolds(of("likelihoodRatio").moments.biasSquared, 0, "likelihood ratio");
  assertHolds(of("k 3, w 1").moments.biasSquared, 0, "MSCV");
  assertGreater(of("g1 only").moments.biasSquared.low, 0);
  const { variance, improvement } = of("k 0").relative; // k = 0 is the likelihood ratio itself, on the same batches
  for (const { value, low, high } of [variance, improvement]) {
    assert(Math.abs(value - 1) < 1e-6 && Math.abs(low - 1) < 1e-6 && Math.abs(high - 1) < 1e-6);
  }
});
