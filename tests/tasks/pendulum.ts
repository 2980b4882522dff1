/**
 * Gymnasium's Pendulum-v1 by plain arithmetic: a task as a user writes one, in a module that workers import.
 *
 * State [2]: angle θ from upright (rad), its rate (rad/s). Observation [3]: cos θ, sin θ, the rate. Torque within ±2 N·m.
 * Nothing terminates.
 *
 *   θ̈ = 3g/(2l)·sin θ + 3/(m l²)·u;  the rate moves first, within ±8 rad/s, then θ by it;  g = 10 m/s², m = 1 kg, l = 1 m
 *   r = −(θ² + .1·rate² + .001·u²) of the state before the step, with θ brought within ±π
 *
 * Source: Gymnasium 1.2 `pendulum.py`. Departure: u reaches the reward clipped there, too.
 */
import { defineTask } from "../../src/tasks/define_task.ts";

const STEP = 0.05; // s
const FASTEST = 8; // rad/s

/** (θ in rad) ⇒ the same angle within [−π, π). */
export const wrapped = (angle: number): number => angle - 2 * Math.PI * Math.floor((angle + Math.PI) / (2 * Math.PI));

export const pendulum = defineTask({
  name: "pendulum",
  stateSize: 2,
  timestep: STEP,
  timeLimit: 200,
  observationSize: 3,
  controlRange: [[-2, 2]],
  reset: (stream, state) => {
    state[0] = Math.PI * (2 * stream.uniform() - 1);
    state[1] = 2 * stream.uniform() - 1;
  },
  step: (state, control) => {
    const rate = state[1] + (15 * Math.sin(state[0]) + 3 * control[0]) * STEP;
    state[1] = Math.min(FASTEST, Math.max(-FASTEST, rate));
    state[0] += state[1] * STEP;
  },
  observe: (state, out) => out.set([Math.cos(state[0]), Math.sin(state[0]), state[1]]),
  reward: ([angle, rate], [torque]) => -(wrapped(angle) ** 2 + 0.1 * rate ** 2 + 0.001 * torque ** 2),
});

/** A task of the same module that ends without saying how observations show it. */
export const blindCart = defineTask({
  name: "blind-cart",
  stateSize: 1,
  timeLimit: 10,
  observationSize: 1,
  controlRange: [[-1, 1]],
  reset: (stream, state) => state.set([stream.uniform()]),
  step: (state, control) => {
    state[0] += control[0];
  },
  observe: (state, out) => out.set(state),
  reward: (_before, _action, [position]) => -Math.abs(position),
  terminated: ([position]) => position > 2,
});
