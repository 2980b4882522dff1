/**
 * What a model is made of, before compilation: a typed counterpart of the part of MJCF that the planar engine supports.
 * (figures of a paper or an MJCF file) ⇒ (ModelDescription)
 *
 * Builders fill MuJoCo's defaults, here and nowhere else.
 *
 * @module
 */

/** x, y, z; m unless said otherwise. */
export type Vec3 = readonly [number, number, number];

/** One degree of freedom between a body and its parent. */
export interface JointDescription {
  /** Name. */
  readonly name: string;
  /** Kind. */
  readonly type: "slide" | "hinge";
  /** Unit vector; a hinge's is normal to the plane of motion, a slide's lies in it */
  readonly axis: Vec3;
  /** m, anchor in the body's frame; matters for hinges only */
  readonly pos: Vec3;
  /** m or rad; null: unlimited */
  readonly range: readonly [number, number] | null;
  /** N·s/m or N·m·s/rad */
  readonly damping: number;
  /** kg or kg·m² */
  readonly armature: number;
  /** m or rad, joint coordinate of the initial pose */
  readonly ref: number;
  /** N/m or N·m/rad, of a spring */
  readonly stiffness: number;
  /** m or rad, joint coordinate at which the spring is at rest */
  readonly springref: number;
  /** m or rad, distance from an end of the range below which the limit counts */
  readonly margin: number;
  /** Of the limit: time constant in s, damping ratio */
  readonly solref: readonly [number, number];
  /** Of the limit: impedance at 0, impedance at width, width in m or rad */
  readonly solimp: readonly [number, number, number];
}

/** A solid that gives a body mass and may collide. */
export interface GeomDescription {
  /** Name. */
  readonly name: string;
  /** Kind. */
  readonly type: "capsule" | "sphere" | "plane";
  /** m, capsule: one end of the axis; sphere: centre; plane: a point on it (its normal is +z) */
  readonly from: Vec3;
  /** m, capsule: the other end; otherwise equal to `from` */
  readonly to: Vec3;
  /** m */
  readonly radius: number;
  /** kg/m³ */
  readonly density: number;
  /** Sliding coefficient */
  readonly friction: number;
  /** m, distance below which a contact counts */
  readonly margin: number;
  /** 1: frictionless, 3: pyramid of sliding friction */
  readonly condim: 1 | 3;
  /** Bit mask */
  readonly contype: number;
  /** Bit mask */
  readonly conaffinity: number;
  /** Time constant in s, damping ratio */
  readonly solref: readonly [number, number];
  /** Impedance at 0, impedance at width, width in m */
  readonly solimp: readonly [number, number, number];
}

/** A point of a body whose position is of interest. */
export interface SiteDescription {
  /** Name. */
  readonly name: string;
  /** m, in the body's frame */
  readonly pos: Vec3;
}

/** Mass properties that are given, instead of those of a body's solids. */
export interface InertialDescription {
  /** kg */
  readonly mass: number;
  /** m, centre of mass in the body's frame */
  readonly pos: Vec3;
  /** kg·m² about the centre of mass, along the frame's axes: xx, yy, zz, xy, xz, yz */
  readonly fullinertia: readonly [number, number, number, number, number, number];
  /** Whose frame the principal axes and the centre of mass make: MuJoCo treats a body that only slides by it. */
  readonly frame: "body" | "own";
}

/** A rigid body, its joints (slides before the hinge), its geoms, its children and its sites. */
export interface BodyDescription {
  /** Name. */
  readonly name: string;
  /** m, in the parent's frame; orientation equals the parent's when all joints are at `ref` */
  readonly pos: Vec3;
  /** Slides before the hinge. */
  readonly joints: ReadonlyArray<JointDescription>;
  /** Solids. */
  readonly geoms: ReadonlyArray<GeomDescription>;
  /** Children. */
  readonly bodies: ReadonlyArray<BodyDescription>;
  /** Points of interest; absent: none */
  readonly sites?: ReadonlyArray<SiteDescription>;
  /** Mass properties; absent: those of the solids */
  readonly inertial?: InertialDescription;
}

/** A motor on one joint: force = gear · clamp(ctrl). */
export interface ActuatorDescription {
  /** Name of the joint, or the joint. */
  readonly joint: string;
  /** N or N·m per unit of control */
  readonly gear: number;
  /** Least and largest control. */
  readonly ctrlrange: readonly [number, number];
}

