/**
 * A model that MuJoCo has compiled, as a description for our planar engine.
 *
 * (mjModel at its initial pose) ⇒ (ModelDescription), or what of it is not planar
 *
 * All offsets are differences of positions in the world at qpos0, where links of our engine have no angle: frames, euler
 * angles, classes and includes are MuJoCo's business.
 *
 * @module
 */
import type { MjData, MjModel } from "@mujoco/mujoco";
import { compile } from "../physics/compile.ts";
import type {
  BodyDescription,
  GeomDescription,
  JointDescription,
  ModelDescription,
  SiteDescription,
  Vec3,
} from "../physics/description.ts";
import type { Model } from "../physics/model.ts";
import type { Mujoco } from "./engine.ts";
import { inertialOf } from "./inertial.ts";
import { foreignFeatures } from "./planar_features.ts";

/** A model that our planar engine does not simulate. */
export class NotPlanar extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "NotPlanar";
  /** The class name, as shown in a failure. */
  override readonly name = "NotPlanar";

  /** (name of the model, each feature that is not planar) ⇒ (error that says which backend runs it). */
  constructor(readonly model: string, readonly features: ReadonlyArray<string>) {
    super(
      `Cannot simulate ${model} on the planar engine as it must have planar features alone: it has ` +
        `${features.join("; ")} (backend: mujoco runs it)`,
    );
  }
}

type Numbers = Float64Array;

const at = (values: Numbers, i: number): Vec3 => [values[3 * i]!, values[3 * i + 1]!, values[3 * i + 2]!];
const minus = (a: Vec3, b: Vec3): Vec3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const plus = (
  a: Vec3,
  b: Vec3,
  factor: number,
): Vec3 => [a[0] + factor * b[0], a[1] + factor * b[1], a[2] + factor * b[2]];

/** Axes are given by rotations, which round. */
const rounded = (axis: Vec3): Vec3 =>
  axis.map((x) => Math.abs(x - Math.round(x)) < 1e-12 ? Math.round(x) + 0 : x) as unknown as Vec3;

const pair = (values: Numbers, i: number): readonly [number, number] => [values[2 * i]!, values[2 * i + 1]!];
const impedance = (values: Numbers, i: number): readonly [number, number, number] => [
  values[5 * i]!,
  values[5 * i + 1]!,
  values[5 * i + 2]!,
];

/** Names, where the model gives none by their numbers. */
const namer = (mujoco: Mujoco, model: MjModel) => {
  const { mjOBJ_BODY, mjOBJ_JOINT, mjOBJ_GEOM, mjOBJ_SITE } = mujoco.mjtObj;
  const types = { body: mjOBJ_BODY, joint: mjOBJ_JOINT, geom: mjOBJ_GEOM, site: mjOBJ_SITE };
  return (kind: keyof typeof types, i: number): string =>
    mujoco.mj_id2name(model, types[kind].value, i) || `${kind}${i}`;
};

const volume = (radius: number, half: number): number => Math.PI * radius * radius * (2 * half + 4 / 3 * radius);

const below = (count: number): ReadonlyArray<number> => Array.from({ length: count }, (_, i) => i);

