/**
 * A policy as named tensors that any reader of safetensors understands.
 * (policy, normaliser) ⇒ (tensors)
 *
 * @module
 */
import { mlpParameterCount, type NormalizerInUse, type PolicyParams } from "../data/parameters.ts";
import type { TensorFile, TensorRecord } from "../files/safetensors.ts";

/**
 * (policy, normaliser, metadata) ⇒ (tensors): `policy.0.weight` [out, in] and `policy.0.bias` [out] as PyTorch's `Linear` has
 * them, `policy.log_std` [act], `normalizer.mean` and `.scale` [obs], `.bound` [obs] where raw observations are clamped.
 */
export const policyTensors = (
  { shape: { sizes, activation }, theta }: PolicyParams,
  { mean, scale, bound }: NormalizerInUse,
  metadata: Readonly<Record<string, string>>,
): TensorFile => {
  const tensors = new Map<string, TensorRecord>();
  const put = (name: string, shape: ReadonlyArray<number>, data: ArrayLike<number>) =>
    tensors.set(name, { shape, data: Float32Array.from(data) });
  let offset = 0;
  for (let layer = 0; layer + 1 < sizes.length; layer++) {
    const [inputs, outputs] = [sizes[layer], sizes[layer + 1]], bias = offset + inputs * outputs, start = offset;
    const transposed = Array.from({ length: inputs * outputs }, (_, i) => {
      const [row, column] = [Math.floor(i / inputs), i % inputs]; // ours is [in, out]
      return theta[start + column * outputs + row];
    });
    put(`policy.${layer}.weight`, [outputs, inputs], transposed);
    put(`policy.${layer}.bias`, [outputs], theta.subarray(bias, bias + outputs));
    offset = bias + outputs;
  }
  put("policy.log_std", [sizes.at(-1)!], theta.subarray(mlpParameterCount({ sizes, activation })));
  put("normalizer.mean", [mean.length], mean);
  put("normalizer.scale", [scale.length], scale);
  if (bound !== undefined) put("normalizer.bound", [bound.length], bound);
  return { tensors, metadata: { ...metadata, activation } };
};
