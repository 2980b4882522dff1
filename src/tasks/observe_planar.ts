/**
 * What the walking tasks observe.
 *
 * @module
 */
import type { Data } from "../physics/physics.ts";

const LARGEST_VELOCITY = 10; // m/s or rad/s

/**
 * (qpos, qvel) ⇒ out [nq − 1 + nv]: positions without x, then velocities clipped to ±10.
 *
 * Source: `_get_obs` of Gymnasium's `hopper_v5.py` and `walker2d_v5.py`.
 */
export const observePlanar = (data: Data, out: Float64Array): void => {
  const nq = data.qpos.length;
  for (let i = 1; i < nq; i++) out[i - 1] = data.qpos[i]!;
  for (let i = 0; i < data.qvel.length; i++) {
    out[nq - 1 + i] = Math.min(LARGEST_VELOCITY, Math.max(-LARGEST_VELOCITY, data.qvel[i]!));
  }
};
