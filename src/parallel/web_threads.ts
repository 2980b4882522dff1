/**
 * Threads that are this one and web workers beside it.
 *
 * @module
 */
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import { doOne, type Job, type JobAddress, packed } from "./job.ts";
import {
  type AsideAnswer,
  closePieces,
  FAILED,
  freshStates,
  type PortMessage,
  settled,
  takenPieces,
  type ThreadMessage,
} from "./messages.ts";
import { assistantOver, freshSteps } from "./steps.ts";
import type { Threads } from "./threads.ts";

/** Threads with web workers among them. */
export interface WebThreads extends Threads {
  /** (job, input) ⇒ (outputs): the job done once by each of the other threads, with one piece, null. */
  readonly everywhere: <S, O>(job: Job<S, null, O>, shared: S) => Promise<ReadonlyArray<Awaited<O>>>;
  /** Ends the workers, whatever they are doing. */
  readonly close: () => void;
}

/** A web worker as this thread sees it. */
interface Member {
  readonly send: (message: ThreadMessage) => void;
  /** The next output or fault that has come; undefined where none has. Never waits. */
  readonly next: () => PortMessage | undefined;
  /** (call) ⇒ its answer; rejects where the worker has died, before or meanwhile. */
  readonly ask: (message: Extract<ThreadMessage, { readonly piece: unknown }>) => Promise<unknown>;
  /** Whether it has not died: what a job leaves behind may throw when nobody waits for it, which ends a worker. */
  readonly isAlive: () => boolean;
  /** Calls that are not answered yet. */
  readonly waiting: () => number;
  readonly close: () => void;
}

type Settle = { readonly resolve: (output: unknown) => void; readonly reject: (error: Error) => void };

const openMember = (): Promise<Member> => {
  const worker = new Worker(new URL("./web_thread.ts", import.meta.url), { type: "module" });
  const { port1, port2 } = new MessageChannel(), calls = new Map<number, Settle>();
  let died: Error | null = null;
  const send = (message: ThreadMessage) => worker.postMessage(message);
  const member: Member = {
    send,
    next: () => receiveMessageOnPort(port1)?.message as PortMessage | undefined,
    ask: (message) =>
      new Promise((resolve, reject) => {
        if (died !== null) return reject(died);
        calls.set(message.call, { resolve, reject });
        send(message);
      }),
    isAlive: () => died === null,
    waiting: () => calls.size,
    close: () => {
      worker.terminate();
      port1.close();
    },
  };
  return new Promise((resolve, reject) => {
    worker.onerror = (event) => {
      event.preventDefault();
      const error = died = new Error(`Cannot work in a web worker as it must not throw: ${event.message}`);
      reject(error);
      for (const call of calls.values()) call.reject(error);
      calls.clear();
    };
    worker.onmessage = ({ data }: MessageEvent<"ready" | AsideAnswer>) => {
      if (data === "ready") return resolve(member);
      const call = calls.get(data.call);
      calls.delete(data.call);
      if ("reason" in data) call?.reject(new Error(data.reason));
      else call?.resolve(data.output);
    };
    const port = port2 as unknown as MessagePort;
    worker.postMessage({ port } satisfies ThreadMessage, [port]);
  });
};

const keyOf = ({ module, name }: JobAddress): string => `${name} ${module}`;

/**
 * Outputs of pieces that workers did, by call and piece: those of a call that has ended are dropped. That no module exports
 * a job is thrown where that job is shared next.
 */
const openInbox = (members: ReadonlyArray<Member>) => {
  const calls = new Map<number, Map<number, unknown>>(), faults = new Map<string, string>(); // by job
  const read = (member: Member): boolean => {
    const message = member.next();
    if (message === undefined) return false;
    if ("fault" in message) faults.set(keyOf(message.job), message.fault);
    else calls.get(message.call)?.set(message.index, message.output);
    return true;
  };
  return {
    begin: (call: number, job: JobAddress): void => {
      calls.set(call, new Map());
      for (const member of members) while (read(member));
      const fault = faults.get(keyOf(job));
      if (fault !== undefined) throw new Error(fault);
    },
    end: (call: number): boolean => calls.delete(call),
    take: (call: number, index: number, member: Member): unknown => {
      const outputs = calls.get(call)!;
      while (!outputs.has(index)) {
        if (!read(member)) throw new Error(`Cannot go on as piece ${index} of a job must be there: it was lost`);
      }
      return outputs.get(index);
    },
  };
};

const PATIENCE = 60_000; // milliseconds for a piece, which takes some milliseconds: whoever needs longer is lost

/** (number of threads, at least 2; ms that a piece may take elsewhere before it is done here) ⇒ (threads), to be closed. */
export const openWebThreads = async (count: number, patience = PATIENCE): Promise<WebThreads> => {
  const members = await Promise.all(Array.from({ length: count - 1 }, openMember)), inbox = openInbox(members);
  let calls = 0;
  /** The one with the fewest calls, of those that live; null where none does. */
  const free = (): Member | null =>
    members.filter(({ isAlive }) => isAlive())
      .reduce<Member | null>((a, b) => (a === null || b.waiting() < a.waiting() ? b : a), null);
  const address = <S, P, O>({ module, name }: Job<S, P, O>) => ({ module, name });

  const eachOf = <S, P, O>(call: number, job: Job<S, P, O>, shared: S, pieces: ReadonlyArray<P>): O[] => {
    const states = freshStates(pieces.length), outputs = new Array<O>(pieces.length), own = new Set<number>();
    const sent = packed(job, shared);
    members.forEach(({ send, isAlive }, i) => {
      if (isAlive()) send({ call, job: address(job), shared: sent, pieces, states, mark: i + 1 });
    });
    let index = 0;
    try {
      for (const output of job.work(shared, takenPieces(states, pieces, (i) => own.add(index = i)))) {
        outputs[index] = output;
      }
    } catch (error) {
      closePieces(states, pieces.length); // nobody takes another one
      throw error;
    }
    const failed: number[] = [];
    for (let i = 0; i < pieces.length; i++) {
      if (own.has(i)) continue;
      const state = settled(states, i, patience);
      if (state === FAILED) failed.push(i);
      else outputs[i] = inbox.take(call, i, members[state - 1]) as O;
    }
    if (failed.length === 0) return outputs;
    [...job.work(shared, failed.map((i) => pieces[i]))].forEach((output, i) => outputs[failed[i]] = output);
    return outputs;
  };

  return {
    count,
    each: (job, shared, pieces) => {
      if (pieces.length < 2) return pieces.map((piece) => doOne(job, shared, piece));
      const call = ++calls;
      try {
        inbox.begin(call, address(job));
        return eachOf(call, job, shared, pieces);
      } finally {
        inbox.end(call);
      }
    },
    aside: (job, shared, piece) => {
      const message = { call: ++calls, job: address(job), shared: packed(job, shared), piece };
      return (free() ?? members[0]).ask(message) as Promise<never>; // one that has died says why it did
    },
    assist: (job, shared) => {
      const member = free(), steps = freshSteps();
      if (member === null) return null;
      member.send({ job: address(job), shared: packed(job, shared), steps });
      return assistantOver(steps, patience);
    },
    everywhere: (job, shared) => {
      const message = { job: address(job), shared: packed(job, shared), piece: null };
      return Promise.all(members.map(({ ask }) => ask({ call: ++calls, ...message }) as Promise<never>));
    },
    close: () => members.forEach(({ close }) => close()),
  };
};
