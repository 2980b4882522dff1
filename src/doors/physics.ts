/**
 * Planar articulated bodies with MuJoCo's dynamics, in plain TypeScript without dependencies: it runs in a browser, too.
 *
 * (ModelDescription) ⇒ `compile` ⇒ (Model) ⇒ `makeData` ⇒ (Data) ⇒ `step` ⇒ (Data, later)
 *
 * A pendulum swings from 1 rad for a second:
 *
 * ```ts
 * import { body, capsule, compile, GRAVITY, hinge, makeData, motor, Status, step } from "@mscv/mscv/physics";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const pendulum = compile({
 *   name: "pendulum",
 *   timestep: 0.01, // s
 *   integrator: "rk4",
 *   gravity: GRAVITY,
 *   density: 0,
 *   viscosity: 0,
 *   geoms: [],
 *   bodies: [body("pole", [0, 0, 0], [hinge("pivot", [0, 1, 0])], [capsule("rod", [0, 0, 0], [0, 0, -1], 0.05)])],
 *   actuators: [motor("pivot", 10)],
 * });
 * const data = makeData(pendulum);
 * data.qpos[0] = 1; // rad
 * for (let i = 0; i < 100; i++) assertEquals(step(pendulum, data), Status.ok);
 * assert(data.qpos[0] < 0); // it has swung to the other side
 * ```
 *
 * @module
 */
export {
  type ActuatorDescription,
  body,
  type BodyDescription,
  capsule,
  type GeomDescription,
  GRAVITY,
  hinge,
  type InertialDescription,
  type JointDescription,
  type ModelDescription,
  motor,
  plane,
  radians,
  site,
  type SiteDescription,
  slide,
  sphere,
  type StepOutput,
  type Vec3,
} from "../physics/description.ts";
export {
  type CollisionGeoms,
  type CollisionPairs,
  compile,
  type Data,
  type Divergence,
  findDivergence,
  type FluidBoxes,
  forward,
  halfCheetah,
  hopper,
  invertedDoublePendulum,
  invertedPendulum,
  type JointLimits,
  kinematics,
  makeData,
  type Model,
  reacher,
  type SoftConstraint,
  Status,
  step,
  swimmer,
  walker2d,
} from "../physics/physics.ts";
