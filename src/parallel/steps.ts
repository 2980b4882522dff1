/**
 * Steps of a loop that two threads do together, in memory that both see: this one begins each, does its own part, and waits
 * for the other's, or does that as well where the other has not begun it.
 *
 * @module
 */

/** The thread that helps. */
export interface Assistant {
  /** A step begins: all that the other thread reads lies in the shared memory. */
  readonly begin: () => void;
  /** () ⇒ whether the other thread has done its part, which then lies in the shared memory; else it is to be done here. */
  readonly finish: () => boolean;
  /** The loop has ended. */
  readonly end: () => void;
}

const [BEGUN, TAKEN, DONE] = [0, 1, 2]; // number of the last step that has begun, been taken, been done
const OVER = -1;
const SPINS = 10_000; // looks before a thread sleeps: about 0.1 ms, which waking it up takes as well

/** () ⇒ memory in which no step has begun. */
export const freshSteps = (): Int32Array => new Int32Array(new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT));

const put = (states: Int32Array, at: number, value: number): void => {
  Atomics.store(states, at, value);
  Atomics.notify(states, at);
};

/** (memory, entry, what it holds, ms) ⇒ what it holds once that has changed, or after so long. */
const changed = (states: Int32Array, at: number, before: number, patience = Infinity): number => {
  for (let i = 0; i < SPINS; i++) {
    const now = Atomics.load(states, at);
    if (now !== before) return now;
  }
  Atomics.wait(states, at, before, patience);
  return Atomics.load(states, at);
};

/** (memory, step) ⇒ whether this thread may do the other's part of it: each is taken once. */
const take = (states: Int32Array, step: number): boolean =>
  Atomics.compareExchange(states, TAKEN, step - 1, step) === step - 1;

/**
 * (memory, ms that a part may take) ⇒ the other thread, as the thread of the loop sees it. One that takes longer is lost: it
 * gets no further step, since what it still reads and writes is of an old one.
 */
export const assistantOver = (states: Int32Array, patience: number): Assistant => {
  let step = 0, isLost = false;
  return {
    begin: () => {
      if (!isLost) put(states, BEGUN, ++step);
    },
    finish: () => {
      if (isLost || take(states, step)) return false;
      const before = Atomics.load(states, DONE);
      const now = before === step || before === -step ? before : changed(states, DONE, before, patience);
      isLost = now === before && Math.abs(now) !== step;
      return now === step;
    },
    end: () => put(states, BEGUN, OVER),
  };
};

/** (memory) ⇒ whether the loop has ended. */
export const isOver = (states: Int32Array): boolean => Atomics.load(states, BEGUN) === OVER;

/** (memory) ⇒ the steps that this thread takes, to the end of the loop; each is done when the next is asked for. */
export function* stepsTaken(states: Int32Array): Generator<number> {
  let step = 0, isDone = true;
  try {
    while ((step = changed(states, BEGUN, step)) !== OVER) {
      if (!take(states, step)) continue;
      isDone = false;
      yield step;
      isDone = true;
      put(states, DONE, step);
    }
  } finally {
    if (!isDone) put(states, DONE, -step); // not done: whoever began it does it
  }
}
