/**
 * Body of a web worker that shares work: takes pieces of jobs until none is left.
 *
 * @module
 */
import type { Job, JobAddress } from "./job.ts";
import {
  areLeft,
  type AsideAnswer,
  FAILED,
  type PortMessage,
  settle,
  takenPieces,
  type ThreadMessage,
} from "./messages.ts";

type AnyJob = Job<unknown, unknown, unknown>;

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<ThreadMessage>) => void;
  postMessage: (message: "ready" | AsideAnswer) => void;
};

let port: MessagePort | null = null;

const reasonOf = (thrown: unknown): string => thrown instanceof Error ? thrown.message : String(thrown);

const jobAt = async ({ module, name }: JobAddress): Promise<AnyJob> => {
  const job = (await import(module) as Record<string, AnyJob | undefined>)[name];
  if (job?.work === undefined) throw new Error(`Cannot share "${name}" as ${module} must export it: it does not`);
  return job;
};

type SharedCall = Extract<ThreadMessage, { readonly states: Int32Array }>;

/** Does pieces as long as there are any; one that it cannot do is marked so, and done by who asked. */
const doPieces = ({ call, shared, pieces, states, mark }: SharedCall, { work }: AnyJob): void => {
  let index: number | null = null; // of the piece at hand
  try {
    for (const output of work(shared, takenPieces(states, pieces, (i) => index = i))) {
      port!.postMessage({ call, index: index!, output } satisfies PortMessage);
      settle(states, index!, mark);
      index = null;
    }
  } catch {
    // who asked does the piece again, so that it throws there
  } finally {
    if (index !== null) settle(states, index, FAILED);
  }
};

const share = async (message: SharedCall): Promise<void> => {
  let job: AnyJob;
  try {
    job = await jobAt(message.job);
  } catch (error) {
    return port!.postMessage({ fault: reasonOf(error) } satisfies PortMessage);
  }
  if (areLeft(message.states, message.pieces.length)) doPieces(message, job);
};

const answer = async ({ call, job, shared, piece }: Extract<ThreadMessage, { readonly piece: unknown }>) => {
  try {
    const { work } = await jobAt(job), [output] = work(shared, [piece]);
    scope.postMessage({ call, output: await output });
  } catch (error) {
    scope.postMessage({ call, reason: reasonOf(error) });
  }
};

scope.onmessage = ({ data }) => {
  if ("port" in data) {
    port = data.port;
    return scope.postMessage("ready");
  }
  return "states" in data ? share(data) : answer(data);
};
