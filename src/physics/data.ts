/**
 * Mutable state and scratch of one simulated instance, allocated once: (model) ⇒ (data).
 *
 * @module
 */
import type { Model } from "./model.ts";

/**
 * State, inputs and every intermediate of the last evaluation. (qpos, qvel) is the whole state. Names that begin with
 * `link` are in link coordinates (see `model.ts`); `jointSpace` turns forces and rows into MuJoCo's.
 */
export interface Data {
  /** s */
  time: number;
  /** [nq] m or rad */
  readonly qpos: Float64Array;
  /** [nv] m/s or rad/s */
  readonly qvel: Float64Array;
  /** [nu] as given, before clamping */
  readonly ctrl: Float64Array;
  /** [nv] m/s² or rad/s² of the last evaluation (after `step`: of its last stage; Euler: with implicit damping) */
  readonly qacc: Float64Array;

  /** Filled by `kinematics` for the current qpos; not by `step` or `forward`. */
  readonly xpos: Float64Array; // [nbody, 3] m, origins of the bodies in the world
  /** [nsite, 3] m, in the world; filled with `xpos` */
  readonly siteXpos: Float64Array;
  /** [nlink] rad, absolute, counter-clockwise in (u, v) */
  readonly linkAngle: Float64Array;
  /** [nlink] */
  readonly linkCos: Float64Array;
  /** [nlink] */
  readonly linkSin: Float64Array;
  /** [nlink, 2] m */
  readonly linkAnchor: Float64Array;
  /** [nlink, 2] m, rotated into the world */
  readonly linkStem: Float64Array;
  /** [nlink, 2] kg·m, rotated into the world */
  readonly linkMoment: Float64Array;

  /** [nv] w, m/s or rad/s */
  readonly linkVel: Float64Array;
  /** [nv] dw/dt of the last evaluation; also the solver's first guess */
  readonly linkAcc: Float64Array;
  /** [nlink, 2] m/s, only filled in a medium */
  readonly linkAnchorVel: Float64Array;
  /** [nv, nv] mass matrix, lower triangle */
  readonly linkMass: Float64Array;
  /** [nv] N or N·m: linkMass·dw/dt + linkBias = forces */
  readonly linkBias: Float64Array;
  /** [nv] springs, damping and medium */
  readonly linkPassive: Float64Array;
  /** [nv] */
  readonly linkActuator: Float64Array;
  /** [nv] all forces but the constraints' */
  readonly linkSmooth: Float64Array;

  /** Contacts */
  ncon: number;
  /** [ngeom, 4] m, in the world */
  readonly geomEnds: Float64Array;
  /** [nconMax] collision pair */
  readonly contactPair: Int32Array;
  /** [nconMax] m, negative: penetration */
  readonly contactDist: Float64Array;
  /** [nconMax, 2] m, halfway between the surfaces */
  readonly contactPoint: Float64Array;
  /** [nconMax, 2] from the first geom to the second; 0, 0: out of the plane */
  readonly contactNormal: Float64Array;
  /** [2, nv] scratch: relative velocity of a contact point per unit of w */
  readonly pointJacobian: Float64Array;

  /** Constraint rows; equal pyramid edges are one row */
  nefc: number;
  /** [nefcMax, nv] in link coordinates */
  readonly efcJ: Float64Array;
  /** [nefcMax] weight, 1/R times the number of equal edges */
  readonly efcD: Float64Array;
  /** [nefcMax] reference acceleration, m/s² or rad/s² */
  readonly efcAref: Float64Array;
  /** [nefcMax] whether the row pushes */
  readonly efcActive: Uint8Array;
  /** [nefcMax] N or N·m, filled by the solver */
  readonly efcForce: Float64Array;
  /**
   * [nv] N or N·m, what the constraints exert on each joint coordinate, in the last evaluation. `forward` fills it; `step`
   * where the model's `outputs` name it.
   */
  readonly qfrcConstraint: Float64Array;

  /** [nv, nv] scratch of the solver */
  readonly hessian: Float64Array;
  /** [nv] scratch of the solver */
  readonly gradient: Float64Array;
  /** [nv] scratch of the solver */
  readonly direction: Float64Array;
  /** [nefcMax] scratch of the line search */
  readonly efcResidual: Float64Array;
  /** [nefcMax] scratch of the line search */
  readonly efcSlope: Float64Array;
  /** Evaluations so far that needed the line search */
  solverFallbacks: number;

  /** [nq] state at the start of the step */
  readonly stageQpos: Float64Array;
  /** [nv] */
  readonly stageQvel: Float64Array;
  /** [nv] weighted sum over the stages */
  readonly sumQvel: Float64Array;
  /** [nv] */
  readonly sumQacc: Float64Array;
}

const floats = (length: number): Float64Array => new Float64Array(length);

const linkScratch = (nlink: number) => ({
  linkAngle: floats(nlink),
  linkCos: floats(nlink),
  linkSin: floats(nlink),
  linkAnchor: floats(2 * nlink),
  linkStem: floats(2 * nlink),
  linkMoment: floats(2 * nlink),
  linkAnchorVel: floats(2 * nlink),
});

const forceScratch = (nv: number) => ({
  linkVel: floats(nv),
  linkAcc: floats(nv),
  linkMass: floats(nv * nv),
  linkBias: floats(nv),
  linkPassive: floats(nv),
  linkActuator: floats(nv),
  linkSmooth: floats(nv),
  hessian: floats(nv * nv),
  qfrcConstraint: floats(nv),
  gradient: floats(nv),
  direction: floats(nv),
});

const contactScratch = (m: Model) => ({
  ncon: 0,
  geomEnds: floats(4 * m.ngeom),
  contactPair: new Int32Array(m.nconMax),
  contactDist: floats(m.nconMax),
  contactPoint: floats(2 * m.nconMax),
  contactNormal: floats(2 * m.nconMax),
  pointJacobian: floats(2 * m.nv),
});

const rowScratch = (m: Model) => ({
  nefc: 0,
  efcJ: floats(m.nefcMax * m.nv),
  efcD: floats(m.nefcMax),
  efcAref: floats(m.nefcMax),
  efcActive: new Uint8Array(m.nefcMax),
  efcForce: floats(m.nefcMax),
  efcResidual: floats(m.nefcMax),
  efcSlope: floats(m.nefcMax),
  solverFallbacks: 0,
});

/** (model) ⇒ (data) at qpos0 and at rest, with all scratch allocated. */
export const makeData = (m: Model): Data => ({
  time: 0,
  qpos: m.qpos0.slice(),
  qvel: floats(m.nv),
  ctrl: floats(m.nu),
  qacc: floats(m.nv),
  xpos: floats(3 * m.nbody),
  siteXpos: floats(3 * m.nsite),
  ...linkScratch(m.nlink),
  ...forceScratch(m.nv),
  ...contactScratch(m),
  ...rowScratch(m),
  stageQpos: floats(m.nq),
  stageQvel: floats(m.nv),
  sumQvel: floats(m.nv),
  sumQacc: floats(m.nv),
});
