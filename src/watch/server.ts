/**
 * The server of the page: on this machine alone, for as long as its scope lasts.
 * (board, agents, port) ⇒ (address)
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";
import { randomBytes } from "node:crypto";
import { UsageInvalid } from "../config/usage.ts";
import { reasonOf } from "../files/reason.ts";
import type { Agents } from "./agents.ts";
import { makeAnswer, safeHeaders } from "./answer.ts";
import type { Board } from "./board.ts";

const HOST = "127.0.0.1";
const BETWEEN = 500; // ms between looks at the files

/** Who is told of changes. */
interface Listeners {
  readonly tell: () => void;
  readonly open: (request: Request) => Response;
  readonly close: () => void;
}

const encoder = new TextEncoder();

const makeListeners = (): Listeners => {
  const open = new Set<ReadableStreamDefaultController<Uint8Array>>();
  const send = (to: ReadableStreamDefaultController<Uint8Array>, text: string): void => {
    try {
      to.enqueue(encoder.encode(text));
    } catch {
      open.delete(to); // its page is gone
    }
  };
  return {
    tell: () => open.forEach((each) => send(each, "data: changed\n\n")),
    open: () => {
      let own: ReadableStreamDefaultController<Uint8Array>;
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          open.add(own = controller);
          send(controller, "retry: 1000\ndata: hello\n\n");
        },
        cancel: () => {
          open.delete(own);
        },
      });
      return new Response(body, { headers: { ...safeHeaders, "content-type": "text/event-stream" } });
    },
    close: () => {
      for (const each of open) {
        try {
          each.close();
        } catch {
          // its page is gone
        }
      }
      open.clear();
    },
  };
};

/** What is served. */
export interface ServeRequest {
  readonly board: Board;
  readonly agents: Agents;
  /** 0: one that is free. */
  readonly port: number;
}

/** (port) ⇒ what a server on it is told, and its server. Throws where the port is in use. */
const listen = ({ board, agents, port }: ServeRequest, token: string, listeners: Listeners) => {
  const hosts: string[] = []; // known once it listens
  const answer = makeAnswer({ board, agents, token, hosts, events: listeners.open });
  const server = Deno.serve({ hostname: HOST, port, onListen: () => {} }, answer);
  hosts.push(`${HOST}:${server.addr.port}`, `localhost:${server.addr.port}`);
  return server;
};

const refused = (port: number, error: unknown): UsageInvalid =>
  new UsageInvalid({
    message: error instanceof Deno.errors.AddrInUse
      ? `Cannot watch on port ${port} as it must be free: another program uses it. Without --port a free one is taken`
      : `Cannot watch as a port of ${HOST} must be open to it: ${reasonOf(error)}`,
  });

/** Looks at the files twice a second, and tells the pages when anything has changed. */
const watching = ({ board, agents }: ServeRequest, { tell }: Listeners): Effect.Effect<never> =>
  Effect.forever(Effect.andThen(
    Effect.promise(async () => {
      if (!board.look()) return;
      tell();
      for (let i = 0;; i++) {
        const run = board.run(i);
        if (run === undefined) return;
        if (run.state === "running") await agents.keepAll(run);
      }
    }),
    Effect.sleep(BETWEEN),
  ));

/** (request) ⇒ the page's address, token and all; served until the scope ends. Fails: UsageInvalid. */
export const serve: (request: ServeRequest) => Effect.Effect<string, UsageInvalid, Scope.Scope> = Effect.fnUntraced(
  function* (request) {
    const token = randomBytes(16).toString("hex"), listeners = makeListeners();
    const server = yield* Effect.acquireRelease(
      Effect.try({ try: () => listen(request, token, listeners), catch: (error) => refused(request.port, error) }),
      (running) => {
        listeners.close();
        return Effect.promise(() => running.shutdown());
      },
    );
    yield* Effect.forkScoped(watching(request, listeners));
    return `http://${HOST}:${server.addr.port}/${token}/`;
  },
);
