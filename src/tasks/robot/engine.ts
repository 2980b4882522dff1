/**
 * What the vocabulary of robots asks of an engine, ours or MuJoCo's.
 *
 * @module
 */
import { type Data, kinematics, makeData, type PhysicsFactors } from "../../physics/physics.ts";
import { generateStep } from "../../physics/codegen/at_run_time.ts";
import { compileMjcf, type Mjcf } from "../../mujoco/compile.ts";
import { loadedMujoco, type Mujoco } from "../../mujoco/engine.ts";
import { changeModel } from "../../mujoco/factors.ts";
import { planarModel } from "../../mujoco/planar.ts";
import { loadedMujocoSimulator, type MujocoData, type OwnMujocoSimulator } from "../mujoco_simulator.ts";
import { offsetOf } from "../mujoco_task.ts";
import { planarSimulator } from "../planar_simulator.ts";
import type { Simulator } from "../simulator.ts";

/** MuJoCo's compiled model. */
type MujocoModel = ReturnType<OwnMujocoSimulator["model"]>;

/** What MuJoCo says of a robot, whoever simulates it. */
export interface RobotFacts {
  /** [nq] m or rad */
  readonly qpos0: Float64Array;
  /** velocities */
  readonly nv: number;
  /** [nu] least and largest control; null where a motor has none */
  readonly controlRange: ReadonlyArray<readonly [number, number] | null>;
  /** Positions that are travel along the ground: of the root bodies' free joints and horizontal slides. */
  readonly travel: ReadonlySet<number>;
}

const travelOf = (mujoco: Mujoco, model: MujocoModel): ReadonlySet<number> => {
  const { mjJNT_FREE: free, mjJNT_SLIDE: slide } = mujoco.mjtJoint, found = new Set<number>();
  for (let j = 0; j < model.njnt; j++) {
    const at = model.jnt_qposadr[j] as number, root = model.body_parentid[model.jnt_bodyid[j]] === 0;
    if (!root) continue;
    if (model.jnt_type[j] === free.value) [at, at + 1].forEach((i) => found.add(i));
    if (model.jnt_type[j] === slide.value && Math.abs(model.jnt_axis[3 * j + 2]) < 1e-9) found.add(at);
  }
  return found;
};

const factsOf = (mujoco: Mujoco, model: MujocoModel): RobotFacts => ({
  qpos0: Float64Array.from(model.qpos0 as Float64Array),
  nv: model.nv,
  controlRange: Array.from({ length: model.nu }, (_, i) => {
    const low = model.actuator_ctrlrange[2 * i] as number, high = model.actuator_ctrlrange[2 * i + 1] as number;
    return low < high ? [low, high] as const : null;
  }),
  travel: travelOf(mujoco, model),
});

/** A simulated robot, of which poses belong to the state. */
export interface RobotEngine<D> {
  /** What moves it. */
  readonly simulator: Simulator<D>;
  /** What MuJoCo says of its motors, joints and first state. */
  readonly facts: RobotFacts;
  /** Names of bodies and of sites; "" where there is none. */
  readonly names: Readonly<Record<"body" | "site", ReadonlyArray<string>>>;
  /** (data) ⇒ [nq] m or rad. */
  qpos(data: D): Float64Array;
  /** (data) ⇒ [nv] m/s or rad/s. */
  qvel(data: D): Float64Array;
  /** (qpos, qvel) ⇒ data that stands there, with nothing of what was before. */
  place(data: D, qpos: Float64Array, qvel: Float64Array): void;
  /** (data) ⇒ [nbody, 3] m */
  xpos(data: D): Float64Array;
  /** (data) ⇒ [nsite, 3] m */
  siteXpos(data: D): Float64Array;
  /** (data, body) ⇒ cosine between its z axis and the vertical. */
  uprightness(data: D, body: number): number;
  /** (state [stateSize], body) ⇒ m, x of its origin there. */
  xIn(state: Float64Array, body: number): number;
}

const namesIn = (mujoco: Mujoco, model: MujocoModel) => {
  const { mjOBJ_BODY, mjOBJ_SITE } = mujoco.mjtObj;
  const list = (type: number, count: number) =>
    Array.from({ length: count }, (_, i) => mujoco.mj_id2name(model, type, i) ?? "");
  return { body: list(mjOBJ_BODY.value, model.nbody), site: list(mjOBJ_SITE.value, model.nsite) };
};