/** A whole model. */
export interface ModelDescription {
  /** Name. */
  readonly name: string;
  /** s */
  readonly timestep: number;
  /** Rule of `step`. */
  readonly integrator: "rk4" | "euler";
  /** m/s² */
  readonly gravity: Vec3;
  /** kg/m³ of the medium; 0: none */
  readonly density: number;
  /** Pa·s of the medium; 0: none */
  readonly viscosity: number;
  /** Fixed to the world */
  readonly geoms: ReadonlyArray<GeomDescription>;
  /** Children of the world */
  readonly bodies: ReadonlyArray<BodyDescription>;
  /** Motors. */
  readonly actuators: ReadonlyArray<ActuatorDescription>;
  /** What `step` leaves behind beside the state, as somebody observes it; absent: nothing */
  readonly outputs?: ReadonlyArray<StepOutput>;
}

/** An intermediate of the last evaluation of a step, by its name in `Data`. */
export type StepOutput = "qfrcConstraint";

/** Standard gravity of MuJoCo's default options, m/s². */
export const GRAVITY: Vec3 = [0, 0, -9.81];

const ORIGIN: Vec3 = [0, 0, 0];

const SOFTNESS = { solref: [0.02, 1], solimp: [0.9, 0.95, 0.001] } as const;

const JOINT: Omit<JointDescription, "name" | "type" | "axis"> = {
  pos: ORIGIN,
  range: null,
  damping: 0,
  armature: 0,
  ref: 0,
  stiffness: 0,
  springref: 0,
  margin: 0,
  ...SOFTNESS,
};

const GEOM: Omit<GeomDescription, "name" | "type" | "from" | "to" | "radius"> = {
  density: 1000,
  friction: 1,
  margin: 0,
  condim: 3,
  contype: 1,
  conaffinity: 1,
  ...SOFTNESS,
};

/** (angle in degrees) ⇒ (angle in rad). */
export const radians = (degrees: number): number => degrees * (Math.PI / 180);

/** (name, axis, changes to the defaults) ⇒ (slide joint). */
export const slide = (name: string, axis: Vec3, rest: Partial<JointDescription> = {}): JointDescription => ({
  ...JOINT,
  ...rest,
  name,
  axis,
  type: "slide",
});

/** (name, axis, changes to the defaults) ⇒ (hinge joint). */
export const hinge = (name: string, axis: Vec3, rest: Partial<JointDescription> = {}): JointDescription => ({
  ...JOINT,
  ...rest,
  name,
  axis,
  type: "hinge",
});

/** (name, axis ends in m, radius in m, changes to the defaults) ⇒ (capsule). */
export const capsule = (
  name: string,
  from: Vec3,
  to: Vec3,
  radius: number,
  rest: Partial<GeomDescription> = {},
): GeomDescription => ({ ...GEOM, ...rest, name, type: "capsule", from, to, radius });

/** (name, centre in m, radius in m, changes to the defaults) ⇒ (sphere). */
export const sphere = (
  name: string,
  center: Vec3,
  radius: number,
  rest: Partial<GeomDescription> = {},
): GeomDescription => ({ ...GEOM, ...rest, name, type: "sphere", from: center, to: center, radius });

/** (name, point in m, changes to the defaults) ⇒ (horizontal plane with normal +z). */
export const plane = (name: string, point: Vec3, rest: Partial<GeomDescription> = {}): GeomDescription => ({
  ...GEOM,
  ...rest,
  name,
  type: "plane",
  from: point,
  to: point,
  radius: 0,
});

/** (name, position in the body's frame in m) ⇒ (site). */
export const site = (name: string, pos: Vec3): SiteDescription => ({ name, pos });

/** (name, position in the parent's frame in m, parts) ⇒ (body). */
export const body = (
  name: string,
  pos: Vec3,
  joints: ReadonlyArray<JointDescription>,
  geoms: ReadonlyArray<GeomDescription>,
  bodies: ReadonlyArray<BodyDescription> = [],
  sites: ReadonlyArray<SiteDescription> = [],
): BodyDescription => ({ name, pos, joints, geoms, bodies, sites });

/** (joint that it moves, N or N·m per unit of control, least and largest control) ⇒ (motor). */
export const motor = (
  joint: string,
  gear: number,
  ctrlrange: readonly [number, number] = [-1, 1],
): ActuatorDescription => ({ joint, gear, ctrlrange });
