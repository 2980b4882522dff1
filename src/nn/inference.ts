/**
 * The policy's mean for one observation: needs no tensor library, so that it runs in web workers.
 *
 * @module
 */
import type { Normalizer, PolicyParams } from "../data/parameters.ts";
import { type PackedRows, packRows, type RowMachine, rowMachine } from "./kernels/row_machine.ts";
import { makePlainInference } from "./plain_inference.ts";

const CLIP = 10; // as in `normalizer.ts`

/** (observation [obs], not normalised) ⇒ mean [act], written into the second argument. */
export type PolicyInference = (observation: Float64Array, mean: Float64Array) => void;

/**
 * (policy, normaliser) ⇒ (inference) on copies of both; not reentrant. By kernels in float32, whose bits are the same on
 * every machine, or in plain JS where there are none.
 */
export const makePolicyInference = (
  policy: PolicyParams,
  normalizer: Pick<Normalizer, "mean" | "scale">,
): PolicyInference => {
  const machine = rowMachine();
  return machine === null
    ? makePlainInference(policy, normalizer)
    : onMachine(machine, packRows(policy.shape, policy.theta), normalizer);
};

const onMachine = (
  machine: RowMachine,
  network: PackedRows,
  normalizer: Pick<Normalizer, "mean" | "scale">,
): PolicyInference => {
  const mean = Float64Array.from(normalizer.mean), scale = Float64Array.from(normalizer.scale);
  return (observation, out) => {
    machine.load(network);
    const { input, output } = machine;
    for (let i = 0; i < mean.length; i++) {
      const x = (observation[i] - mean[i]) * scale[i];
      input[i] = x > CLIP ? CLIP : x < -CLIP ? -CLIP : x;
    }
    machine.run(network);
    for (let i = 0; i < network.outputs; i++) out[i] = output[i];
  };
};