/** As far as MuJoCo's solver can get. */
const converged = { tolerance: 1e-15, iterations: 500, ls_tolerance: 1e-6, ls_iterations: 500 } as const;

/** (MJCF, by what its figures are multiplied, whose options the solver has) ⇒ robot on MuJoCo's own engine. Throws MjcfInvalid. */
export const mujocoRobot = (
  mjcf: Mjcf,
  factors: PhysicsFactors | null = null,
  solver: "itsOwn" | "converged" = "itsOwn",
): RobotEngine<MujocoData> => {
  const simulator = loadedMujocoSimulator(mjcf, { remembered: ["xpos"], derive: "kinematics" }, factors);
  if (solver === "converged") Object.assign(simulator.model().opt, converged);
  const before = offsetOf(simulator, "xpos");
  return {
    simulator,
    facts: factsOf(loadedMujoco(), simulator.model()),
    names: namesIn(loadedMujoco(), simulator.model()),
    qpos: (data) => simulator.view(data, "qpos"),
    qvel: (data) => simulator.view(data, "qvel"),
    place: simulator.place,
    xpos: (data) => simulator.view(data, "xpos"),
    siteXpos: (data) => simulator.view(data, "siteXpos"),
    // R(q) e_z · e_z = 1 − 2(x² + y²) of q = (w, x, y, z)
    uprightness: (data, body) => {
      const turn = simulator.view(data, "xquat"), x = turn[4 * body + 1]!, y = turn[4 * body + 2]!;
      return 1 - 2 * (x * x + y * y);
    },
    xIn: (state, body) => state[before + 3 * body]!,
  };
};

/** (MuJoCo's model) ⇒ [nbody, 2] components of the bodies' z axes along x and z, at qpos0. */
const axesOf = (mujoco: Mujoco, model: MujocoModel): Float64Array => {
  const d = new mujoco.MjData(model);
  mujoco.mj_kinematics(model, d);
  const turn = d.xmat as Float64Array;
  const axes = Float64Array.from({ length: 2 * model.nbody }, (_, i) => turn[9 * (i >> 1) + (i % 2 === 0 ? 2 : 8)]!);
  d.delete();
  return axes;
};

/** (MJCF, factors of its figures) ⇒ what is kept of the model that MuJoCo compiles. Throws MjcfInvalid, NotPlanar. */
const readPlanar = (mjcf: Mjcf, factors: PhysicsFactors | null) => {
  const mujoco = loadedMujoco(), compiled = compileMjcf(mujoco, mjcf);
  try {
    if (factors !== null) changeModel(mujoco, compiled, factors);
    const model = planarModel(mujoco, compiled, mjcf.name);
    return { model, axes: axesOf(mujoco, compiled), facts: factsOf(mujoco, compiled) };
  } finally {
    compiled.delete();
  }
};

/**
 * (MJCF, by what its figures are multiplied) ⇒ robot on our planar engine, with code that is generated for it where nothing is
 * changed. Throws MjcfInvalid, NotPlanar.
 */
export const planarRobot = (mjcf: Mjcf, factors: PhysicsFactors | null = null): RobotEngine<Data> => {
  const { model, axes, facts } = readPlanar(mjcf, factors);
  if (factors === null) generateStep(model);
  const simulator = planarSimulator(model), scratch = makeData(model);
  const posed = (data: Data): Data => {
    kinematics(model, data);
    return data;
  };
  return {
    simulator,
    facts,
    names: { body: model.bodyName, site: model.siteName }, // in MuJoCo's order, without the world's sites
    qpos: (data) => data.qpos,
    qvel: (data) => data.qvel,
    place: (data, qpos, qvel) => {
      simulator.write(data, [...qpos, ...qvel]);
      data.time = 0;
      data.ctrl.fill(0);
      data.linkAcc.fill(0); // the solver's first guess
    },
    xpos: (data) => posed(data).xpos,
    siteXpos: (data) => posed(data).siteXpos,
    uprightness: (data, body) => { // a turn of the link by φ from x to z
      const link = model.bodyLink[body]!, x = axes[2 * body]!, z = axes[2 * body + 1]!;
      posed(data);
      return link < 0 || model.plane === "xy" ? z : data.linkSin[link]! * x + data.linkCos[link]! * z;
    },
    xIn: (state, body) => {
      simulator.write(scratch, state);
      return posed(scratch).xpos[3 * body]!;
    },
  };
};
