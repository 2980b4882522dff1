/**
 * MuJoCo's own engine as a simulator.
 *
 * (MJCF) ⇒ mujocoSimulator ⇒ (simulator) whose state is [qpos, qvel, act, qaccWarmstart, what is remembered of the last step]
 *
 * The warm start of MuJoCo's solver is part of the state, so that a run that is resumed goes on bit for bit. An environment
 * is an array of this thread's memory; WASM holds one mjData a model, whatever the number of environments.
 *
 * @module
 */
import { compileMjcf, type Mjcf } from "../mujoco/compile.ts";
import { loadedMujoco, loadMujoco } from "../mujoco/engine.ts";
import { changeModel } from "../mujoco/factors.ts";
import { type Field, makeWorld, type MujocoData, type World } from "../mujoco/world.ts";
import type { PhysicsFactors } from "../physics/physics.ts";
import type { Simulator, StateDivergence, StatePart } from "./simulator.ts";

export type { Field, Mjcf, MujocoData };

/** Sizes of a model, by MuJoCo's names. */
export interface MujocoSizes {
  /** positions */
  readonly nq: number;
  /** velocities */
  readonly nv: number;
  /** states of actuators */
  readonly na: number;
  /** controls */
  readonly nu: number;
  /** bodies, with the world */
  readonly nbody: number;
  /** sites */
  readonly nsite: number;
  /** s, of a physics step */
  readonly timestep: number;
}

/** What of the last step a state remembers besides what determines the future, and what is computed after steps. */
export interface MujocoMemory {
  /** Arrays of mjData, which MuJoCo leaves at an earlier stage of its integrator: what Gymnasium observes. */
  readonly remembered: ReadonlyArray<Field>;
  /** rnePostConstraint: forces on bodies, `cfrcExt`; kinematics: poses of the state itself. */
  readonly derive: "rnePostConstraint" | "kinematics" | "nothing";
}

/** A simulator, and what tasks do with its data. */
export interface MujocoSimulator extends Simulator<MujocoData> {
  /** Sizes of the model. */
  readonly sizes: MujocoSizes;
  /** (data, field) ⇒ a view of MuJoCo's memory that holds until any data of this simulator is stepped, written or looked at. */
  view(data: MujocoData, field: Field): Float64Array;
  /** (qpos [nq], qvel [nv]) ⇒ data that stands there, as `mj_resetData` and `mj_forward` leave it. */
  place(data: MujocoData, qpos: ArrayLike<number>, qvel: ArrayLike<number>): void;
}

/** The same with MuJoCo's own model, which is there once the simulator is prepared. */
export interface OwnMujocoSimulator extends MujocoSimulator {
  /** () ⇒ MuJoCo's model; throws where the simulator is not prepared. */
  model(): World["model"];
}

const LIMIT = 1e10; // beyond it MuJoCo itself gives a state up

const sizeOf = (field: Field, { nq, nv, na, nu, nbody, nsite }: MujocoSizes): number => {
  const sizes: Readonly<Record<Field, number>> = {
    qpos: nq,
    qvel: nv,
    act: na,
    qaccWarmstart: nv,
    ctrl: nu,
    xpos: 3 * nbody,
    xquat: 4 * nbody,
    xipos: 3 * nbody,
    siteXpos: 3 * nsite,
    cinert: 10 * nbody,
    cvel: 6 * nbody,
    qfrcActuator: nv,
    cfrcExt: 6 * nbody,
  };
  return sizes[field];
};

type Part = StatePart & { readonly field: Field };

/** (sizes, memory) ⇒ parts of a state: those that a replay gives, then those that are computed where it does not. */
const partsOf = (sizes: MujocoSizes, { remembered }: MujocoMemory): ReadonlyArray<Part> => {
  const part = (field: Field): Part => ({ field, name: field, size: sizeOf(field, sizes) });
  const given: ReadonlyArray<Field> = sizes.na === 0 ? ["qpos", "qvel"] : ["qpos", "qvel", "act"];
  const computed: ReadonlyArray<Field> = ["qaccWarmstart", ...remembered];
  return [...given.map(part), ...computed.map((field) => ({ ...part(field), whenLeftOut: NaN }))];
};

/** (name, values) ⇒ the first that is not within ±1e10. */
const beyond = (name: string, values: Float64Array): StateDivergence | null => {
  for (let i = 0; i < values.length; i++) {
    if (!(Math.abs(values[i]!) <= LIMIT)) {
      return { quantity: `${name}[${i}]`, value: values[i]!, limit: "within ±1e10" };
    }
  }
  return null;
};

