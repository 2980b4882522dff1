/**
 * Threads that share the work of a stage.
 *
 * @module
 */
import type { Job } from "./job.ts";
import type { Assistant } from "./steps.ts";

/** The threads of a run. The same pieces give the same bits for any number of them. */
export interface Threads {
  /** How many compute, this one among them. */
  readonly count: number;
  /**
   * (job, what its pieces share, pieces) ⇒ outputs, in the order of the pieces. Each piece is taken by the thread that is
   * free first. This thread takes its part, and waits for the rest. Throws what the job throws.
   */
  readonly each: <S, P, O>(job: Job<S, P, O>, shared: S, pieces: ReadonlyArray<P>) => ReadonlyArray<O>;
  /**
   * (job, what its pieces share, a piece) ⇒ (output), by another thread while this one goes on. Rejects where no other
   * thread does it: there is none, or the job failed there. It is to be done here then, and what it throws is thrown here.
   */
  readonly aside: <S, P, O>(job: Job<S, P, O>, shared: S, piece: P) => Promise<Awaited<O>>;
  /**
   * (job, memory that both threads see) ⇒ a thread that does a part of each step of a loop; null where there is none. The
   * job's pieces are the numbers of the steps whose part it does, its outputs are not read.
   */
  readonly assist: <S>(job: Job<S, number, null>, shared: S) => Assistant | null;
}

/** This thread alone. */
export const alone: Threads = {
  count: 1,
  each: (job, shared, pieces) => [...job.work(shared, pieces)],
  aside: (job) => Promise.reject(new Error(`Cannot do "${job.name}" aside as there must be 2 threads: there is 1`)),
  assist: () => null,
};

let current: Threads = alone;

/** () ⇒ the threads at hand: those of the stage that is running, else this one alone. */
export const threads = (): Threads => current;

/** (threads, work) ⇒ what `work` returns, with these threads at hand as long as it runs. */
export const withThreads = <A>(use: Threads, work: () => A): A => {
  const before = current;
  current = use;
  try {
    return work();
  } finally {
    current = before;
  }
};
