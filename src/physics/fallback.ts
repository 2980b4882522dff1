/**
 * From generated code back to the generic engine, for one evaluation.
 *
 * @module
 */
import type { Data } from "./data.ts";
import { forward } from "./forward.ts";
import { dampImplicitly } from "./integrate.ts";
import { jointAccelerations } from "./kinematics.ts";
import { type Model, Status } from "./model.ts";

/**
 * (state: qpos, qvel; ctrl) ⇒ (state: qacc, dw/dt), by `forward`, from a first guess of 0 so that the result depends on
 * nothing else; of Euler with implicit damping. The state in `d` stays.
 *
 * @param state  [5, nv] of a generated module: qpos, qvel, qacc, dw/dt, motor torques
 */
export const evaluateGenerically = (m: Model, d: Data, state: Float64Array): Status => {
  const { nv } = m;
  d.stageQpos.set(d.qpos);
  d.stageQvel.set(d.qvel);
  d.qpos.set(state.subarray(0, nv));
  d.qvel.set(state.subarray(nv, 2 * nv));
  d.linkAcc.fill(0);
  let status = forward(m, d);
  if (status === Status.ok && m.integrator === "euler") {
    status = dampImplicitly(m, d) ? Status.ok : Status.singular;
    jointAccelerations(m, d);
  }
  state.set(d.qacc, 2 * nv);
  state.set(d.linkAcc, 3 * nv);
  d.qpos.set(d.stageQpos);
  d.qvel.set(d.stageQvel);
  return status;
};
