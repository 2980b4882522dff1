/**
 * Plain arithmetic as a simulator: the state is the data.
 *
 * @module
 */
import type { Simulator, StateDivergence } from "./simulator.ts";

/** What plain arithmetic says of itself. */
export interface PlainDynamics {
  /** Numbers of a state, which determine the future. */
  readonly stateSize: number;
  /** s that one step lasts */
  readonly timestep: number;
  /** (state [stateSize], control [act]) ⇒ state one step later, in place. */
  step(state: Float64Array, control: Float64Array): void;
}

const firstNonFinite = (state: Float64Array): StateDivergence | null => {
  for (let i = 0; i < state.length; i++) {
    if (!Number.isFinite(state[i])) return { quantity: `state[${i}]`, value: state[i], limit: "finite" };
  }
  return null;
};

/** (dynamics) ⇒ (simulator) that starts at 0; a step that leaves a number that is not finite ends the simulation. */
export const plainSimulator = ({ stateSize, timestep, step }: PlainDynamics): Simulator<Float64Array> => ({
  parts: [{ name: "state", size: stateSize }],
  stateSize,
  timestep,
  engine: () => "plain arithmetic",
  make: () => new Float64Array(stateSize),
  read: (data, state) => state.set(data),
  write: (data, state) => {
    for (let i = 0; i < stateSize; i++) data[i] = state[i];
  },
  step: (data, control) => {
    step(data, control);
    return firstNonFinite(data);
  },
});