/** (engine, model, data at qpos0) ⇒ (body) ⇒ its parts. */
const reader = (mujoco: Mujoco, m: MjModel, d: MjData) => {
  const nameOf = namer(mujoco, m), { mjGEOM_SPHERE, mjGEOM_PLANE, mjGEOM_CAPSULE } = mujoco.mjtGeom;
  const half = (g: number) => m.geom_type[g] === mjGEOM_CAPSULE.value ? m.geom_size[3 * g + 1] as number : 0;
  const geomsOf = (body: number) => below(m.ngeom).filter((g) => m.geom_bodyid[g] === body);
  const density = (body: number): number => {
    const total = geomsOf(body).reduce((sum, g) => sum + volume(m.geom_size[3 * g] as number, half(g)), 0);
    return body === 0 || total === 0 ? 0 : m.body_mass[body] as number / total;
  };
  const joint = (j: number, origin: Vec3): JointDescription => {
    const dof = m.jnt_dofadr[j] as number, position = m.jnt_qposadr[j] as number;
    return {
      name: nameOf("joint", j),
      type: m.jnt_type[j] === mujoco.mjtJoint.mjJNT_HINGE.value ? "hinge" : "slide",
      axis: rounded(at(d.xaxis, j)),
      pos: minus(at(d.xanchor, j), origin),
      range: m.jnt(j).limited ? pair(m.jnt_range, j) : null,
      damping: m.dof_damping[dof],
      armature: m.dof_armature[dof],
      ref: m.qpos0[position],
      stiffness: m.jnt_stiffness[j],
      springref: m.qpos_spring[position],
      margin: m.jnt_margin[j],
      solref: pair(m.jnt_solref, j),
      solimp: impedance(m.jnt_solimp, j),
    };
  };
  const geom = (g: number, origin: Vec3, kg: number): GeomDescription => {
    const center = minus(at(d.geom_xpos, g), origin), turn: Numbers = d.geom_xmat;
    const along = rounded([turn[9 * g + 2]!, turn[9 * g + 5]!, turn[9 * g + 8]!]), length = half(g);
    const type = m.geom_type[g];
    return {
      name: nameOf("geom", g),
      type: type === mjGEOM_PLANE.value ? "plane" : type === mjGEOM_SPHERE.value ? "sphere" : "capsule",
      from: plus(center, along, length), // MuJoCo's z axis points to the first end
      to: plus(center, along, -length),
      radius: type === mjGEOM_PLANE.value ? 0 : m.geom_size[3 * g],
      density: kg,
      friction: m.geom_friction[3 * g],
      margin: m.geom_margin[g],
      condim: m.geom_condim[g] === 1 ? 1 : 3,
      contype: m.geom_contype[g],
      conaffinity: m.geom_conaffinity[g],
      solref: pair(m.geom_solref, g),
      solimp: impedance(m.geom_solimp, g),
    };
  };
  const site = (s: number, origin: Vec3): SiteDescription => ({
    name: nameOf("site", s),
    pos: minus(at(d.site_xpos, s), origin),
  });
  const geoms = (body: number, origin: Vec3) => geomsOf(body).map((g) => geom(g, origin, density(body)));
  const bodies = (parent: number): ReadonlyArray<BodyDescription> =>
    below(m.nbody).filter((b) => b > 0 && m.body_parentid[b] === parent).map((b) => {
      const origin = at(d.xpos, b), solids = geoms(b, origin), inertial = inertialOf(m, d, b, solids);
      return {
        name: nameOf("body", b),
        pos: minus(origin, at(d.xpos, parent)),
        joints: below(m.njnt).filter((j) => m.jnt_bodyid[j] === b).map((j) => joint(j, origin)),
        geoms: solids,
        bodies: bodies(b),
        sites: below(m.nsite).filter((s) => m.site_bodyid[s] === b).map((s) => site(s, origin)),
        ...(inertial === null ? {} : { inertial }),
      };
    });
  return { geoms, bodies, nameOf };
};

/** (engine, model, name) ⇒ (description). Throws NotPlanar. */
export const planarDescription = (mujoco: Mujoco, m: MjModel, name: string): ModelDescription => {
  const foreign = foreignFeatures(mujoco, m);
  if (foreign.length > 0) throw new NotPlanar(name, foreign);
  const d = new mujoco.MjData(m);
  try {
    mujoco.mj_kinematics(m, d);
    const { geoms, bodies, nameOf } = reader(mujoco, m, d), { opt } = m;
    return {
      name,
      timestep: opt.timestep,
      integrator: opt.integrator === mujoco.mjtIntegrator.mjINT_RK4.value ? "rk4" : "euler",
      gravity: [opt.gravity[0], opt.gravity[1], opt.gravity[2]],
      density: opt.density,
      viscosity: opt.viscosity,
      geoms: geoms(0, [0, 0, 0]),
      bodies: bodies(0),
      actuators: below(m.nu).map((i) => ({
        joint: nameOf("joint", m.actuator_trnid[2 * i]),
        gear: m.actuator_gear[6 * i],
        ctrlrange: pair(m.actuator_ctrlrange, i),
      })),
    };
  } finally {
    d.delete();
  }
};

/** (engine, MuJoCo's model, name) ⇒ (model of our engine). Throws NotPlanar, which names each feature that is not planar. */
export const planarModel = (mujoco: Mujoco, m: MjModel, name: string): Model => {
  const description = planarDescription(mujoco, m, name);
  try {
    return compile(description);
  } catch (error) {
    throw new NotPlanar(name, [(error as Error).message.replace(/^Cannot compile the model as /, "")]);
  }
};
