/**
 * A thread that is asked about inputs, and ended where it never comes back.
 *
 * @module
 */
import type { Asked, Told } from "./worker.ts";

const patience = 10_000; // milliseconds for an answer: ten times the bound

/** () ⇒ a thread, once its modules are there. */
const spawn = (): Promise<Worker> =>
  new Promise((done, fail) => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = () => done(worker);
    worker.onerror = ({ message }) => fail(new Error(message));
  });

/** A thread that answers, or is replaced by another one. */
export const makeRunner = () => {
  let opened = spawn();
  const ask = async (asked: Asked): Promise<Told> => {
    const worker = await opened;
    return new Promise((done) => {
      const timer = setTimeout(() => {
        worker.terminate();
        opened = spawn();
        done({ broken: `no answer within ${patience} ms` });
      }, patience);
      const answer = (told: Told) => {
        clearTimeout(timer);
        done(told);
      };
      worker.onmessage = ({ data }: MessageEvent<Told>) => answer(data);
      worker.onerror = (event) => {
        event.preventDefault();
        answer({ broken: `the thread ended: ${event.message}` });
        opened = spawn();
      };
      worker.postMessage(asked);
    });
  };
  return { ask, end: async () => (await opened).terminate() };
};
