/**
 * What threads tell one another, and the memory in which they take pieces.
 *
 * @module
 */
import type { JobAddress } from "./job.ts";

/** What a web worker is sent. */
export type ThreadMessage =
  /** The port through which outputs of shared pieces go. The answer is "ready". */
  | { readonly port: MessagePort }
  /** A call whose pieces are shared. */
  | {
    readonly call: number;
    readonly job: JobAddress;
    readonly shared: unknown;
    readonly pieces: ReadonlyArray<unknown>;
    /** [1 + pieces] the number of the next piece that nobody has taken; then what became of each */
    readonly states: Int32Array;
    /** How a piece that this worker has done is marked; at least 1. */
    readonly mark: number;
  }
  /** A loop whose steps are shared. */
  | { readonly job: JobAddress; readonly shared: unknown; readonly steps: Int32Array }
  /** A call of its own. */
  | { readonly call: number; readonly job: JobAddress; readonly shared: unknown; readonly piece: unknown };

/** Through the port: the output of a piece of a call, or that no module exports its job. */
export type PortMessage =
  | { readonly call: number; readonly index: number; readonly output: unknown }
  | { readonly job: JobAddress; readonly fault: string };

/** The answer to a call of its own: its output, or what it threw. */
export type AsideAnswer =
  | { readonly call: number; readonly output: unknown }
  | { readonly call: number; readonly reason: string };

/** A piece that its thread could not do. */
export const FAILED = -1;

/** (pieces) ⇒ memory in which none is taken. */
export const freshStates = (pieces: number): Int32Array =>
  new Int32Array(new SharedArrayBuffer((1 + pieces) * Int32Array.BYTES_PER_ELEMENT));

/** (memory, pieces, told of the number of each that is taken) ⇒ the pieces that this thread takes, until none is left. */
export function* takenPieces<P>(
  states: Int32Array,
  pieces: ReadonlyArray<P>,
  take: (index: number) => void,
): Generator<P> {
  for (let i = Atomics.add(states, 0, 1); i < pieces.length; i = Atomics.add(states, 0, 1)) {
    take(i);
    yield pieces[i];
  }
}

/** (memory, pieces) ⇒ whether somebody has to take one yet. */
export const areLeft = (states: Int32Array, pieces: number): boolean => Atomics.load(states, 0) < pieces;

/** (memory, pieces): nobody takes another one. */
export const closePieces = (states: Int32Array, pieces: number): void => {
  Atomics.store(states, 0, pieces);
};

/** (memory, number of a piece, what became of it): wakes up who waits for it. */
export const settle = (states: Int32Array, index: number, state: number): void => {
  Atomics.store(states, 1 + index, state);
  Atomics.notify(states, 1 + index);
};

/**
 * (memory, number of a piece that another thread has taken, ms) ⇒ what became of it. Blocks until it is settled; a thread
 * that takes longer counts as lost, and its piece as failed: done again, it gives the same bits.
 */
export const settled = (states: Int32Array, index: number, patience: number): number =>
  Atomics.wait(states, 1 + index, 0, patience) === "timed-out" ? FAILED : Atomics.load(states, 1 + index);
