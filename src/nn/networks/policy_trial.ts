/**
 * What a changed policy would mean for a batch: its distance from the policy that acted, and its likelihood-ratio
 * surrogate, both from one forward pass.
 *
 * @module
 */
import { mlpParameterCount, type PolicyParams } from "../../data/parameters.ts";
import { networkForward } from "../passes/network_forward.ts";

/** What the policy that acted saw and did. */
export interface TrialData {
  /** [n, obs] normalised */
  readonly observation: Float32Array;
  /** [n, act] before clipping */
  readonly action: Float32Array;
  /** [n] log π of the policy that acted */
  readonly logProb: Float32Array;
  /** [n] factor of the ratio */
  readonly signal: Float32Array;
}

/** What a trial of θ new finds. */
export interface Trial {
  /** mean KL(old ‖ new), nats */
  readonly kl: number;
  /** mean π_new/π_old·signal */
  readonly surrogate: number;
}

/**
 * (policy, data) ⇒ (θ new [parameters] ⇒ trial). The means of the policy are taken once.
 *
 *   KL = Σ log σ_new − log σ_old + (σ_old² + (μ_old − μ_new)²) / (2σ_new²) − ½
 */
export const policyTrials = ({ shape, theta }: PolicyParams, data: TrialData): (newTheta: Float32Array) => Trial => {
  const count = mlpParameterCount(shape), size = theta.length - count, n = data.logProb.length;
  const oldMean = new Float32Array(n * size);
  networkForward(shape, theta, data.observation, (mean, first) => oldMean.set(mean, first * size));
  return (newTheta) => {
    const deviation = Float64Array.from(newTheta.subarray(count), Math.exp);
    const constant = 0.5 * size * Math.log(2 * Math.PI) +
      newTheta.subarray(count).reduce((sum, logStd) => sum + logStd, 0);
    const distance = new Float64Array(size); // Σ (μ_old − μ_new)²
    let surrogate = 0;
    const row = (mean: Float32Array, at: number, i: number) => {
      let squares = 0;
      for (let j = 0; j < size; j++) {
        const mu = mean[at + j], noise = (data.action[i * size + j] - mu) / deviation[j];
        squares += noise * noise;
        distance[j] += (oldMean[i * size + j] - mu) ** 2;
      }
      surrogate += Math.exp(-0.5 * squares - constant - data.logProb[i]) * data.signal[i];
    };
    const visit = (mean: Float32Array, first: number) => {
      for (let at = 0, i = first; at < mean.length; at += size, i++) row(mean, at, i);
    };
    if (newTheta === theta) visit(oldMean, 0);
    else networkForward(shape, newTheta, data.observation, visit);
    return { kl: divergence(theta, newTheta, count, distance.map((d) => d / n)), surrogate: surrogate / n };
  };
};

/** (θ old, θ new, first log σ, mean (μ_old − μ_new)² [act]) ⇒ mean KL. */
const divergence = (old: Float32Array, changed: Float32Array, first: number, distance: Float64Array): number =>
  distance.reduce((sum, d, j) => {
    const [before, after] = [old[first + j], changed[first + j]];
    return sum + after - before + (Math.exp(2 * before) + d) * Math.exp(-2 * after) / 2 - 0.5;
  }, 0);
