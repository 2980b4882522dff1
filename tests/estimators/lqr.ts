/**
 * A linear-quadratic problem with Gaussian policies, whose expected return is known in closed form: the oracle of the
 * estimators' tests.
 *
 *   s′ = F s + B a + η,  η ~ N(0, σ_η²),  r = −(q·s² + p·a²),  a = Wᵀs + b + σ·ε,  T steps, γ = 1
 */
import type { Batch } from "../../src/data/batch.ts";
import type { PolicyParams } from "../../src/data/parameters.ts";
import { type Key, makeStream } from "../../src/math/random.ts";

export interface Lqr {
  readonly dynamics: ReadonlyArray<ReadonlyArray<number>>; // F [2, 2]
  readonly input: ReadonlyArray<number>; // B [2]
  readonly stateCost: ReadonlyArray<number>; // q [2]
  readonly actionCost: number; // p
  readonly processNoise: number; // σ_η
  readonly steps: number; // T
  /** An episode also ends early where s₀ exceeds this; Infinity for the closed form to hold. */
  readonly bound: number;
}

export const lqr: Lqr = {
  dynamics: [[1, 0.2], [-0.3, 0.9]],
  input: [0.1, 0.5],
  stateCost: [1, 0.3],
  actionCost: 0.2,
  processNoise: 0.1,
  steps: 4,
  bound: Infinity,
};

/** Linear policy: a perceptron without hidden layers. θ = [W₀, W₁, b, log σ]. */
export const linearPolicy = (theta: ReadonlyArray<number>): PolicyParams => ({
  shape: { sizes: [2, 1], activation: "tanh" },
  theta: Float32Array.from(theta),
});

/** (θ) ⇒ J(θ) by propagating mean and covariance of the state, which starts at N(0, I). */
export const expectedReturn = (problem: Lqr, theta: ArrayLike<number>): number => {
  const { dynamics: F, input: B, stateCost: q, actionCost: p, processNoise, steps } = problem;
  const W = [theta[0], theta[1]], b = theta[2], variance = Math.exp(2 * theta[3]);
  const closed = [0, 1].map((i) => [0, 1].map((j) => F[i][j] + B[i] * W[j]));
  let mean = [0, 0], covariance = [[1, 0], [0, 1]], total = 0;
  for (let t = 0; t < steps; t++) {
    const meanAction = W[0] * mean[0] + W[1] * mean[1] + b;
    let actionVariance = variance;
    for (let i = 0; i < 2; i++) for (let j = 0; j < 2; j++) actionVariance += W[i] * covariance[i][j] * W[j];
    for (let i = 0; i < 2; i++) total -= q[i] * (mean[i] ** 2 + covariance[i][i]);
    total -= p * (meanAction ** 2 + actionVariance);
    const next = [[0, 0], [0, 0]];
    for (let i = 0; i < 2; i++) {
      for (let j = 0; j < 2; j++) {
        for (let k = 0; k < 2; k++) {
          for (let l = 0; l < 2; l++) next[i][j] += closed[i][k] * covariance[k][l] * closed[j][l];
        }
        next[i][j] += B[i] * B[j] * variance + (i === j ? processNoise ** 2 : 0);
      }
    }
    mean = [0, 1].map((i) => closed[i][0] * mean[0] + closed[i][1] * mean[1] + B[i] * b);
    covariance = next;
  }
  return total;
};

/** Central differences of J in float64. */
export const analyticGradient = (problem: Lqr, theta: ReadonlyArray<number>): number[] =>
  theta.map((_, i) => {
    const at = (h: number) => expectedReturn(problem, theta.map((x, j) => (j === i ? x + h : x)));
    return (at(1e-5) - at(-1e-5)) / 2e-5;
  });

/** (problem, policy, N episodes) ⇒ batch [T, N]; the first two steps decide early endings, then a new episode begins. */
export const simulate = (problem: Lqr, policy: PolicyParams, environments: number, key: Key): Batch => {
  const { dynamics: F, input: B, stateCost: q, actionCost: p, processNoise, steps: T, bound } = problem;
  const N = environments, { normal } = makeStream(key), theta = policy.theta, sigma = Math.exp(theta[3]);
  const observation = new Float32Array(T * N * 2), nextObservation = new Float32Array(T * N * 2);
  const action = new Float32Array(T * N), noise = new Float32Array(T * N), logProb = new Float32Array(T * N);
  const reward = new Float32Array(T * N), terminated = new Uint8Array(T * N);
  for (let n = 0; n < N; n++) {
    let s = [normal(), normal()];
    for (let t = 0; t < T; t++) {
      const i = t * N + n, epsilon = Math.fround(normal());
      const a = Math.fround(theta[0] * s[0] + theta[1] * s[1] + theta[2] + sigma * epsilon);
      const next = [0, 1].map((j) => F[j][0] * s[0] + F[j][1] * s[1] + B[j] * a + processNoise * normal());
      observation.set(s, 2 * i);
      nextObservation.set(next, 2 * i);
      action[i] = a;
      noise[i] = epsilon;
      logProb[i] = -0.5 * epsilon ** 2 - theta[3] - 0.5 * Math.log(2 * Math.PI);
      reward[i] = -(q[0] * s[0] ** 2 + q[1] * s[1] ** 2 + p * a ** 2);
      terminated[i] = t === T - 1 || next[0] > bound ? 1 : 0;
      s = terminated[i] ? [normal(), normal()] : next;
    }
  }
  return {
    steps: T,
    environments: N,
    observationSize: 2,
    actionSize: 1,
    observation,
    nextObservation,
    action,
    noise,
    logProb,
    reward,
    terminated,
    truncated: new Uint8Array(T * N),
    episodeReturns: new Float64Array(0),
    episodeLengths: new Int32Array(0),
  };
};
