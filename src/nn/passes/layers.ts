/**
 * Where the layers of a multi-layer perceptron lie in its flat θ.
 *
 * @module
 */
import { mlpParameterCount, type MlpShape, skipCount } from "../../data/parameters.ts";

/** Where a layer's parameters lie in θ. */
export interface LayerSpan {
  readonly input: number;
  readonly output: number;
  readonly weights: number; // offset in θ of [input, output], row-major
  readonly bias: number; // offset in θ of [output]
}

/** (shape) ⇒ (spans), one a layer. */
export const layerSpans = (shape: MlpShape): LayerSpan[] => {
  const spans: LayerSpan[] = [];
  let offset = 0;
  for (let i = 0; i + 1 < shape.sizes.length; i++) {
    const [input, output] = [shape.sizes[i], shape.sizes[i + 1]];
    spans.push({ input, output, weights: offset, bias: offset + input * output });
    offset += (input + 1) * output;
  }
  return spans;
};

/** (shape) ⇒ where the weights of its skip connection lie, without a bias; null where it has none. */
export const skipSpan = (shape: MlpShape): Omit<LayerSpan, "bias"> | null => {
  const { sizes, skip } = shape;
  if (skip === undefined) return null;
  return { input: sizes[0], output: sizes[sizes.length - 1], weights: mlpParameterCount(shape) - skipCount(shape) };
};

/** (shape) ⇒ the size of its widest layer. */
export const widestLayer = (shape: MlpShape): number => Math.max(...shape.sizes);
