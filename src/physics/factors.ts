/**
 * A model whose physics are changed by factors, for instance to see how a policy bears other friction.
 *
 * (description, factors) ⇒ (description)
 *
 * @module
 */
import type {
  BodyDescription,
  GeomDescription,
  InertialDescription,
  JointDescription,
  ModelDescription,
} from "./description.ts";

/** By what the figures of a model are multiplied; 1: nothing changes. */
export interface PhysicsFactors {
  /** Of all masses, and of the inertias with them */
  readonly mass: number;
  /** Of all coefficients of sliding friction */
  readonly friction: number;
  /** Of all joints' damping */
  readonly damping: number;
  /** Of all joints' armature */
  readonly armature: number;
  /** Of the springs in the joints */
  readonly stiffness: number;
  /** Of gravity */
  readonly gravity: number;
  /** Of the motors' force per unit of control */
  readonly gear: number;
  /** Of the density of the medium */
  readonly fluidDensity: number;
  /** Of the viscosity of the medium */
  readonly fluidViscosity: number;
}

/** (factors) ⇒ whether all of them are 1. */
export const changeNothing = (factors: PhysicsFactors): boolean =>
  Object.values(factors).every((factor) => factor === 1);

const changeGeom = (geom: GeomDescription, { mass, friction }: PhysicsFactors): GeomDescription => ({
  ...geom,
  density: geom.density * mass,
  friction: geom.friction * friction,
});

const changeJoint = (
  joint: JointDescription,
  { damping, armature, stiffness }: PhysicsFactors,
): JointDescription => ({
  ...joint,
  damping: joint.damping * damping,
  armature: joint.armature * armature,
  stiffness: joint.stiffness * stiffness,
});

const changeInertial = (inertial: InertialDescription, { mass }: PhysicsFactors): InertialDescription => {
  const [xx, yy, zz, xy, xz, yz] = inertial.fullinertia;
  const fullinertia = [xx * mass, yy * mass, zz * mass, xy * mass, xz * mass, yz * mass] as const;
  return { ...inertial, mass: inertial.mass * mass, fullinertia };
};

const changeBody = (body: BodyDescription, factors: PhysicsFactors): BodyDescription => ({
  ...body,
  joints: body.joints.map((joint) => changeJoint(joint, factors)),
  geoms: body.geoms.map((geom) => changeGeom(geom, factors)),
  bodies: body.bodies.map((child) => changeBody(child, factors)),
  ...(body.inertial === undefined ? {} : { inertial: changeInertial(body.inertial, factors) }),
});

/**
 * (description, factors) ⇒ (description). Where all factors are 1, the numbers stay, and with them the generated code that
 * steps the model; any other model is stepped by the generic engine, which is slower.
 */
export const changePhysics = (description: ModelDescription, factors: PhysicsFactors): ModelDescription => {
  const [x, y, z] = description.gravity, { gravity, gear, fluidDensity, fluidViscosity } = factors;
  return {
    ...description,
    gravity: [x * gravity, y * gravity, z * gravity],
    density: description.density * fluidDensity,
    viscosity: description.viscosity * fluidViscosity,
    geoms: description.geoms.map((geom) => changeGeom(geom, factors)),
    bodies: description.bodies.map((body) => changeBody(body, factors)),
    actuators: description.actuators.map((actuator) => ({ ...actuator, gear: actuator.gear * gear })),
  };
};
