/**
 * One mjModel and one mjData for any number of environments: whoever is stepped or looked at stands in mjData, the others
 * in arrays of their own. Nothing of WASM's memory is held by an environment, so that none has to be given back.
 *
 * @module
 */
import type { MjData, MjModel } from "@mujoco/mujoco";
import type { Mujoco } from "./engine.ts";

/** Arrays of mjData, by MuJoCo's names in camel case. */
export type Field =
  | "qpos"
  | "qvel"
  | "act"
  | "qaccWarmstart"
  | "ctrl"
  | "xpos"
  | "xquat"
  | "xipos"
  | "siteXpos"
  | "cinert"
  | "cvel"
  | "qfrcActuator"
  | "cfrcExt";

const mujocoName = (field: Field): keyof MjData =>
  field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) as keyof MjData;

/** An environment: its state while another one stands in mjData. */
export interface MujocoData {
  /** [stateSize]; empty: the model's initial state */
  state: Float64Array;
  /** Where mjData stands: `stepped`, and what is derived from it has not been computed; `derived`: it has. */
  phase: "stepped" | "derived";
}

/** What a world does with its environments. */
export interface World {
  /** MuJoCo's model. */
  readonly model: MjModel;
  /** (environment, field) ⇒ a view that holds until another environment is touched or this one is stepped. */
  readonly view: (data: MujocoData, field: Field) => Float64Array;
  /** The same of a field that a step itself determines: `qpos`, `qvel`. */
  readonly raw: (data: MujocoData, field: Field) => Float64Array;
  /** (environment) ⇒ its state [stateSize] into `out`. */
  readonly read: (data: MujocoData, out: Float64Array) => void;
  /** (state [stateSize]) ⇒ environment that stands there; parts that are not given are computed by `mj_forward`. */
  readonly write: (data: MujocoData, state: ArrayLike<number>) => void;
  /** (qpos [nq], qvel [nv]) ⇒ environment that stands there as after `mj_resetData` and `mj_forward`. */
  readonly place: (data: MujocoData, qpos: ArrayLike<number>, qvel: ArrayLike<number>) => void;
  /** (environment, control [nu]) ⇒ environment one physics step later. */
  readonly step: (data: MujocoData, control: ArrayLike<number>) => void;
  /** () ⇒ nothing; WASM's memory is given back, every environment has its state, and the world is used no more. */
  readonly release: () => void;
}

/** What a world keeps of an environment, and what it derives of a step. */
export interface WorldPlan {
  /** Parts of a state in their order. */
  readonly parts: ReadonlyArray<{
    readonly field: Field;
    readonly size: number;
    /** NaN: where it begins with NaN it has been left out, and `mj_forward` computes it. */
    readonly whenLeftOut?: number;
  }>;
  /**
   * What is computed of mjData before it is looked at. rnePostConstraint: forces on bodies (`cfrc_ext`), after steps alone,
   * as Gymnasium has it; kinematics: poses, which MuJoCo leaves at an earlier stage of its integrator.
   */
  readonly derive: "rnePostConstraint" | "kinematics" | "nothing";
}

/** (mjData) ⇒ (field) ⇒ its view, made anew where WASM's memory has moved. */
const viewsOf = (data: MjData): (field: Field) => Float64Array => {
  const views = new Map<Field, Float64Array>();
  return (field) => {
    let view = views.get(field);
    if (view === undefined || (view.length === 0 && view.buffer.byteLength === 0)) {
      view = data[mujocoName(field)] as Float64Array;
      views.set(field, view);
    }
    return view;
  };
};

const copyAt = (target: Float64Array, source: ArrayLike<number>, from: number): void => {
  for (let i = 0; i < target.length; i++) target[i] = source[from + i]!;
};

/** What a world holds of WASM's memory. */
type Held = ReadonlyArray<{ delete(): void }>;

const giveBack = (held: Held): void => held.forEach((each) => each.delete());

