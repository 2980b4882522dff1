/**
 * G2: what the control variate's mean adds again, by path derivatives, by mirrored pairs or by a mix of both.
 *
 * @module
 */
import { type Half, halfOf } from "../data/halves.ts";
import { batchSize } from "../data/batch.ts";
import { type Controls, weightsOf } from "./control.ts";
import { scaledTerm } from "./earlier_states.ts";
import { differentiate, type Differentiated } from "./estimate.ts";
import type { EstimatorInput } from "./estimator.ts";
import type { ByFold, ByUse } from "./fold_signals.ts";
import {
  type ImaginedAtHorizon,
  type ImaginedSignals,
  type ImaginedSignalsOptions,
  slopesAt,
} from "./imagined_signals.ts";
import { type OutputSlopes, weightedSlopes } from "./output_slopes.ts";

/** What G2 is made of. */
export interface SecondTermInput {
  readonly input: EstimatorInput<"value" | "model">;
  /** [n, obs] of the batch, normalised */
  readonly observation: Float32Array;
  readonly signals: ByFold<ImaginedSignals>;
  readonly atHorizons: ByUse<ImaginedAtHorizon>;
  readonly controls: Controls;
  /** β of either half */
  readonly earlierShares: ByFold<number>;
}

/** (controls) ⇒ halves that have a control variate. */
const inUse = ({ halves }: Controls): ReadonlyArray<Half> =>
  ([0, 1] as const).filter((half) => halves[half].horizon > 0 && halves[half].weight !== 0);

/** G2 at the states of earlier batches, for halves in use; of halves that share them, once. */
const atEarlierStates = ({ input: { batch }, atHorizons: { halves }, controls, earlierShares }: SecondTermInput) => {
  const which = halfOf(batch), n = batchSize(batch);
  const parts = inUse(controls).flatMap((half) => {
    const { earlier } = halves[half],
      size = Array.from({ length: n }, (_, i) => i).filter((i) => which(i) === half).length;
    return earlier === null ? [] : [{ earlier, factor: earlierShares[half] * controls.halves[half].weight * size / n }];
  });
  const distinct = [...new Set(parts.map(({ earlier }) => earlier))];
  return distinct.map((one) =>
    scaledTerm(one, parts.reduce((sum, { earlier, factor }) => sum + (earlier === one ? factor : 0), 0))
  );
};

/** G2 of every row by half, for w = 1; what decided w, the mix or the share of earlier states is used again. */
const slopesInUse = (
  { signals, atHorizons: { halves }, controls }: SecondTermInput,
  options: ImaginedSignalsOptions,
): ByFold<OutputSlopes | null> => {
  const used = inUse(controls);
  const ofHalf = (half: Half) =>
    used.includes(half) ? halves[half].slopes ?? slopesAt(signals[half], halves[half].horizon, options) : null;
  return [ofHalf(0), ofHalf(1)];
};

/** (what was imagined and decided, options) ⇒ terms of G2; none where no half has a control. */
export const secondTerm = (
  known: SecondTermInput,
  options: ImaginedSignalsOptions,
): ReadonlyArray<Differentiated> => {
  if (inUse(known.controls).length === 0) return [];
  const { input: { batch, policy }, observation, controls, earlierShares } = known;
  const slopes = slopesInUse(known, options), [first, second] = weightsOf(controls);
  const weights = [first * (1 - earlierShares[0]), second * (1 - earlierShares[1])] as const;
  const surrogate = weightedSlopes(batch, observation, (half) => slopes[half]!, weights);
  return [differentiate(policy, surrogate), ...atEarlierStates(known)];
};
