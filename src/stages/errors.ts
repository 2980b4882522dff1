/**
 * What stops a run, as tagged errors. What the algorithm itself handles (a rejected line search) is data instead.
 *
 * @module
 */
import type { SampleError } from "../rollout/sampler.ts";

/** The dynamics model's loss or parameters are not finite. */
export class ModelFitDiverged extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "ModelFitDiverged";
  /** The class name, as shown. */
  override readonly name = "ModelFitDiverged";
  /** What is not finite. */
  readonly quantity: string;
  /** Update after which it was found. */
  readonly update: number;

  /** (what failed, where) ⇒ (error) with a message for the user. */
  constructor({ quantity, update }: { readonly quantity: string; readonly update: number }) {
    super(`Cannot fit the model as ${quantity} must be finite: it is not at update ${update}`);
    this.quantity = quantity;
    this.update = update;
  }
}

/** The value function's targets, loss or parameters are not finite. */
export class ValueFitDiverged extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "ValueFitDiverged";
  /** The class name, as shown. */
  override readonly name = "ValueFitDiverged";
  /** What is not finite. */
  readonly quantity: string;

  /** (what failed, where) ⇒ (error) with a message for the user. */
  constructor({ quantity }: { readonly quantity: string }) {
    super(`Cannot fit the value function as ${quantity} must be finite: it is not`);
    this.quantity = quantity;
  }
}

/** The critic's targets, loss or parameters are not finite. */
export class CriticFitDiverged extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "CriticFitDiverged";
  /** The class name, as shown. */
  override readonly name = "CriticFitDiverged";
  /** What is not finite. */
  readonly quantity: string;

  /** (what failed, where) ⇒ (error) with a message for the user. */
  constructor({ quantity }: { readonly quantity: string }) {
    super(`Cannot fit the critic as ${quantity} must be finite: it is not`);
    this.quantity = quantity;
  }
}

/** The policy gradient, or what it is made from, is not finite. */
export class NonFiniteGradient extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "NonFiniteGradient";
  /** The class name, as shown. */
  override readonly name = "NonFiniteGradient";
  /** What is not finite. */
  readonly quantity: string;

  /** (what failed, where) ⇒ (error) with a message for the user. */
  constructor({ quantity }: { readonly quantity: string }) {
    super(`Cannot estimate the gradient as ${quantity} must be finite: it is not`);
    this.quantity = quantity;
  }
}

/** A tensor did not fit in the WebAssembly heap. */
export class TensorsExhausted extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "TensorsExhausted";
  /** The class name, as shown. */
  override readonly name = "TensorsExhausted";
  /** Stage that asked for it. */
  readonly stage: string;
  /** What the heap said. */
  readonly detail: string;

  /** (what failed, where) ⇒ (error) with a message for the user. */
  constructor({ stage, detail }: { readonly stage: string; readonly detail: string }) {
    super(`Cannot run "${stage}" as its tensors must fit in the heap: ${detail}`);
    this.stage = stage;
    this.detail = detail;
  }
}

/** A stage that fits on the replay memory found nothing in it. */
export class MemoryEmpty extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "MemoryEmpty";
  /** The class name, as shown. */
  override readonly name = "MemoryEmpty";
  /** Which stage. */
  readonly stage: string;

  /** (what failed, where) ⇒ (error) with a message for the user. */
  constructor({ stage }: { readonly stage: string }) {
    super(`Cannot run "${stage}" as the memory must hold a batch: it is empty, run "store" first`);
    this.stage = stage;
  }
}

/** All errors a stage can fail with. */
export type StageError =
  | SampleError
  | ModelFitDiverged
  | ValueFitDiverged
  | CriticFitDiverged
  | NonFiniteGradient
  | TensorsExhausted
  | MemoryEmpty;
