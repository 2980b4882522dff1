/**
 * The start of an episode: the model's initial state with uniform noise.
 *
 * @module
 */
import type { Data, Model } from "../physics/physics.ts";
import type { Stream } from "../math/random.ts";

/** How velocities are drawn: uniform within ± the scale, or normal with the scale as standard deviation. */
export type VelocityNoise = "uniform" | "normal";

/**
 * (stream, model) ⇒ (qpos, qvel) of `data`: qpos0 ± positionScale, uniform, and velocities about 0, each entry on its
 * own. All else that the next step or observation could read returns to zero, so that equal keys give equal bits.
 *
 * @param positionScale  m or rad
 * @param velocityScale  m/s or rad/s
 * Source: `reset_model` of Gymnasium's MuJoCo tasks.
 */
export const resetNoise = (
  stream: Stream,
  model: Model,
  data: Data,
  positionScale: number,
  velocityScale: number,
  velocities: VelocityNoise = "uniform",
): void => {
  const velocity = velocities === "uniform" ? () => 2 * stream.uniform() - 1 : stream.normal;
  for (let i = 0; i < model.nq; i++) data.qpos[i] = model.qpos0[i]! + positionScale * (2 * stream.uniform() - 1);
  for (let i = 0; i < model.nv; i++) data.qvel[i] = velocityScale * velocity();
  data.qfrcConstraint.fill(0);
  data.time = 0;
  data.ctrl.fill(0);
  data.linkAcc.fill(0); // the solver's first guess
};
