/**
 * Our planar physics as a simulator.
 *
 * @module
 */
import {
  type Data,
  findDivergence,
  makeData,
  type Model,
  Status,
  step,
  stepGeneric,
  stepperOf,
  toLastStage,
  whyGeneric,
} from "../physics/physics.ts";
import type { Simulator, StateDivergence, StatePart } from "./simulator.ts";

/** Our planar physics as a simulator. */
export interface PlanarSimulator extends Simulator<Data> {
  /** What it steps. */
  readonly planarModel: Model;
}

/**
 * (compiled model) ⇒ (simulator) whose state is [qpos, qvel]: m or rad, then m/s or rad/s. Actuators clamp the control to
 * their own range.
 *
 * What the model names in `outputs` joins the state: `qfrcConstraint` [nv] N or N·m, of the last evaluation of the last step.
 * It is no function of (qpos, qvel), yet observed as if it were: so a state that is written, sent or resumed observes the same,
 * to the bit. The motion does not depend on it.
 *
 * @example
 * ```ts
 * import { compile, hopper } from "../physics/physics.ts";
 * import { planarSimulator } from "./planar_simulator.ts";
 *
 * const simulator = planarSimulator(compile(hopper)), data = simulator.make();
 * if (simulator.step(data, Float64Array.of(0, 0, 0)) !== null) throw new Error("a hopper at rest stays within numbers");
 * ```
 */
export const planarSimulator = (model: Model): PlanarSimulator => {
  const { nq, nv, timestep } = model, forces = model.outputs.includes("qfrcConstraint") ? nv : 0;
  const output: StatePart = { name: "qfrcConstraint", size: nv, whenLeftOut: 0 };
  const diverged = (data: Data): StateDivergence => ({ ...findDivergence(model, data), limit: "within ±1e10" });
  const take = (data: Data, control: Float64Array): StateDivergence | null => {
    for (let i = 0; i < model.nu; i++) data.ctrl[i] = control[i];
    return step(model, data) === Status.ok ? null : diverged(data);
  };
  return {
    planarModel: model,
    parts: [{ name: "qpos", size: nq }, { name: "qvel", size: nv }, ...(forces > 0 ? [output] : [])],
    stateSize: nq + nv + forces,
    timestep,
    engine: () => `the planar engine, ${stepperOf(model) === stepGeneric ? whyGeneric(model) : "generated code"}`,
    make: () => makeData(model),
    read: ({ qpos, qvel, qfrcConstraint }, state) => {
      state.set(qpos);
      state.set(qvel, nq);
      for (let i = 0; i < forces; i++) state[nq + nv + i] = qfrcConstraint[i];
    },
    write: (data, state) => {
      for (let i = 0; i < nq; i++) data.qpos[i] = state[i];
      for (let i = 0; i < nv; i++) data.qvel[i] = state[nq + i];
      for (let i = 0; i < forces; i++) data.qfrcConstraint[i] = state[nq + nv + i];
    },
    step: take,
    stepLagging: (data, control, lagging) => {
      for (let i = 0; i < model.nu; i++) data.ctrl[i] = lagging.ctrl[i] = control[i];
      lagging.qpos.set(data.qpos);
      lagging.qvel.set(data.qvel);
      if (toLastStage(model, lagging) !== Status.ok) return diverged(data);
      const divergence = take(data, control);
      lagging.qvel.set(data.qvel);
      return divergence;
    },
  };
};
