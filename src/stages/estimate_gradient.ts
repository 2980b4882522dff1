/**
 * Stage `estimateGradient`: (policy, networks of the estimator, control, normalizer, batch) ⇒ (gradient, control).
 *
 * Its options are those of the estimator that it is given, and `estimator` itself.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type { Metrics } from "../data/gradient.ts";
import { earlierThan, type ReplayMemory } from "../data/memory.ts";
import { bootstrapWeights } from "../data/returns.ts";
import type { AnyEstimator, EstimatorOptions, Estimators, ReadsOf } from "../estimators/estimator.ts";
import { estimators as builtIn } from "../estimators/registry.ts";
import { tallied } from "../imagination/tally.ts";
import { ModelUndifferentiable } from "../imagination/world.ts";
import { mean } from "../math/statistics.ts";
import { oneOf, option, recordOf } from "../options/options.ts";
import type { TaskImaginedBySimulator } from "../tasks/simulation.ts";
import { imaginedOf } from "../tasks/survival.ts";
import type { Task } from "../tasks/task.ts";
import { NonFiniteGradient, type TensorsExhausted } from "./errors.ts";
import { defineStage, type OptionsSchema, type Stage, type StageDefinition, type TaggedOptions } from "./stage.ts";
import { TensorRuntime } from "./tensor_runtime.ts";

/** The type of the stage `estimateGradient` with one of these estimators: it reads the networks that the estimator reads. */
export type EstimateGradient<E extends AnyEstimator = AnyEstimator> = Stage<
  "policy" | "control" | "normalizer" | "batch" | ReadsOf<E>,
  "gradient" | "control",
  NonFiniteGradient | TensorsExhausted,
  TensorRuntime
>;

/** The same on a task that a simulator imagines: there is no model that a stage would have to fit. */
export type SimulatedEstimateGradient<E extends AnyEstimator = AnyEstimator> = Stage<
  "policy" | "control" | "normalizer" | "batch" | Exclude<ReadsOf<E>, "model">,
  "gradient" | "control",
  NonFiniteGradient | TensorsExhausted,
  TensorRuntime
>;

/** The estimator of a pipeline that names none, where it is among those at hand. */
export type DefaultEstimator = "mscv";

/** The definition of `estimateGradient` over these estimators: the chosen one, and its options, are known to the compiler. */
export interface EstimateGradientDefinition<Es extends Estimators>
  extends Omit<StageDefinition<OptionsSchema, EstimateGradient>, "tagged"> { // its properties: the call is narrower
  /** (task that a simulator imagines, options) ⇒ (stage). Throws as below, and ModelUndifferentiable. */
  <Name extends keyof Es & string = DefaultEstimator & keyof Es>(
    task: TaskImaginedBySimulator,
    options?: Partial<EstimatorOptions<Es[Name]>> & { readonly estimator?: Name },
  ): SimulatedEstimateGradient<Es[Name]>;
  /** (task, options) ⇒ (stage). Throws on an option that the estimator does not have, or out of range, and
   * TaskNotImagined where the estimator imagines and the task does not say how its ends are seen in observations. */
  <Name extends keyof Es & string = DefaultEstimator & keyof Es>(
    task: Task,
    options?: Partial<EstimatorOptions<Es[Name]>> & { readonly estimator?: Name },
  ): EstimateGradient<Es[Name]>;
  /** Where an option decides which others there are: the options of each estimator. */
  readonly tagged: TaggedOptions;
  /** Those that it chooses among. */
  readonly estimators: Es;
}

/** (definition of a stage) ⇒ the estimators that it chooses among; null where it is no `estimateGradient`. */
export const estimatorsOf = (definition: object): Estimators | null =>
  "estimators" in definition && "tagged" in definition ? definition.estimators as Estimators : null;

const norm = (x: Float32Array): number => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0));

const isSound = (x: number | string): boolean => typeof x === "string" || Number.isFinite(x);

const describeTag = "which estimator, whose options the others are";

/** (estimators) ⇒ their options, each with the tag that chooses it. */
const taggedBy = (estimators: Estimators): TaggedOptions => {
  const names = Object.keys(estimators), byDefault = names.includes("mscv") ? "mscv" : names[0];
  const each = <A>(of: (estimator: AnyEstimator) => A) =>
    Object.fromEntries(Object.entries(estimators).map(([name, estimator]) => [name, of(estimator)]));
  const variant = ({ name, options, check }: AnyEstimator): OptionsSchema =>
    recordOf<Record<string, unknown>>(
      {
        estimator: name === byDefault
          ? option<unknown>(oneOf(name) as never, name, describeTag)
          : oneOf(name).annotate({ description: describeTag }) as never,
        ...options,
      },
      ({ estimator: _, ...own }) => check(own),
    ) as OptionsSchema;
  return {
    tag: "estimator",
    byDefault,
    variants: each(variant),
    summaries: each(({ summary }) => summary),
    instead: each(({ instead }) => instead),
  };
};

/** Options of an estimator that is none of those at hand: no other than its name is known. */
const namesAlone = ({ byDefault, variants }: TaggedOptions): OptionsSchema =>
  recordOf<Record<string, unknown>>({
    estimator: option<unknown>(oneOf(...Object.keys(variants)) as never, byDefault, describeTag),
  }) as OptionsSchema;

