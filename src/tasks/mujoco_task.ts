/**
 * What the tasks on MuJoCo's own engine share: how they observe, reset and charge.
 *
 * @module
 */
import type { Stream } from "../math/random.ts";
import type { Field, MujocoData, OwnMujocoSimulator } from "./mujoco_simulator.ts";

/** A field of mjData from an entry on. */
export interface Slice {
  /** Which array. */
  readonly field: Field;
  /** First entry that is observed. */
  readonly from: number;
}

/** (simulator, slices) ⇒ (data) ⇒ out [obs]: the slices one after the other. */
export const observeSlices =
  (simulator: OwnMujocoSimulator, slices: ReadonlyArray<Slice>) => (data: MujocoData, out: Float64Array): void => {
    let at = 0;
    for (const { field, from } of slices) {
      const values = simulator.view(data, field);
      for (let i = from; i < values.length; i++) out[at++] = values[i]!;
    }
  };

/** (simulator, field) ⇒ offset of the field in a state. */
export const offsetOf = ({ parts }: OwnMujocoSimulator, field: Field): number => {
  let at = 0;
  for (const { name, size } of parts) {
    if (name === field) return at;
    at += size;
  }
  throw new RangeError(
    `Cannot read a state as it must hold ${field}: it holds ${parts.map(({ name }) => name).join(", ")}`,
  );
};

/** (stream, width, n) ⇒ ([n]) uniform in ±width. */
export const uniformNoise = (stream: Stream, width: number, size: number): Float64Array =>
  Float64Array.from({ length: size }, () => width * (2 * stream.uniform() - 1));

/** (simulator) ⇒ the model's initial positions [nq]. */
export const initialPositions = (simulator: OwnMujocoSimulator): Float64Array =>
  simulator.model().qpos0 as Float64Array;

/** (values) ⇒ Σ x². */
export const sumOfSquares = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return sum;
};
