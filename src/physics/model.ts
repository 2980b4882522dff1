/**
 * The compiled model: constants only, in the coordinates in which the dynamics are short.
 *
 * The plane of motion has axes (u, v): (x, z) where hinges turn about y, (x, y) where they turn about z. A *link* is a
 * body with the bodies welded to it; its *anchor* is its hinge (its origin where it has none). *Link coordinates* w
 * replace each hinge rate q̇ by the absolute angular velocity of its link, counter-clockwise in (u, v); slides stay:
 *
 *   w_j = s_j q̇_j + w_parent(j),   q̇_j = s_j (w_j − w_parent(j)),   s_j = ±1.
 *
 * Departure: MuJoCo works in q̇. The optimum of the constraint problem does not change under this linear map, and here
 * the diagonal of the mass matrix is constant and each velocity term is one product.
 *
 * @module
 */
import type { StepOutput } from "./description.ts";

/** Constants of a model. Offsets are in the frame of the owning link, from its anchor. */
export interface Model {
  /** Name. */
  readonly name: string;
  /** Plane of motion (u, v). */
  readonly plane: "xz" | "xy";
  /** Rule of `step`. */
  readonly integrator: "rk4" | "euler";
  /** s */
  readonly timestep: number;
  /** Joint coordinates */
  readonly nq: number;
  /** Joint velocities; equal to nq */
  readonly nv: number;
  /** Actuators */
  readonly nu: number;
  /** Bodies with the world, which is body 0 */
  readonly nbody: number;
  /** Moving links, parents before children */
  readonly nlink: number;
  /** Geoms that take part in some collision pair */
  readonly ngeom: number;
  /** Collision pairs */
  readonly npair: number;
  /** Most contacts at once */
  readonly nconMax: number;
  /** Most constraint rows at once */
  readonly nefcMax: number;
  /** Sites */
  readonly nsite: number;
  /** What `step` leaves behind in `Data` beside state and acceleration */
  readonly outputs: ReadonlyArray<StepOutput>;
  /** [nq] m or rad */
  readonly qpos0: Float64Array;
  /** [nq] m or rad, where the joints' springs are at rest */
  readonly qposSpring: Float64Array;
  /** [2] m/s² in the plane */
  readonly gravity: Float64Array;

  /** [nv] */
  readonly jointName: ReadonlyArray<string>;
  /** [nv] s_j; 1 for slides */
  readonly dofSign: Float64Array;
  /** [nv] dof of the parent link's hinge, −1: none */
  readonly dofParent: Int32Array;
  /** [nv] constant diagonal of the mass matrix, kg or kg·m² */
  readonly dofDiagonal: Float64Array;
  /** [nv] gravity force on slides, N; 0 for hinges */
  readonly dofWeight: Float64Array;
  /** [nv] N·s/m or N·m·s/rad */
  readonly dofDamping: Float64Array;
  /** [nv] N/m or N·m/rad, of the joint's spring; 0: none */
  readonly dofStiffness: Float64Array;
  /** [nv] kg or kg·m² */
  readonly dofArmature: Float64Array;
  /** [nv] 1/kg or 1/(kg·m²) */
  readonly dofInvweight0: Float64Array;

  /** [nlink] −1: the world */
  readonly linkParent: Int32Array;
  /** [nlink] dof of the hinge, −1: none */
  readonly linkDof: Int32Array;
  /** [nlink] dof of the slide along u of the link's root, −1: none */
  readonly linkSlideU: Int32Array;
  /** [nlink] same along v */
  readonly linkSlideV: Int32Array;
  /** [nlink, 2] m, parent's anchor → anchor in the parent's frame */
  readonly linkStem0: Float64Array;
  /** [nlink, 2] kg·m, m·c + Σ_children Msub·stem */
  readonly linkMoment0: Float64Array;

  /** [ncoupling] dof of the ancestor's hinge */
  readonly couplingA: Int32Array;
  /** [ncoupling] dof of the descendant's hinge */
  readonly couplingB: Int32Array;
  /** [ncoupling] the ancestor's child on the way to the descendant */
  readonly couplingStem: Int32Array;
  /** [ncoupling] the descendant */
  readonly couplingLink: Int32Array;
  /** [ncoupling] kg·m², 0 unless the ancestor is the parent */
  readonly couplingArmature: Float64Array;