/** Meanings of the metrics that the stage adds to the estimator's own. */
const meanings = {
  unbiased:
    "1 where the estimator declares its mean to be the likelihood-ratio gradient with these networks and this " +
    "batch, whose every return then ends in a terminal state (V's weight at most 1%), else 0",
  keepsMean:
    "1 where the estimator declares that its baseline, k, w and networks leave the mean of the likelihood ratio as it is: they " +
    "were fitted on other environments (of which a batch must have two) than those that they correct; else 0",
  divergence:
    "share of the rollouts of a simulator that ended as its physics diverged: numbers that are not finite, a reward beyond " +
    "±1e12, or an engine that throws; absent without a simulator",
  divergenceReason: "what that engine threw first; absent where it threw nothing",
  bootstrapWeight: "mean weight of V in the Monte-Carlo returns: γ^(steps to a cut by time limit or batch), else 0",
  gradientNorm: "Euclidean norm of the gradient",
  g1Norm: "Euclidean norm of G1",
  g2Norm: "Euclidean norm of G2",
};

/** Of what `scoreEstimate` reports, where an estimator has no words of its own for it. */
const ofScores = { signalStd: "standard deviation of the factors of ∇ log π(a|s)" };

/**
 * (task, estimator, its options) ⇒ networks that it reads. Throws, where they are those of an imagined rollout, TaskNotImagined,
 * and ModelUndifferentiable where it would take a simulator's derivative.
 */
const networksOf = (
  task: Task,
  { name, reads }: AnyEstimator,
  { imaginedGradient }: Readonly<Record<string, unknown>>,
): AnyEstimator["reads"] => {
  if (!reads.includes("model")) return reads;
  const { simulation } = imaginedOf(task, `"${name}"`);
  if (simulation !== undefined && typeof imaginedGradient === "string" && imaginedGradient !== "mirroredPairs") {
    throw new ModelUndifferentiable(`"${name}"`, imaginedGradient);
  }

  return reads;
};

/** (estimator, its options) ⇒ the memory where it looks at earlier batches; the type of a stage leaves it out, which knows no option. */
const memoryOf = ({ remembers }: AnyEstimator, options: Readonly<Record<string, unknown>>): ReadonlyArray<never> =>
  remembers(options) > 0 ? ["memory" as never] : [];

/** What the stage is run with. */
type EstimateSlots = Parameters<EstimateGradient["run"]>[0];

/** (estimator, its options, task) ⇒ (stage). */
const stageOf = (
  estimator: AnyEstimator,
  options: Readonly<Record<string, unknown>>,
  task: Task,
): EstimateGradient => ({
  name: "estimateGradient",
  reads: [
    "policy",
    ...networksOf(task, estimator, options),
    "control",
    "normalizer",
    ...memoryOf(estimator, options),
    "batch",
  ],
  writes: ["gradient", "control"],
  run: Effect.fnUntraced(function* ({ memory, ...slots }: EstimateSlots & { readonly memory?: ReplayMemory }, key) {
    const runtime = yield* TensorRuntime; // what the estimator does not read is not among the slots
    const earlier = memory === undefined
      ? {}
      : { earlier: earlierThan(memory, slots.batch).slice(0, estimator.remembers(options)) };
    const [{ estimate: gradient, control, metrics }, { rollouts, diverged, thrown }] = yield* runtime.scoped(
      "estimateGradient",
      () => tallied(() => estimator.estimate({ task: task.imagined, ...slots, ...earlier }, options, key)),
    );
    const norms: Record<string, number> = {}; // terms first, so that an error names the one at fault
    for (const [name, term] of Object.entries(gradient.terms)) norms[`${name}Norm`] = norm(term);
    norms.gradientNorm = norm(gradient.gradient);
    const { advantageStd: advantage = 0 } = metrics;
    const fault = Object.entries({ advantage, ...norms, ...metrics }).find(([, x]) => !isSound(x));
    if (fault !== undefined) {
      return yield* Effect.fail(new NonFiniteGradient({ quantity: fault[0].replace("Norm", "") }));
    }
    const declared = { unbiased: Number(gradient.unbiased), keepsMean: Number(gradient.keepsMean) },
      { discount } = options;
    const lost: Metrics = {
      ...(rollouts === 0 ? {} : { divergence: diverged / rollouts }),
      ...(thrown === null ? {} : { divergenceReason: thrown }),
    };
    const weight: Metrics = typeof discount === "number"
      ? { bootstrapWeight: mean(bootstrapWeights(slots.batch, discount)) }
      : {};
    return { gradient, control, metrics: { ...metrics, ...norms, ...declared, ...lost, ...weight } };
  }),
});

/**
 * (estimators by name) ⇒ the stage `estimateGradient` that chooses among them.
 *
 * @example An estimator of one's own beside the built-in ones; `leaveOneOut` is what `defineEstimator` made.
 * ```ts ignore
 * const estimateGradient = estimateGradientOf({ ...estimators, leaveOneOut });
 * const stage = estimateGradient(getTask("hopper"), { estimator: "leaveOneOut", discount: 0.99 });
 * ```
 */
export const estimateGradientOf = <const Es extends Estimators>(estimators: Es): EstimateGradientDefinition<Es> => {
  const tagged = taggedBy(estimators);
  const made = defineStage({
    name: "estimateGradient",
    summary: "estimates the policy gradient with the chosen estimator",
    options: namesAlone(tagged),
    tagged,
    metrics: Object.assign(
      {},
      ofScores,
      ...Object.values(estimators).map(({ metrics }) => metrics).reverse(),
      meanings,
    ),
    make: (task, { estimator, ...options }): EstimateGradient => stageOf(estimators[estimator], options, task),
  });
  return Object.assign(made, { estimators }) as EstimateGradientDefinition<Es>;
};

/** Estimates the policy gradient with a built-in estimator. */
export const estimateGradient: EstimateGradientDefinition<typeof builtIn> = estimateGradientOf(builtIn);
