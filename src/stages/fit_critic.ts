/**
 * Stage `fitCritic`: (memory, policy, normalizer, critic) ⇒ (critic).
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import type { ReplayMemory } from "../data/memory.ts";
import type { CriticParams, Normalizer, PolicyParams } from "../data/parameters.ts";
import { fold, type Key, makeStream, type Stream } from "../math/random.ts";
import { explainedVariance, mean } from "../math/statistics.ts";
import { criticInput, meanActions, predictCritic } from "../nn/networks/critic.ts";
import { normalizeInto } from "../nn/networks/normalizer.ts";
import type { TargetNormalization } from "../nn/training/target_units.ts";
import { moveTarget, predictValue, regressValue, type ValueData } from "../nn/networks/value.ts";
import { CriticFitDiverged, type MemoryEmpty, type TensorsExhausted } from "./errors.ts";
import { fitByTiming, fitMetrics, type FitResult, type FitTiming, fitTiming } from "./fit_timing.ts";
import { count, fraction, option, type OptionsOf, positive } from "../options/options.ts";
import { targetNormalization } from "./target_normalization.ts";
import { defineStage, type Stage, type StageDefinition } from "./stage.ts";
import { TensorRuntime } from "./tensor_runtime.ts";
import { drawTransitions } from "./value_targets.ts";

/** Options of `fitCritic`. */
export const fitCriticOptions: OptionsOf<{
  discount: number;
  updates: number;
  batchSize: number;
  learningRate: number;
  targetNormalization: TargetNormalization;
  targetRate: number;
  fit: FitTiming;
}> = Schema.Struct({
  discount: option(fraction, 0.995, "γ"),
  updates: option(count, 200, "Adam updates an iteration"),
  batchSize: option(count, 256, "transitions an update, drawn from the whole memory"),
  learningRate: option(positive, 0.001, "of Adam"),
  targetNormalization,
  targetRate: option(fraction, 0.99, "σ of the soft target update θ′ ← σθ′ + (1 − σ)θ after each update"),
  fit: fitTiming,
});

type Options = typeof fitCriticOptions.Type;
/** The type of the stage `fitCritic`. */
export type FitCritic = Stage<
  "memory" | "policy" | "normalizer" | "critic",
  "critic",
  CriticFitDiverged | MemoryEmpty | TensorsExhausted,
  TensorRuntime
>;

interface Context {
  readonly policy: PolicyParams;
  readonly normalizer: Normalizer;
  /** γ */
  readonly discount: number;
}

/** (memory, critic, n, stream) ⇒ n transitions with y = r + γ·Q(s′, μ(s′); θ′), 0 for terminal s′. */
const targets = (
  { policy, normalizer, discount }: Context,
  memory: ReplayMemory,
  critic: CriticParams,
  size: number,
  stream: Stream,
): ValueData => {
  const drawn = drawTransitions(memory, size, stream), { actionSize } = memory.batches[0];
  const next = normalizeInto(normalizer, drawn.nextObservation);
  const greedy = meanActions(policy, policy.theta, next);
  const nextValue = predictCritic({ shape: critic.shape, theta: critic.target }, next, greedy, actionSize);
  return {
    observation: criticInput(normalizeInto(normalizer, drawn.observation), drawn.action, actionSize),
    target: drawn.reward.map((r, i) => r + (drawn.terminated[i] ? 0 : discount * nextValue[i])),
  };
};

const fitOnce = (context: Context, memory: ReplayMemory, start: CriticParams, o: Options, key: Key) => {
  const { updates, batchSize, learningRate, targetNormalization, targetRate } = o;
  const options = { epochs: 1, batchSize, learningRate, targetNormalization };
  const losses: number[] = [];
  let critic = start;
  for (let i = 0; i < updates; i++) {
    const data = targets(context, memory, critic, batchSize, makeStream(fold(key, i)));
    const result = regressValue(critic, data, options, fold(key, i));
    critic = moveTarget(result.value, targetRate);
    losses.push(result.loss);
  }
  const probe = targets(context, memory, critic, 4096, makeStream(fold(key, "probe")));
  return {
    params: critic,
    metrics: {
      loss: mean(losses.slice(Math.floor(updates * 0.9))),
      explainedVariance: explainedVariance(predictValue(critic, probe.observation), probe.target),
    },
  };
};

const checked = (fitted: FitResult<CriticParams>): Effect.Effect<FitResult<CriticParams>, CriticFitDiverged> => {
  if (!Number.isFinite(fitted.metrics.loss)) return Effect.fail(new CriticFitDiverged({ quantity: "loss" }));
  if (!fitted.params.theta.every(Number.isFinite)) return Effect.fail(new CriticFitDiverged({ quantity: "theta" }));
  return Effect.succeed(fitted);
};

/**
 * Fits the off-policy critic Q(s, a) on transitions of the whole memory.
 *
 *   minimise (Q(s, a) − y)²,  y = r + γ·Q(s′, μ(s′); θ′),  θ′ ← σθ′ + (1 − σ)θ
 *
 * Source: Gu et al. 2017 (Q-Prop), algorithm 1, with the policy's mean action for the expectation over a′.
 */
export const fitCritic: StageDefinition<typeof fitCriticOptions, FitCritic> = defineStage({
  name: "fitCritic",
  summary: "fits the action-value critic of qprop on the replay memory",
  options: fitCriticOptions,
  metrics: {
    loss: "mean squared error of the last tenth of the updates, squared discounted reward",
    explainedVariance: "1 − Var(Q − y)/Var(y) on 4096 transitions after the fit",
    ...fitMetrics,
  },
  make: (_task, o): FitCritic => ({
    name: "fitCritic",
    reads: ["memory", "policy", "normalizer", "critic"],
    writes: ["critic"],
    run: Effect.fnUntraced(function* ({ memory, policy, normalizer, critic: previous }, key) {
      const runtime = yield* TensorRuntime;
      const context = { policy, normalizer, discount: o.discount };
      const fit = (visible: ReplayMemory, start: CriticParams) =>
        Effect.flatMap(runtime.scoped("fitCritic", () => fitOnce(context, visible, start, o, key)), checked);
      const { params: critic, metrics } = yield* fitByTiming(
        { stage: "fitCritic", timing: o.fit, memory, previous },
        fit,
      );
      return { critic, metrics };
    }),
  }),
});