  /** [nbody] */
  readonly bodyName: ReadonlyArray<string>;
  /** [nbody] −1: the world */
  readonly bodyLink: Int32Array;
  /** [nbody, 2] m, anchor of the link → origin of the body */
  readonly bodyOrigin: Float64Array;
  /** [nbody, 2] m, anchor of the link → centre of mass of the body */
  readonly bodyCom: Float64Array;
  /** [nbody] m, coordinate of the origin normal to the plane */
  readonly bodyDepth: Float64Array;
  /** [nbody] kg */
  readonly bodyMass: Float64Array;
  /** [nbody] kg·m² about the centre of mass and the plane's normal */
  readonly bodyInertia: Float64Array;
  /** [nbody] 1/kg, translational */
  readonly bodyInvweight0: Float64Array;

  /** [nsite] */
  readonly siteName: ReadonlyArray<string>;
  /** [nsite] −1: the world */
  readonly siteLink: Int32Array;
  /** [nsite, 2] m, anchor of the link → site */
  readonly sitePos: Float64Array;
  /** [nsite] m, coordinate normal to the plane */
  readonly siteDepth: Float64Array;

  /** [nu] */
  readonly actuatorDof: Int32Array;
  /** [nu] N or N·m */
  readonly actuatorGear: Float64Array;
  /** [nu, 2] */
  readonly actuatorCtrlrange: Float64Array;

  /** What the medium acts on. */
  readonly fluid: FluidBoxes;
  /** Joints with a range. */
  readonly limit: JointLimits;
  /** Geoms that may touch. */
  readonly geom: CollisionGeoms;
  /** Pairs that may touch. */
  readonly pair: CollisionPairs;
}

/** Boxes of equal inertia on which the medium acts; none where it has neither density nor viscosity. */
export interface FluidBoxes {
  /** Number of entries. */
  readonly count: number;
  /** [count] */
  readonly link: Int32Array;
  /** [count, 2] m */
  readonly com: Float64Array;
  /** [count, 2] unit vector of the first principal axis */
  readonly axis: Float64Array;
  /** [count] N·s/m */
  readonly viscousForce: Float64Array;
  /** [count] N·m·s */
  readonly viscousTorque: Float64Array;
  /** [count, 2] N·s²/m² along the two principal axes */
  readonly dragForce: Float64Array;
  /** [count] N·m·s² */
  readonly dragTorque: Float64Array;
}

/** How strongly a violated constraint pulls back: see `impedance`. */
export interface SoftConstraint {
  /** Number of entries. */
  readonly count: number;
  /** [count] K, 1/s² */
  readonly stiffness: Float64Array;
  /** [count] B, 1/s */
  readonly damping: Float64Array;
  /** [count, 3] d0, d1, width in m or rad */
  readonly impedance: Float64Array;
  /** [count] approximate J M⁻¹ Jᵀ, 1/kg or 1/(kg·m²) */
  readonly diagonal: Float64Array;
}

/** Joints with a range. */
export interface JointLimits extends SoftConstraint {
  /** [count] */
  readonly dof: Int32Array;
  /** [count, 2] m or rad */
  readonly range: Float64Array;
  /** [count] m or rad, distance from an end of the range below which the limit counts */
  readonly margin: Float64Array;
}

/** Geoms that take part in some pair: capsules, spheres, and planes with normal +v. */
export interface CollisionGeoms {
  /** [ngeom] */
  readonly name: ReadonlyArray<string>;
  /** [ngeom] */
  readonly isPlane: Uint8Array;
  /** [ngeom] its two ends are the centre */
  readonly isSphere: Uint8Array;
  /** [ngeom] −1: the world */
  readonly link: Int32Array;
  /** [ngeom, 4] m, (u, v) of both ends of the axis */
  readonly ends: Float64Array;
  /** [ngeom] m */
  readonly radius: Float64Array;
}

/** Pairs that may touch; the first geom is the plane where there is one, else the sphere where there is one. */
export interface CollisionPairs extends SoftConstraint {
  /** [count] */
  readonly geom1: Int32Array;
  /** [count] */
  readonly geom2: Int32Array;
  /** [count] m */
  readonly margin: Float64Array;
  /** [count] μ; 0: frictionless (condim 1) */
  readonly friction: Float64Array;
}

/** Outcome of a kernel: nothing is thrown in the hot path. */
export const Status = { ok: 0, diverged: 1, singular: 2 } as const;

/** 0: fine; 1: a coordinate, velocity or acceleration is not finite or beyond 1e10; 2: the mass matrix is singular. */
export type Status = (typeof Status)[keyof typeof Status];
