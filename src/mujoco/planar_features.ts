/**
 * What of MuJoCo's features our planar engine does not have.
 *
 * @module
 */
import type { MjModel } from "@mujoco/mujoco";
import type { Mujoco } from "./engine.ts";

const any = (values: ArrayLike<number>, is: (value: number, i: number) => boolean): boolean =>
  Array.from(values).some(is);

/** (solimp [n, 5]) ⇒ whether a midpoint or a power is not MuJoCo's default, .5 and 2. */
const shaped = (solimp: ArrayLike<number>): boolean =>
  any(solimp, (x, i) => (i % 5 === 3 && x !== 0.5) || (i % 5 === 4 && x !== 2));

/** What has parts of its own. */
const counted = (m: MjModel): ReadonlyArray<readonly [string, boolean]> => [
  ["equality constraints", m.neq > 0],
  ["tendons", m.ntendon > 0],
  ["explicit contact pairs", m.npair > 0],
  ["contact exclusions", m.nexclude > 0],
  ["plugins", m.nplugin > 0],
  ["flexible bodies", m.nflex > 0],
  ["mocap bodies", m.nmocap > 0],
  ["states of actuators", m.na > 0],
];

const ofOptions = (mujoco: Mujoco, { opt }: MjModel): ReadonlyArray<readonly [string, boolean]> => {
  const { mjINT_IMPLICIT, mjINT_IMPLICITFAST } = mujoco.mjtIntegrator;
  return [
    ["elliptic cones", opt.cone === mujoco.mjtCone.mjCONE_ELLIPTIC.value],
    ["an implicit integrator", [mjINT_IMPLICIT.value, mjINT_IMPLICITFAST.value].includes(opt.integrator as never)],
    ["flags that disable or enable something", opt.disableflags !== 0 || opt.enableflags !== 0],
    ["noslip iterations", opt.noslip_iterations > 0],
    ["wind", any(opt.wind, (x) => x !== 0)],
    ["overridden impratio", opt.impratio !== 1],
  ];
};

const ofJoints = (mujoco: Mujoco, m: MjModel): ReadonlyArray<readonly [string, boolean]> => {
  const { mjJNT_FREE, mjJNT_BALL } = mujoco.mjtJoint;
  return [
    ["free joints", any(m.jnt_type, (x) => x === mjJNT_FREE.value)],
    ["ball joints", any(m.jnt_type, (x) => x === mjJNT_BALL.value)],
    ["friction loss", any(m.dof_frictionloss, (x) => x !== 0)],
    ["gravity compensation", any(m.body_gravcomp, (x) => x !== 0)],
    ["limits whose solimp has another midpoint or power", shaped(m.jnt_solimp)],
  ];
};

const ofGeoms = (mujoco: Mujoco, m: MjModel): ReadonlyArray<readonly [string, boolean]> => {
  const { mjGEOM_PLANE, mjGEOM_SPHERE, mjGEOM_CAPSULE } = mujoco.mjtGeom;
  const known: ReadonlyArray<number> = [mjGEOM_PLANE.value, mjGEOM_SPHERE.value, mjGEOM_CAPSULE.value];
  return [
    ["geoms that are no plane, sphere or capsule", any(m.geom_type, (x) => !known.includes(x))],
    ["planes on moving bodies", any(m.geom_type, (x, g) => x === mjGEOM_PLANE.value && m.geom_bodyid[g] !== 0)],
    ["contacts of condim 4 or 6", any(m.geom_condim, (x) => x !== 1 && x !== 3)],
    ["priorities of geoms", any(m.geom_priority, (x) => x !== 0)],
    ["mixing weights of geoms (solmix)", any(m.geom_solmix, (x) => x !== 1)],
    ["gaps of geoms", any(m.geom_gap, (x) => x !== 0)],
    ["ellipsoid fluid forces", any(m.geom_fluid, (x, i) => i % 12 === 0 && x !== 0)],
    ["contacts whose solimp has another midpoint or power", shaped(m.geom_solimp)],
  ];
};

const ofActuators = (mujoco: Mujoco, m: MjModel): ReadonlyArray<readonly [string, boolean]> => {
  const joint = mujoco.mjtTrn.mjTRN_JOINT.value, fixed = mujoco.mjtGain.mjGAIN_FIXED.value;
  const none = mujoco.mjtBias.mjBIAS_NONE.value, each = Array.from({ length: m.nu }, (_, i) => i);
  return [
    ["actuators that move no joint", any(m.actuator_trntype, (x) => x !== joint)],
    [
      "actuators that are no motors",
      any(m.actuator_gaintype, (x) => x !== fixed) || any(m.actuator_biastype, (x) => x !== none) ||
      each.some((i) => m.actuator_gainprm[m.actuator_gainprm.length / m.nu * i] !== 1),
    ],
    ["force ranges of actuators", each.some((i) => m.actuator(i).forcelimited)],
    ["force ranges of joints", any(m.jnt_actfrcrange, (x) => x !== 0)],
  ];
};

/** (engine, model) ⇒ each feature of it that our planar engine lacks; empty where it has all. */
export const foreignFeatures = (mujoco: Mujoco, m: MjModel): ReadonlyArray<string> =>
  [...ofJoints(mujoco, m), ...ofGeoms(mujoco, m), ...ofActuators(mujoco, m), ...counted(m), ...ofOptions(mujoco, m)]
    .filter(([, present]) => present).map(([feature]) => feature);
