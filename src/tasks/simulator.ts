/**
 * The one seam behind which physics stand: our engine, another one, or plain arithmetic.
 *
 * (data, control) ⇒ step ⇒ (data, one step later)
 *
 * @module
 */

/** A number that left what the simulator allows. */
export interface StateDivergence {
  /** Which entry, for instance `qvel[2]`. */
  readonly quantity: string;
  /** In the quantity's unit. */
  readonly value: number;
  /** What it has to be, for instance `within ±1e10`. */
  readonly limit: string;
}

/**
 * What moves a task. `D` is the engine's mutable scratch, which the caller owns; nobody above looks into it, which is why
 * a simulator of any `D` counts as a `Simulator`.
 */
export interface Simulator<D = unknown> {
  /** Names and sizes of the parts of a state, in their order: `qpos` and `qvel` of a mechanism. */
  readonly parts: ReadonlyArray<StatePart>;
  /** Numbers that determine the future: what a checkpoint holds of an environment. The sum of the parts' sizes. */
  readonly stateSize: number;
  /** s that one call of `step` lasts */
  readonly timestep: number;
  /**
   * () ⇒ nothing, once what simulating needs is loaded: awaited on every thread by whoever samples, replays or reads a
   * pipeline, before anything but `make`. Absent: nothing is needed.
   */
  prepare?(): Promise<void>;
  /** () ⇒ what computes it, in words, as `mscv tasks` shows it; absent: nothing is said of it. */
  engine?(): string;
  /** () ⇒ (data) in the simulator's initial state. */
  make(): D;
  /** () ⇒ nothing; memory that no garbage collector sees is given back, and taken anew where the simulator is used again. */
  release?(): void;
  /** (data) ⇒ state [stateSize]. */
  read(data: D, state: Float64Array): void;
  /** (state [stateSize]) ⇒ data that stands there. */
  write(data: D, state: ArrayLike<number>): void;
  /** (data, control [act] within the control range) ⇒ data one step later; null, or the number that ends the simulation. */
  step(data: D, control: Float64Array): StateDivergence | null;
  /**
   * The same, and ⇒ `lagging`: positions to which MuJoCo's poses belong after the step, those of the last stage of its
   * integrator, and the velocities after the step. Absent: poses belong to the state. Only tasks with `laggingEntries` need it.
   */
  stepLagging?(data: D, control: Float64Array, lagging: D): StateDivergence | null;
}

/** A part of a state. */
export interface StatePart {
  /** As error messages and files of replays write it. */
  readonly name: string;
  /** How many numbers it holds. */
  readonly size: number;
  /**
   * What each of them is where a state is given without the part, NaN where `write` computes the part then; absent: the part
   * must be given
   */
  readonly whenLeftOut?: number;
}

/** A state by its parts. */
export type StateByParts = Readonly<Record<string, Float64Array>>;

/** (state [stateSize]) ⇒ its parts, copied. */
export const splitState = ({ parts }: Pick<Simulator, "parts">, state: Float64Array): StateByParts => {
  let at = 0;
  return Object.fromEntries(parts.map(({ name, size }) => [name, state.slice(at, at += size)]));
};

/**
 * (parts) ⇒ (state [stateSize]), with what stands for parts that may be left out.
 *
 * Throws a RangeError where a part is missing or has another size, in the words of `what`.
 */
export const joinState = (
  { parts, stateSize }: Pick<Simulator, "parts" | "stateSize">,
  given: Readonly<Record<string, ArrayLike<number>>>,
  what: string,
): Float64Array => {
  const state = new Float64Array(stateSize);
  let at = 0;
  for (const { name, size, whenLeftOut } of parts) {
    const absent = whenLeftOut === undefined ? [] : new Float64Array(size).fill(whenLeftOut);
    const part = Object.hasOwn(given, name) ? given[name] : absent;
    if (part.length !== size) {
      throw new RangeError(`Cannot ${what} as the size of ${name} must be ${size}: current value is ${part.length}`);
    }
    state.set(part, at);
    at += size;
  }
  return state;
};