/** Gives back what worlds hold that nobody has any more, and that were not released. */
const abandoned = new FinalizationRegistry<Held>(giveBack);

/** (engine, mjModel, plan) ⇒ (world), to which mjModel belongs from now on. */
export const makeWorld = (mujoco: Mujoco, model: MjModel, { parts, derive }: WorldPlan): World => {
  const mj = new mujoco.MjData(model), get = viewsOf(mj);
  model.opt.disableflags |= mujoco.mjtDisableBit.mjDSBL_AUTORESET.value; // a state that diverges is told, not replaced
  let present: MujocoData | null = null; // whose state mjData holds
  const deriveOf = (data: MujocoData): void => {
    if (data.phase === "derived") return;
    if (derive === "kinematics") mujoco.mj_kinematics(model, mj);
    else if (derive === "rnePostConstraint") mujoco.mj_rnePostConstraint(model, mj);
    data.phase = "derived";
  };
  const save = (data: MujocoData, out: Float64Array): void => {
    deriveOf(data);
    let at = 0;
    for (const { field, size } of parts) {
      out.set(get(field), at);
      at += size;
    }
  };
  const load = (data: MujocoData): void => {
    let at = 0;
    for (const { field, size } of parts) {
      copyAt(get(field), data.state, at);
      at += size;
    }
    data.phase = derive === "kinematics" ? "stepped" : "derived";
  };
  /** Parts that are given, over what `mj_forward` made of them. */
  const loadGiven = (data: MujocoData): void => {
    let at = 0;
    for (const { field, size, whenLeftOut } of parts) {
      if (whenLeftOut === undefined || !Number.isNaN(data.state[at])) copyAt(get(field), data.state, at);
      at += size;
    }
  };
  const isWhole = ({ state }: MujocoData): boolean => {
    let at = 0;
    return parts.every(({ size, whenLeftOut }) => {
      at += size;
      return whenLeftOut === undefined || size === 0 || !Number.isNaN(state[at - size]);
    });
  };
  const enter = (data: MujocoData): void => {
    if (present === data) return;
    if (present !== null) save(present, present.state);
    present = data;
    load(data);
  };
  const forward = (data: MujocoData): void => {
    mujoco.mj_forward(model, mj);
    data.phase = "derived";
  };
  const held: Held = [mj, model], world: World = { model, view, raw, read, write, place, step, release };
  abandoned.register(world, held, held);
  return world;

  function release(): void {
    if (present !== null) save(present, present.state);
    abandoned.unregister(held);
    giveBack(held);
  }

  function view(data: MujocoData, field: Field): Float64Array {
    enter(data);
    deriveOf(data);
    return get(field);
  }
  function raw(data: MujocoData, field: Field): Float64Array {
    enter(data);
    return get(field);
  }
  function read(data: MujocoData, out: Float64Array): void {
    if (present === data) save(data, out);
    else out.set(data.state);
  }
  function write(data: MujocoData, state: ArrayLike<number>): void {
    if (present !== null && present !== data) save(present, present.state);
    present = data;
    mujoco.mj_resetData(model, mj);
    for (let i = 0; i < data.state.length; i++) data.state[i] = state[i]!;
    loadGiven(data);
    if (isWhole(data)) return load(data);
    forward(data);
    loadGiven(data);
  }
  function place(data: MujocoData, qpos: ArrayLike<number>, qvel: ArrayLike<number>): void {
    if (present !== null && present !== data) save(present, present.state);
    present = data;
    mujoco.mj_resetData(model, mj);
    copyAt(get("qpos"), qpos, 0);
    copyAt(get("qvel"), qvel, 0);
    forward(data);
  }
  function step(data: MujocoData, control: ArrayLike<number>): void {
    enter(data);
    copyAt(get("ctrl"), control, 0);
    mujoco.mj_step(model, mj);
    data.phase = "stepped";
  }
};