const sizesOf = ({ nq, nv, na, nu, nbody, nsite, opt: { timestep } }: World["model"]): MujocoSizes => ({
  nq,
  nv,
  na,
  nu,
  nbody,
  nsite,
  timestep,
});

const refuseSizes = (name: string, expected: MujocoSizes, model: World["model"]): void => {
  for (const [key, size] of Object.entries(sizesOf(model))) {
    const due = expected[key as keyof MujocoSizes];
    if (size !== due) throw new RangeError(`Cannot load ${name} as ${key} must be ${due}: current value is ${size}`);
  }
};

/**
 * (MJCF, its sizes, memory, factors of its figures; null: none) ⇒ (simulator) that compiles the model when it is prepared, so
 * that a task can be defined without MuJoCo.
 */
export const lazyMujocoSimulator = (
  mjcf: Mjcf,
  sizes: MujocoSizes,
  memory: MujocoMemory,
  factors: PhysicsFactors | null = null,
): OwnMujocoSimulator => {
  const parts = partsOf(sizes, memory), stateSize = parts.reduce((sum, { size }) => sum + size, 0);
  const plan = { parts, derive: memory.derive };
  let world: World | undefined, initial: Float64Array | undefined;
  const begin = (): World => {
    const mujoco = loadedMujoco(), model = compileMjcf(mujoco, mjcf);
    try {
      refuseSizes(mjcf.name, sizes, model);
      if (factors !== null) changeModel(mujoco, model, factors);
      return makeWorld(mujoco, model, plan);
    } catch (error) {
      model.delete();
      throw error;
    }
  };
  const get = (): World => world ??= begin();
  const start = (): Float64Array => {
    if (initial !== undefined) return initial;
    const data: MujocoData = { state: new Float64Array(stateSize), phase: "derived" }, { model, place, read } = get();
    place(data, model.qpos0 as Float64Array, new Float64Array(sizes.nv));
    read(data, data.state);
    return initial = data.state.slice();
  };
  const at = (data: MujocoData): World => {
    if (data.state.length === 0) data.state = start().slice();
    return get();
  };
  return {
    parts: parts.map(({ field: _, ...part }) => part),
    stateSize,
    timestep: sizes.timestep,
    sizes,
    engine: () => "MuJoCo, compiled to WASM",
    prepare: async () => {
      await loadMujoco();
      get();
    },
    make: () => ({ state: new Float64Array(0), phase: "derived" }), // a policy alone needs no engine
    release: () => {
      world?.release();
      world = undefined;
    },
    read: (data, state) => at(data).read(data, state),
    write: (data, state) => at(data).write(data, state),
    step: (data, control) => {
      const { step, raw } = at(data);
      step(data, control);
      return beyond("qpos", raw(data, "qpos")) ?? beyond("qvel", raw(data, "qvel"));
    },
    view: (data, field) => at(data).view(data, field),
    place: (data, qpos, qvel) => at(data).place(data, qpos, qvel),
    model: () => get().model,
  };
};

/**
 * (MJCF) ⇒ (simulator), loaded.
 *
 * Fails: MjcfInvalid in MuJoCo's own words, MujocoMissing.
 *
 * @example
 * ```ts
 * import { mujocoSimulator } from "./mujoco_simulator.ts";
 *
 * const xml = `<mujoco><worldbody><body pos="0 0 1"><freejoint/><geom size=".1"/></body></worldbody></mujoco>`;
 * const ball = await mujocoSimulator({ name: "ball.xml", xml }), data = ball.make();
 * ball.step(data, new Float64Array(0));
 * const height = ball.view(data, "qpos")[2]; // m, after .002 s of falling
 * if (Math.abs(height - (1 - 9.81 * 0.002 ** 2)) > 1e-12) throw new Error(`it falls: ${height}`);
 * ```
 */
export const mujocoSimulator = async (
  mjcf: Mjcf,
  memory: MujocoMemory = { remembered: [], derive: "kinematics" },
): Promise<MujocoSimulator> => {
  await loadMujoco();
  return loadedMujocoSimulator(mjcf, memory);
};

/** The same where MuJoCo is loaded already, with MuJoCo's own model, its figures changed by factors. Throws MjcfInvalid. */
export const loadedMujocoSimulator = (
  mjcf: Mjcf,
  memory: MujocoMemory,
  factors: PhysicsFactors | null = null,
): OwnMujocoSimulator => {
  const model = compileMjcf(loadedMujoco(), mjcf), sizes = sizesOf(model);
  model.delete();
  const { prepare: _, ...loaded } = lazyMujocoSimulator(mjcf, sizes, memory, factors);
  loaded.model(); // now, so that nothing is left to fail
  return loaded;
};
