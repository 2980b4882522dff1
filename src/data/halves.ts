/**
 * The two halves of a batch, for cross-fitting: nothing that was fitted on samples corrects those same samples.
 *
 * @module
 */
import { type Batch, batchSize, elapsedSteps } from "./batch.ts";

/** 0 or 1. */
export type Half = 0 | 1;

/**
 * (batch) ⇒ the half of transition i: environments in turn, or early and late steps where there is but one environment.
 * Whole environments, since neighbouring transitions share their returns.
 */
export const halfOf = ({ environments, steps }: Batch): (i: number) => Half =>
  environments > 1 ? (i) => ((i % environments) & 1) as Half : (i) => (i < steps / 2 ? 0 : 1);

/** (batch, elapsed at its first step, half) ⇒ elapsed at the first step of the half. */
const beginOf = (batch: Batch, elapsed: Int32Array, half: Half): Int32Array => {
  if (batch.environments > 1) return elapsed.filter((_, n) => n % 2 === half);
  const start = Math.ceil(batch.steps / 2);
  return half === 0 || start === batch.steps ? elapsed : elapsedSteps(batch).subarray(start, start + 1);
};

/** (batch, half) ⇒ that half as a batch of its own; which episodes ended in it is left out. */
export const takeHalf = (batch: Batch, half: Half): Batch => {
  const { steps, environments } = batch, which = halfOf(batch);
  const rows = Int32Array.from({ length: batchSize(batch) }, (_, i) => i).filter((i) => which(i) === half);
  const take = <A extends Float32Array | Float64Array | Uint8Array>(array: A): A => {
    const width = array.length / batchSize(batch);
    const out = new (array.constructor as new (length: number) => A)(rows.length * width);
    rows.forEach((row, i) => out.set(array.subarray(row * width, (row + 1) * width), i * width));
    return out;
  };
  const count = environments > 1 ? (half === 0 ? Math.ceil(environments / 2) : Math.floor(environments / 2)) : 1;
  const { elapsed, state, ...rest } = batch;
  const begin = elapsed === undefined ? {} : { elapsed: beginOf(batch, elapsed, half) };
  return {
    ...rest,
    ...begin,
    ...(state === undefined ? {} : { state: take(state) }),
    environments: count,
    steps: environments > 1 ? steps : rows.length,
    observation: take(batch.observation),
    nextObservation: take(batch.nextObservation),
    action: take(batch.action),
    noise: take(batch.noise),
    logProb: take(batch.logProb),
    reward: take(batch.reward),
    terminated: take(batch.terminated),
    truncated: take(batch.truncated),
    episodeReturns: new Float64Array(0),
    episodeLengths: new Int32Array(0),
  };
};
