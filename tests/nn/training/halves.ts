/**
 * The job of second halves, which tells when a step of it has been taken.
 *
 * @module
 */
import { defineJob, type Job } from "../../../src/parallel/job.ts";
import { alone, type Threads } from "../../../src/parallel/threads.ts";
import { secondHalves } from "../../../src/nn/training/halved_loss.ts";

type Shared = Parameters<typeof secondHalves.work>[0];

function* told(steps: Iterable<number>, taken: Int32Array): Generator<number> {
  for (const step of steps) {
    Atomics.store(taken, 0, step);
    Atomics.notify(taken, 0);
    yield step;
  }
}

/** (what `secondHalves` shares, [1] the number of the last step that was taken; steps) ⇒ as that. */
export const toldHalves: Job<{ readonly own: Shared; readonly taken: Int32Array }, number, null> = defineJob(
  import.meta.url,
  "toldHalves",
  ({ own, taken }, steps) => secondHalves.work(own, told(steps, taken)),
);

/** (threads) ⇒ the same, of which another one does the second half of every minibatch; and how many those were. */
export const alwaysAssisted = (threads: Threads): { readonly threads: Threads; readonly steps: () => number } => {
  const counted = { steps: 0 };
  const assist: Threads["assist"] = (_, shared) => {
    const taken = new Int32Array(new SharedArrayBuffer(4));
    const assistant = threads.assist(toldHalves, { own: shared as Shared, taken })!;
    const begin = () => {
      const before = Atomics.load(taken, 0);
      assistant.begin();
      Atomics.wait(taken, 0, before);
      counted.steps++;
    };
    return { ...assistant, begin };
  };
  return { threads: { ...alone, assist }, steps: () => counted.steps };
};
