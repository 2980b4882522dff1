/**
 * The policy's mean for one observation: needs no tensor library, so that it runs in web workers.
 *
 * @module
 */
import type { NormalizerInUse, PolicyParams } from "../../data/parameters.ts";
import { type PackedRows, packRows, type RowMachine, rowMachine } from "../kernels/row_machine.ts";
import { normalizedRange } from "../networks/normalized_range.ts";
import { makePlainInference, type PolicyInference } from "./plain_inference.ts";

/**
 * (policy, normaliser) ⇒ (inference) on copies of both; not reentrant. By kernels in float32, whose bits are the same on
 * every machine, or in plain JS where there are none.
 */
export const makePolicyInference = (
  policy: PolicyParams,
  normalizer: NormalizerInUse,
): PolicyInference => {
  const machine = rowMachine();
  return machine === null
    ? makePlainInference(policy, normalizer)
    : onMachine(machine, packRows(policy.shape, policy.theta), normalizer);
};

const onMachine = (
  machine: RowMachine,
  network: PackedRows,
  normalizer: NormalizerInUse,
): PolicyInference => {
  const mean = Float64Array.from(normalizer.mean), scale = Float64Array.from(normalizer.scale);
  const { low, high } = normalizedRange(normalizer);
  return (observation, out) => {
    machine.load(network);
    const { input, output } = machine;
    for (let i = 0; i < mean.length; i++) {
      const x = (observation[i] - mean[i]) * scale[i];
      input[i] = x > high[i] ? high[i] : x < low[i] ? low[i] : x;
    }
    machine.run(network);
    for (let i = 0; i < network.outputs; i++) out[i] = output[i];
  };
};
