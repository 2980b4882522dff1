/**
 * Work that threads can share: named by the module that exports it, since functions do not travel.
 *
 * @module
 */

/** How what pieces share gets to another thread where it holds functions, which do not travel. */
export interface Travel<Shared, Packed> {
  /** (shared) ⇒ the same as plain records, numbers and arrays. */
  readonly pack: (shared: Shared) => Packed;
  /** (what `pack` gave) ⇒ what the pieces share, on the other thread. */
  readonly unpack: (packed: Packed) => Promise<Shared>;
}

/** Work on many pieces, of which a thread does some. */
export interface Job<Shared, Piece, Output> {
  /** Address of the module that exports it. */
  readonly module: string;
  /** Name under which it is exported there. */
  readonly name: string;
  /**
   * (what all pieces share, the pieces that this thread takes) ⇒ their outputs: one is yielded for each piece before the
   * next is taken. What comes in and goes out are plain records, numbers and arrays; of `shared`, what `travel` packs.
   */
  readonly work: (shared: Shared, pieces: Iterable<Piece>) => Iterable<Output>;
  /** How `shared` travels; absent: as it is. */
  readonly travel?: Travel<Shared, unknown>;
}

/** Where another thread finds a job. */
export type JobAddress = Pick<Job<never, never, never>, "module" | "name">;

/**
 * (address of the module: import.meta.url, name of the export, work, how what pieces share travels) ⇒ (job).
 *
 * Bits must not depend on who does a piece, nor on which pieces a thread has done before: then they are the same for any
 * number of threads, as long as the pieces are.
 *
 * @example Sums of squares, with what is needed for all pieces made once a thread
 * ```ts
 * import { defineJob } from "./job.ts";
 * import { alone } from "./threads.ts";
 *
 * export const squares = defineJob(import.meta.url, "squares", function* (numbers: Float64Array, pieces: Iterable<number>) {
 *   for (const first of pieces) yield numbers.subarray(first, first + 2).reduce((sum, x) => sum + x * x, 0);
 * });
 * const sums = alone.each(squares, Float64Array.of(1, 2, 3, 4), [0, 2]);
 * if (sums[0] !== 5 || sums[1] !== 25) throw new Error("1 + 4 and 9 + 16");
 * ```
 */
export const defineJob = <Shared, Piece, Output, Packed = Shared>(
  module: string,
  name: string,
  work: Job<Shared, Piece, Output>["work"],
  travel?: Travel<Shared, Packed>,
): Job<Shared, Piece, Output> => ({
  module,
  name,
  work,
  ...(travel === undefined ? {} : { travel: travel as Travel<Shared, unknown> }),
});

/** (job, what its pieces share) ⇒ the same, to be sent. */
export const packed = <S, P, O>({ travel }: Job<S, P, O>, shared: S): unknown => travel?.pack(shared) ?? shared;

/** (job, what has come) ⇒ what its pieces share. */
export const unpacked = <S, P, O>({ travel }: Job<S, P, O>, sent: unknown): Promise<S> =>
  travel?.unpack(sent) ?? Promise.resolve(sent as S);

/** (job, what its pieces share, a piece) ⇒ (output). */
export const doOne = <S, P, O>(job: Job<S, P, O>, shared: S, piece: P): O => {
  const [output] = job.work(shared, [piece]);
  return output;
};
