/**
 * What `mscv watch` does.
 * (path) ⇒ a page on this machine, until it is stopped
 *
 * @module
 */
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import { UsageInvalid } from "../config/usage.ts";
import { refuseForbidden } from "../sandbox/denials.ts";
import { makeAgents } from "../watch/agents.ts";
import { makeBoard } from "../watch/board.ts";
import { placeOf } from "../sweep/places.ts";
import { serve } from "../watch/server.ts";
import type { Application } from "./application.ts";

/** What `watch` was asked for. */
export interface WatchRequest {
  readonly path: string;
  /** 0: one that is free. */
  readonly port: number;
  /** Whether a browser is asked to show it. */
  readonly browser: "open" | "leave";
}

/** Programs that open an address in the user's browser. */
const openers: Readonly<Partial<Record<typeof Deno.build.os, string>>> = { linux: "xdg-open", darwin: "open" };

/** (address): shows it in a browser where there is one; else the user has the address. */
const openBrowser = (address: string): Effect.Effect<void> =>
  Effect.sync(() => {
    const opener = openers[Deno.build.os],
      display = Deno.build.os !== "linux" || isSet("DISPLAY") || isSet("WAYLAND_DISPLAY");
    if (opener === undefined || !display) return;
    try {
      new Deno.Command(opener, { args: [address], stdin: "null", stdout: "null", stderr: "null" }).spawn().unref();
    } catch {
      // there is none, or it may not be started
    }
  });

const isSet = (name: string): boolean =>
  Deno.permissions.querySync({ name: "env", variable: name }).state === "granted" && (Deno.env.get(name) ?? "") !== "";

/** Serves the page until it is stopped. Fails: UsageInvalid. */
export const runWatch = Effect.fnUntraced(function* ({ load }: Application, { path, port, browser }: WatchRequest) {
  if (port < 0 || port > 65535) {
    return yield* Effect.fail(
      new UsageInvalid({ message: `Cannot watch as --port must be 0 to 65535: current value is ${port}` }),
    );
  }
  yield* refuseForbidden(path, ["read"]);
  const place = yield* placeOf(path, "watch"), board = makeBoard(place, path);
  yield* Effect.scoped(Effect.gen(function* () {
    const address = yield* serve({ board, agents: makeAgents(load), port });
    yield* Console.log(`Watching ${path}: ${address}\nCtrl-C ends it; what is watched goes on.`);
    if (browser === "open") yield* openBrowser(address);
    return yield* Effect.never;
  }));
});
