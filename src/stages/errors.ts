/**
 * What stops a run, as tagged errors. What the algorithm itself handles (a rejected line search) is data instead.
 *
 * @module
 */
import * as Schema from "effect/Schema";
import type { PhysicsDiverged } from "../rollout/physics_diverged.ts";

/** The dynamics model's loss or parameters are not finite. */
export class ModelFitDiverged extends Schema.TaggedError<ModelFitDiverged>()("ModelFitDiverged", {
  quantity: Schema.String,
  update: Schema.Number,
}) {
  /** What failed, where. */
  override get message(): string {
    return `Cannot fit the model as ${this.quantity} must be finite: it is not at update ${this.update}`;
  }
}

/** The value function's targets, loss or parameters are not finite. */
export class ValueFitDiverged extends Schema.TaggedError<ValueFitDiverged>()("ValueFitDiverged", {
  quantity: Schema.String,
}) {
  /** What failed, where. */
  override get message(): string {
    return `Cannot fit the value function as ${this.quantity} must be finite: it is not`;
  }
}

/** The policy gradient, or what it is made from, is not finite. */
export class NonFiniteGradient extends Schema.TaggedError<NonFiniteGradient>()("NonFiniteGradient", {
  quantity: Schema.String,
}) {
  /** What failed, where. */
  override get message(): string {
    return `Cannot estimate the gradient as ${this.quantity} must be finite: it is not`;
  }
}

/** A tensor did not fit in the WebAssembly heap. */
export class TensorsExhausted extends Schema.TaggedError<TensorsExhausted>()("TensorsExhausted", {
  stage: Schema.String,
  detail: Schema.String,
}) {
  /** What failed, where. */
  override get message(): string {
    return `Cannot run "${this.stage}" as its tensors must fit in the heap: ${this.detail}`;
  }
}

/** All errors a stage can fail with. */
export type StageError = PhysicsDiverged | ModelFitDiverged | ValueFitDiverged | NonFiniteGradient | TensorsExhausted;

export { PhysicsDiverged } from "../rollout/physics_diverged.ts";
