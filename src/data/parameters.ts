/**
 * The parameters that training learns, as plain records of flat arrays: no tensors, so that literals serve as fixtures
 * and a checkpoint is a list of arrays.
 *
 * @module
 */

/**
 * Shape of a multi-layer perceptron. Its parameters are one flat array θ: for each layer its weights [in, out] in
 * row-major order, then its bias [out]; last, where there is a skip connection, its weights S [in, out].
 */
export interface MlpShape {
  /** input, hidden …, output */
  readonly sizes: ReadonlyArray<number>;
  /** of the hidden layers; the output is linear */
  readonly activation: "tanh" | "relu";
  /**
   * y = layers(x) + x·S. Derivatives by θ take S as a constant, and are 0 by it: S is not trained but fitted by least
   * squares. Absent: no such term.
   */
  readonly skip?: true;
}

/** (shape) ⇒ number of weights of its skip connection. */
export const skipCount = ({ sizes, skip }: MlpShape): number =>
  skip === undefined ? 0 : sizes[0] * sizes[sizes.length - 1];

/** (shape) ⇒ number of parameters in θ. */
export const mlpParameterCount = (shape: MlpShape): number => {
  let count = skipCount(shape);
  for (let i = 0; i + 1 < shape.sizes.length; i++) count += (shape.sizes[i] + 1) * shape.sizes[i + 1];
  return count;
};

/** Running statistics of the observations, and the frozen part that networks use within one iteration. */
export interface Normalizer {
  /** [obs] in use */
  readonly mean: Float32Array;
  /** [obs] in use: 1 / standard deviation */
  readonly scale: Float32Array;
  /** observations seen */
  readonly count: number;
  /** [obs] */
  readonly runningMean: Float64Array;
  /** [obs] sum of squared deviations from the running mean */
  readonly runningSquares: Float64Array;
  /**
   * [obs] largest magnitude that statistics and networks see of a raw observation, Infinity where there is none; absent:
   * none anywhere. Batches, and the dynamics with them, hold raw observations unclamped.
   */
  readonly bound?: Float32Array;
}

/** The part of a normaliser that networks use. */
export type NormalizerInUse = Pick<Normalizer, "mean" | "scale" | "bound">;

/** Gaussian policy a = μ(s) + exp(logStd)·ε with θ = [parameters of μ, logStd [act]]; s is normalised before μ. */
export interface PolicyParams {
  /** Layer sizes. */
  readonly shape: MlpShape;
  /** [mlpParameterCount + act] */
  readonly theta: Float32Array;
}

/** Moments of Adam. */
export interface AdamState {
  /** [parameters] */
  readonly first: Float32Array;
  /** [parameters] */
  readonly second: Float32Array;
  /** updates done */
  readonly step: number;
}

/** Value function V(s) with its optimiser and its slowly moving target θ′ (Algorithm 2). */
export interface ValueParams {
  /** Layer sizes. */
  readonly shape: MlpShape;
  /** [parameters] */
  readonly theta: Float32Array;
  /** [parameters] θ′ */
  readonly target: Float32Array;
  /** Moments of the network's optimiser. */
  readonly adam: AdamState;
}

/** Critic Q(s, a): a value function over [normalised s, a], the action as sampled. */
export type CriticParams = ValueParams;

/** A latent variable η ~ N(0, I) of stochastic dynamics, and its inference network. */
export interface LatentParams {
  /** width of η, which the dynamics take as their last inputs */
  readonly size: number;
  /** layer sizes of q(η | s, a, s′): normalised inputs and outputs of the dynamics ⇒ (mean, log deviation) */
  readonly shape: MlpShape;
  /** [parameters] of q */
  readonly theta: Float32Array;
  /** Moments of its optimiser. */
  readonly adam: AdamState;
}

/**
 * Dynamics f: (features(s), clip(a)) ⇒ (s′ − s, learned part of the reward), with the normalisation of its inputs and
 * outputs, which `fitModel` takes from the memory.
 */
export interface ModelParams {
  /** Layer sizes. */
  readonly shape: MlpShape;
  /** [parameters] */
  readonly theta: Float32Array;
  /** Moments of the network's optimiser. */
  readonly adam: AdamState;
  /** [features + act] */
  readonly inputMean: Float32Array;
  /** [features + act] 1 / standard deviation */
  readonly inputScale: Float32Array;
  /** [obs + learned reward outputs] */
  readonly outputMean: Float32Array;
  /**
   * [obs + learned reward outputs] standard deviation; with a skip connection of what its least squares leave, a hundredth of
   * the outputs' at least
   */
  readonly outputScale: Float32Array;
  /** [obs + learned reward outputs] standard deviation; absent without a skip connection: `outputScale` */
  readonly outputDeviation?: Float32Array;
  /** learned: all of the reward; known: only what (s, a, s′) do not determine */
  readonly reward: "known" | "learned";
  /**
   * Predictions stay within ± this many deviations of the outputs' means, so that no imagined rollout that leaves the data
   * can grow without bound; absent: no bound.
   */
  readonly outputBound?: number;
  /** Where the dynamics are stochastic, s′ = f(s, a, η): what η is, and how it is inferred; absent: deterministic. */
  readonly latent?: LatentParams;
}

/** A simulator in place of a network: by what figures of its physics are multiplied. */
export interface SimulatorParams {
  /** [factors] in the order of the task's `Simulation.names`, relative to its nominal figures */
  readonly factors: Float64Array;
  /** [factors] standard errors of those that were identified; 0: nobody has fitted it */
  readonly spread: Float64Array;
}
