/**
 * Jobs for the tests of threads.
 *
 * @module
 */
import { defineJob, type Job } from "../../src/parallel/job.ts";
import type { Threads } from "../../src/parallel/threads.ts";

/** What a piece gives. */
export interface Product {
  readonly product: number;
  /** whether a web worker did it */
  readonly elsewhere: boolean;
}

const elsewhere = "WorkerGlobalScope" in globalThis;

/** What pieces share. */
export interface Factors {
  readonly base: Float64Array;
  /** [1] threads that have begun, where each waits until all have; null: none waits */
  readonly begun: Int32Array | null;
}

/** (base; pieces) ⇒ base · piece; a piece below 0 throws, one above 100 throws in a web worker alone. */
export const products: Job<Factors, number, Product> = defineJob(
  import.meta.url,
  "products",
  function* ({ base, begun }, pieces) {
    for (const piece of pieces) {
      if (begun !== null) meet(begun);
      if (piece < 0 || (piece > 100 && elsewhere)) {
        throw new RangeError(`Cannot multiply as a piece must be 0 … 100: current value is ${piece}`);
      }
      yield { product: base[0] * piece, elsewhere };
    }
  },
);

/** (memory; pieces) ⇒ the pieces, once two threads have begun; the web worker never comes back. */
export const lost: Job<Int32Array, number, number> = defineJob(import.meta.url, "lost", function* (begun, pieces) {
  for (const piece of pieces) {
    meet(begun);
    if (elsewhere) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    yield piece;
  }
});

/** (nothing; pieces) ⇒ the pieces; what it leaves behind throws when nobody waits for it, which ends a web worker. */
export const troubled: Job<null, number, number> = defineJob(import.meta.url, "troubled", function* (_, pieces) {
  if (elsewhere) {
    queueMicrotask(() => {
      throw new Error("left behind");
    });
  }
  yield* pieces;
});

/** Waits until two pieces have begun. */
const meet = (begun: Int32Array): void => {
  if (Atomics.add(begun, 0, 1) === 0) Atomics.wait(begun, 0, 1);
  else Atomics.notify(begun, 0);
};

/** Exported under another name than it says. */
export const misnamed: Job<Factors, number, number> = defineJob(import.meta.url, "nowhere", function* (_, pieces) {
  yield* pieces;
});

/** (threads) ⇒ the same, of which this one takes no piece of what they share. */
export const othersOf = (threads: Threads): Threads => ({
  ...threads,
  each: (job, shared, pieces) => threads.each({ ...job, work: () => [] }, shared, pieces),
});

/** What both threads see of a loop. */
export interface Loop {
  /** [2] the number that a step reads, and its square */
  readonly numbers: Float64Array;
  /** [1] set once the other thread has entered a step; null: nobody waits for it */
  readonly entered: Int32Array | null;
}

/** (numbers; steps) ⇒ the square of a step's number; a number below 0 throws in a web worker. */
export const stepSquares: Job<Loop, number, null> = defineJob(
  import.meta.url,
  "stepSquares",
  function* ({ numbers, entered }, steps) {
    for (const _ of steps) {
      if (entered !== null) {
        Atomics.store(entered, 0, 1);
        Atomics.notify(entered, 0);
      }
      if (numbers[0] < 0) throw new RangeError("Cannot square as a number must be 0 or more");
      numbers[1] = numbers[0] ** 2;
      yield null;
    }
  },
);

/** What pieces share that does not travel as it is: a function. */
export interface Scale {
  readonly factor: number;
  readonly of: (x: number) => number;
}

/** (factor) ⇒ (scale). */
export const scaleBy = (factor: number): Scale => ({ factor, of: (x) => factor * x });

/** (scale; pieces) ⇒ what it makes of each, and whether a web worker did it; a piece null is 1. */
export const scaled: Job<Scale, number | null, Product> = defineJob(
  import.meta.url,
  "scaled",
  function* ({ of }, pieces) {
    for (const piece of pieces) yield { product: of(piece ?? 1), elsewhere };
  },
  { pack: ({ factor }): number => factor, unpack: (factor) => Promise.resolve(scaleBy(factor)) },
);
