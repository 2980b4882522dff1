/**
 * Our planar physics as a simulator.
 *
 * @module
 */
import { type Data, findDivergence, makeData, type Model, Status, step, toFourthStage } from "../physics/physics.ts";
import type { Simulator, StateDivergence } from "./simulator.ts";

/**
 * (compiled model) ⇒ (simulator) whose state is [qpos, qvel]: m or rad, then m/s or rad/s. Actuators clamp the control to
 * their own range.
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
export const planarSimulator = (model: Model): Simulator<Data> => {
  const { nq, nv, timestep } = model;
  const diverged = (data: Data): StateDivergence => ({ ...findDivergence(model, data), limit: "within ±1e10" });
  const take = (data: Data, control: Float64Array): StateDivergence | null => {
    for (let i = 0; i < model.nu; i++) data.ctrl[i] = control[i];
    return step(model, data) === Status.ok ? null : diverged(data);
  };
  return {
    parts: [{ name: "qpos", size: nq }, { name: "qvel", size: nv }],
    stateSize: nq + nv,
    timestep,
    make: () => makeData(model),
    read: ({ qpos, qvel }, state) => {
      state.set(qpos);
      state.set(qvel, nq);
    },
    write: (data, state) => {
      for (let i = 0; i < nq; i++) data.qpos[i] = state[i];
      for (let i = 0; i < nv; i++) data.qvel[i] = state[nq + i];
    },
    step: take,
    stepLagging: (data, control, lagging) => {
      for (let i = 0; i < model.nu; i++) data.ctrl[i] = lagging.ctrl[i] = control[i];
      lagging.qpos.set(data.qpos);
      lagging.qvel.set(data.qvel);
      return toFourthStage(model, lagging) === Status.ok ? take(data, control) : diverged(data);
    },
  };
};
