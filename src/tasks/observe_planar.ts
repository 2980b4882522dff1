/**
 * What the walking tasks observe.
 *
 * Departure: Gymnasium clips velocities to ±10 as it observes. Here observations hold them as they are, so that the dynamics
 * can be learned, and `Task.observationBound` holds the clip: policy and value function see Gymnasium's numbers.
 *
 * @module
 */
import type { Data, Model } from "../physics/physics.ts";

const LARGEST_VELOCITY = 10; // m/s or rad/s, in Gymnasium

/**
 * (qpos, qvel) ⇒ out [nq − 1 + nv]: positions without x, then velocities.
 *
 * Source: `_get_obs` of Gymnasium's `hopper_v5.py` and `walker2d_v5.py`, but for the clip.
 */
export const observePlanar = (data: Data, out: Float64Array): void => {
  const nq = data.qpos.length;
  for (let i = 1; i < nq; i++) out[i - 1] = data.qpos[i]!;
  for (let i = 0; i < data.qvel.length; i++) out[nq - 1 + i] = data.qvel[i]!;
};

/** (qpos, qvel) ⇒ out [nq + nv]: all positions, then velocities. Source: as above. */
export const observeWhole = ({ qpos, qvel }: Data, out: Float64Array): void => {
  out.set(qpos);
  out.set(qvel, qpos.length);
};

/**
 * (model, positions that are observed) ⇒ bound [positions + nv] of what policy and value see: none on positions, ±10 on
 * velocities. Source: as above.
 */
export const planarBound = ({ nv }: Pick<Model, "nv">, positions: number): ReadonlyArray<number> => [
  ...new Array<number>(positions).fill(Infinity),
  ...new Array<number>(nv).fill(LARGEST_VELOCITY),
];
