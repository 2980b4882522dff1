/**
 * MSCV: imagined multi-step rollouts as control variates of the likelihood-ratio gradient.
 *
 *   G1 = mean ∇ log π(aₜ|sₜ)·(Aₜ − w·Ãₜ)          Ã of the real trajectory embedded into the model
 *   G2 = ∇ᵗθ mean w·Ã(sₜ, μ_θ(sₜ, ε), …)           the same Ã with fresh noise, by its path derivative
 *
 * E[G1 + G2] is the likelihood-ratio gradient for any model, reward and value, as long as w and k do not depend on the
 * sample that they correct.
 *
 * Source: MSCV, section 4. Departure: w and k may be cross-fitted on halves of the batch (`fitOn: otherHalf`) or carried
 * over from the previous one; a constant baseline is subtracted from G1's signal, which leaves its mean.
 *
 * @module
 */
import type { ReturnForm } from "../data/gradient.ts";
import { embeddedNoise } from "../data/segments.ts";
import { embed } from "../imagination/embed.ts";
import { pathGradient, scaledPath } from "../imagination/path.ts";
import { float64Algebra } from "../math/algebra.ts";
import { fold, makeStream } from "../math/random.ts";
import { chooseControls, controlledSignal, controlMetrics, type Controls, type View } from "./control.ts";
import type { Estimated, Estimator, EstimatorInput } from "./estimator.ts";
import { declarations, viewsByHalf } from "./halves.ts";
import { laterResiduals } from "./later_residuals.ts";
import { type UnitPath, type UnitPaths, unitPaths } from "./least_variance.ts";
import { freshPaths, sum } from "./paths.ts";
import { realAdvantage } from "./real_advantage.ts";
import { scoreGradient } from "./score.ts";

/** (input) ⇒ whether imagined episodes may end: without that, hard and soft termination are the same. */
const mayEnd = ({ task, batch }: EstimatorInput): boolean =>
  task.survival(float64Algebra, new Array<number>(batch.observationSize).fill(0)).length > 0;

/** A view, with G2 as its networks have it, for w = 1. */
interface PathView extends View {
  /** (k) ⇒ rollouts and gradients of both halves */
  readonly unit: (horizon: number) => UnitPaths;
}

/** (f) ⇒ f, computed once for each argument. */
const remembered = <A>(f: (horizon: number) => A): (horizon: number) => A => {
  const found = new Map<number, A>();
  return (horizon) => {
    if (!found.has(horizon)) found.set(horizon, f(horizon));
    return found.get(horizon)!;
  };
};

/** (views, controls of both halves) ⇒ G2 of each half that has a control, w times that of w = 1. */
const scaledUnits = (views: readonly [PathView, PathView], { halves }: Controls): UnitPath[] =>
  ([0, 1] as const).filter((half) => halves[half].horizon > 0 && halves[half].weight !== 0).map((half) => {
    const { horizon, weight } = halves[half], { path, gradient } = views[half].unit(horizon).halves[half];
    return { path: scaledPath(path, weight), gradient: gradient.map((g) => weight * g) };
  });

/** (input, options, key) ⇒ (estimate). */
export const mscv: Estimator = (input, options, key): Estimated => {
  const { batch, policy, normalizer, task } = input, { terms, rollouts } = options;
  const horizon = options.horizon === "dynamic" ? options.maxHorizon : options.horizon;
  const form: ReturnForm = {
    discount: options.discount,
    weighting: options.imaginedReturn,
    lambda: options.lambda,
    termination: options.termination,
  };
  const noise = embeddedNoise(batch, horizon, makeStream(fold(key, "embed")));
  const views = viewsByHalf(input, (own): PathView => {
    const unit = remembered((k) => unitPaths(own, k, { form, rollouts }, fold(key, "fresh")));
    return {
      advantage: realAdvantage(own, options),
      imagined: horizon === 0 ? [] : embed(own, batch, noise, horizon, form),
      later: laterResiduals(own, options, form, horizon, fold(key, "later")),
      pathRows: (k) => unit(k).rows,
      unit,
    };
  });
  const controls = chooseControls(input, views, options);

  const signal = terms.includes("g1")
    ? controlledSignal(input, views, controls, options)
    : new Float32Array(views[0].advantage.length);
  const paths = !terms.includes("g2")
    ? []
    : options.coefficient === "leastVariance"
    ? scaledUnits(views, controls)
    : freshPaths(input, controls.halves, { form, rollouts }, fold(key, "fresh")).map((path) => ({
      path,
      gradient: pathGradient({ task, policy, normalizer }, path),
    }));

  const g1 = scoreGradient(policy, normalizer, batch, signal);
  const g2 = sum(paths.map(({ gradient }) => gradient), g1.length);
  const whole = terms.includes("g1") && terms.includes("g2") && input.model.latent === undefined &&
    (options.termination === "soft" || !mayEnd(input));
  return {
    estimate: {
      gradient: sum([g1, g2], g1.length),
      terms: { g1, g2 },
      signal,
      paths: paths.map(({ path }) => path),
      linear: [],
      ...declarations(input, options, [input.value, input.model], whole),
    },
    control: controls.next,
    metrics: controlMetrics(input, views, controls),
  };
};
