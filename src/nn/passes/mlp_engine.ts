/**
 * What networks run on, chosen once where the backend starts: the kernels on the tensor library's heap, or the tensor
 * library's own operations.
 *
 * @module
 */
import { makeArrayPasses } from "./array_passes.ts";
import type { Passes } from "./passes.ts";
import { plainTensorPasses, type TensorPasses } from "./tensor_mlp.ts";

/** The passes on tensors, for what is differentiated by the tape, and on places, for loops that call networks many times. */
export interface MlpEngine extends TensorPasses {
  /** networks and elementwise arithmetic on memory that the caller lays out */
  readonly passes: Passes;
}

/** The engine of plain tensor operations. */
export const plainEngine: MlpEngine = { ...plainTensorPasses, passes: makeArrayPasses(plainTensorPasses) };

let current: MlpEngine = plainEngine;

/** () ⇒ the engine in use. */
export const mlpEngine = (): MlpEngine => current;

/** (engine) ⇒ (engine before): from now on networks run on this one. */
export const useMlpEngine = (engine: MlpEngine): MlpEngine => {
  const before = current;
  current = engine;
  return before;
};
