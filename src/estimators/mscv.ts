/**
 * MSCV: imagined multi-step rollouts as control variates of the likelihood-ratio gradient.
 *
 *   G1 = mean ∇ log π(aₜ|sₜ)·(Aₜ − w·Ãₜ)          Ã of the real trajectory embedded into the model
 *   G2 = ∇ᵗθ mean w·Ã(sₜ, μ_θ(sₜ, ε), …)           the same Ã with fresh noise, by its path derivative
 *
 * E[G1 + G2] is the likelihood-ratio gradient for any model, reward and value, as long as w and k do not depend on the
 * sample that they correct.
 *
 * Source: MSCV, section 4. Departure: w and k may be cross-fitted on halves of the batch (`fitOn: otherHalf`); a constant
 * baseline is subtracted from G1's signal, which leaves its mean.
 *
 * @module
 */
import { batchSize } from "../data/batch.ts";
import type { PathTerm, ReturnForm } from "../data/gradient.ts";
import { embeddedNoise } from "../data/segments.ts";
import { embed } from "../imagination/embed.ts";
import { pathGradient } from "../imagination/path.ts";
import { fold, type Key, makeStream } from "../math/random.ts";
import { correlation, mean, moments } from "../math/statistics.ts";
import type { Estimated, Estimator, EstimatorInput, EstimatorOptions } from "./estimator.ts";
import { crossFittedSignal, fitsHalf, type Half, halfOf } from "./halves.ts";
import { realAdvantage } from "./real_advantage.ts";
import { scoreGradient } from "./score.ts";

/** The control variate of one half of the batch. */
interface Control {
  readonly horizon: number; // k; 0 for none
  readonly weight: number; // w
}

/** (A, Ã₁ … Ã_k, which samples may decide) ⇒ (k, w). */
const chooseControl = (
  advantage: Float64Array,
  imagined: ReadonlyArray<Float32Array>,
  where: (i: number) => boolean,
  { horizon, coefficient }: EstimatorOptions,
): Control => {
  let k = imagined.length;
  if (horizon === "dynamic") { while (k > 0 && moments(advantage, imagined[k - 1], where).covariance <= 0) k--; }
  if (k === 0) return { horizon: 0, weight: 0 };
  if (coefficient === "one") return { horizon: k, weight: 1 };
  const { covariance, varianceY } = moments(advantage, imagined[k - 1], where);
  return { horizon: k, weight: varianceY > 0 ? Math.min(1, Math.max(0, covariance / varianceY)) : 0 };
};

/** (rows, k, w, stream) ⇒ (path term): `rollouts` fresh-noise rollouts from each start. */
const freshPath = (
  { batch, value, model }: EstimatorInput,
  rows: ReadonlyArray<number>,
  horizon: number,
  weight: (i: number) => number,
  form: ReturnForm,
  rollouts: number,
  key: Key,
): PathTerm => {
  const { observationSize: width, actionSize } = batch, count = rows.length * rollouts;
  const observation = new Float32Array(count * width);
  const weights = new Float32Array(count);
  const { normal } = makeStream(key);
  for (let i = 0; i < count; i++) {
    const row = rows[i % rows.length];
    observation.set(batch.observation.subarray(row * width, (row + 1) * width), i * width);
    weights[i] = weight(row) / (batchSize(batch) * rollouts);
  }
  const noise = Float32Array.from({ length: horizon * count * actionSize }, normal);
  return { observation, noise, weight: weights, horizon, form, value, model };
};

/** (controls of both halves) ⇒ path terms, one for each horizon in use. */
const freshPaths = (
  input: EstimatorInput,
  controls: readonly [Control, Control],
  form: ReturnForm,
  rollouts: number,
  key: Key,
): PathTerm[] => {
  const which = halfOf(input.batch), n = batchSize(input.batch);
  const horizons = [...new Set(controls.filter((c) => c.weight > 0).map((c) => c.horizon))];
  return horizons.map((horizon) => {
    const rows = Array.from({ length: n }, (_, i) => i).filter((i) => controls[which(i)].horizon === horizon);
    return freshPath(input, rows, horizon, (i) => controls[which(i)].weight, form, rollouts, fold(key, horizon));
  });
};

const sum = (arrays: ReadonlyArray<Float32Array>, length: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => arrays.reduce((total, x) => total + x[i], 0));

/** (input, options, key) ⇒ (estimate). */
export const mscv: Estimator = (input, options, key): Estimated => {
  const { batch, policy, normalizer, task } = input, { fitOn } = options;
  const horizon = options.horizon === "dynamic" ? options.maxHorizon : options.horizon;
  const form: ReturnForm = {
    discount: options.discount,
    weighting: options.imaginedReturn,
    lambda: options.lambda,
    termination: options.termination,
  };
  const advantage = realAdvantage(input, options);
  const noise = embeddedNoise(batch, horizon, makeStream(fold(key, "embed")));
  const imagined = horizon === 0 ? [] : embed(input, batch, noise, horizon, form);
  const choose = (half: Half) => chooseControl(advantage, imagined, fitsHalf(batch, half, fitOn), options);
  const controls = [choose(0), choose(1)] as const;

  const which = halfOf(batch);
  const controlOf = (half: Half, i: number) => {
    const { horizon: k, weight } = controls[half];
    return k === 0 ? 0 : weight * imagined[k - 1][i];
  };
  const control = Float64Array.from(advantage, (_, i) => controlOf(which(i), i));
  const residual = advantage.map((a, i) => a - control[i]);
  const signal = options.terms.includes("g1")
    ? crossFittedSignal(batch, (half) => advantage.map((a, i) => a - controlOf(half, i)), fitOn)
    : new Float32Array(residual.length);
  const paths = options.terms.includes("g2")
    ? freshPaths(input, controls, form, options.rollouts, fold(key, "fresh"))
    : [];

  const g1 = scoreGradient(policy, normalizer, batch, signal);
  const g2 = sum(paths.map((path) => pathGradient({ task, policy, normalizer }, path)), g1.length);
  const spread = moments(residual, advantage);
  return {
    estimate: {
      gradient: sum([g1, g2], g1.length),
      terms: { g1, g2 },
      signal,
      paths,
      unbiased: options.advantage === "monteCarlo" && fitOn === "otherHalf" && options.terms.includes("g1") &&
        options.terms.includes("g2") &&
        options.termination === "soft",
    },
    metrics: {
      horizon: (controls[0].horizon + controls[1].horizon) / 2,
      coefficient: (controls[0].weight + controls[1].weight) / 2,
      varianceRatio: spread.varianceY > 0 ? spread.varianceX / spread.varianceY : 1,
      correlation: imagined.length === 0
        ? 0
        : correlation(moments(advantage, imagined[Math.max(1, controls[0].horizon) - 1])),
      advantageMean: mean(advantage),
      advantageStd: Math.sqrt(spread.varianceY),
      imaginedStd: Math.sqrt(moments(control, control).varianceX),
    },
  };
};
