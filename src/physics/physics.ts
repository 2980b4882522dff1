/**
 * Planar articulated bodies with MuJoCo's dynamics: what other rooms import.
 *
 * (ModelDescription) ⇒ compile ⇒ (Model) ⇒ makeData ⇒ (Data) ⇒ step ⇒ (Data, later)
 *
 * @module
 */
export { whyGeneric } from "./codegen/largest.ts";
export { compile, constraintSizes } from "./compile.ts";
export { type Data, makeData } from "./data.ts";
export type {
  ActuatorDescription,
  BodyDescription,
  GeomDescription,
  InertialDescription,
  JointDescription,
  ModelDescription,
  SiteDescription,
  StepOutput,
  Vec3,
} from "./description.ts";
export { type Divergence, findDivergence } from "./divergence.ts";
export { changePhysics, type PhysicsFactors } from "./factors.ts";
export { forward } from "./forward.ts";
export { stepEuler, stepGeneric, type Stepper, stepRungeKutta, toLastStage } from "./integrate.ts";
export { kinematics } from "./kinematics.ts";
export {
  type CollisionGeoms,
  type CollisionPairs,
  type FluidBoxes,
  type JointLimits,
  type Model,
  type SoftConstraint,
  Status,
} from "./model.ts";
export { halfCheetah } from "./models/half_cheetah.ts";
export { hopper } from "./models/hopper.ts";
export { invertedDoublePendulum, POLE_LENGTH } from "./models/inverted_double_pendulum.ts";
export { invertedPendulum } from "./models/inverted_pendulum.ts";
export { models } from "./models/models.ts";
export { reacher } from "./models/reacher.ts";
export { swimmer } from "./models/swimmer.ts";
export { walker2d } from "./models/walker2d.ts";
export { step, stepGenerated, stepperOf } from "./stepper.ts";
