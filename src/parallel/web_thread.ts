/**
 * Body of a web worker that shares work: takes pieces of jobs until none is left.
 *
 * @module
 */
import { type Job, type JobAddress, unpacked } from "./job.ts";
import {
  areLeft,
  type AsideAnswer,
  FAILED,
  type PortMessage,
  settle,
  takenPieces,
  type ThreadMessage,
} from "./messages.ts";
import { isOver, stepsTaken } from "./steps.ts";

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

/** The same, and what its pieces share; null, and told, where no module exports it or that cannot be unpacked. */
const jobOrFault = async ({ job: address, shared }: Extract<ThreadMessage, { readonly job: JobAddress }>) => {
  try {
    const job = await jobAt(address);
    return { job, shared: await unpacked(job, shared) };
  } catch (error) {
    port!.postMessage({ job: address, fault: reasonOf(error) } satisfies PortMessage);
    return null;
  }
};

type SharedCall = Extract<ThreadMessage, { readonly states: Int32Array }>;

/** Does pieces as long as there are any; one that it cannot do is marked so, and done by who asked. */
const doPieces = ({ call, pieces, states, mark }: SharedCall, { work }: AnyJob, shared: unknown): void => {
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
  const found = await jobOrFault(message);
  if (found !== null && areLeft(message.states, message.pieces.length)) doPieces(message, found.job, found.shared);
};

/** Does its part of steps until the loop is over, or until it cannot: then who began them does. */
const assist = async (message: Extract<ThreadMessage, { readonly steps: Int32Array }>) => {
  const found = await jobOrFault(message);
  if (found === null || isOver(message.steps)) return;
  try {
    for (const _ of found.job.work(found.shared, stepsTaken(message.steps)));
  } catch {
    // a part that it has taken is marked, and done by who began the step, so that it throws there
  }
};

const answer = async ({ call, job, shared, piece }: Extract<ThreadMessage, { readonly piece: unknown }>) => {
  try {
    const found = await jobAt(job), [output] = found.work(await unpacked(found, shared), [piece]);
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
  if ("states" in data) return share(data);
  return "steps" in data ? assist(data) : answer(data);
};
