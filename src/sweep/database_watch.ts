/**
 * Tells the user that the database is lost: one line when it stops answering, one when it is back.
 *
 * Meanwhile the engine warns hundreds of times, each with a stack trace; those warnings are held back.
 *
 * @module
 */
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import type * as Layer from "effect/Layer";
import * as Logger from "effect/Logger";
import * as LogLevel from "effect/LogLevel";
import { SweepEngine } from "./engine.ts";

const betweenLooks = 2000; // milliseconds
const patience = "8 seconds"; // for an answer
const looksBack = 5; // that the engine needs to settle, once the database is back

/** A logger that keeps what a warning says, without its cause, until it is asked for. */
const makeHeldWarnings = () => {
  const held = new Set<string>();
  const logger = Logger.make<unknown, void>(({ message, logLevel }) => {
    if (!LogLevel.isGreaterThanOrEqualTo(logLevel, "Warn")) return;
    const parts = (Array.isArray(message) ? message : [message]).filter((part) => typeof part === "string");
    held.add(parts.length > 0 ? parts.join(" ") : "the engine met an error");
  });
  return { held, logger };
};

/** Looks at the database for ever. */
const watch = Effect.fnUntraced(function* (label: string, ask: Effect.Effect<unknown, unknown>, held: Set<string>) {
  const said = new Set<string>();
  let settled = looksBack;
  while (true) {
    yield* Effect.sleep(betweenLooks);
    const answer = yield* Effect.result(Effect.timeout(ask, patience));
    const away = answer._tag === "Failure";
    if (away && settled > 0) yield* Console.log(`${label} does not answer: waiting for it`);
    if (!away && settled === 0) yield* Console.log(`${label} is back`);
    settled = away ? 0 : settled + 1;
    const news = [...held].filter((text) => !said.has(text));
    held.clear();
    if (settled <= looksBack) continue; // they are about the database, which has its own line
    for (const text of news) {
      said.add(text);
      yield* Console.error(`warning: ${text}`);
    }
  }
});

/** (name of the database, its engine, work) ⇒ the work, and a line whenever the database goes or comes back. */
export const overDatabase = <A, E, R, E2>(
  label: string,
  engine: Layer.Layer<SweepEngine, E2>,
  work: Effect.Effect<A, E, R>,
): Effect.Effect<A, E | E2, Exclude<R, SweepEngine>> =>
  Effect.suspend(() => {
    const { held, logger } = makeHeldWarnings();
    const both = SweepEngine.use(({ ping }) => Effect.raceFirst(work, watch(label, ping, held)));
    return both.pipe(Effect.provide(engine), Effect.provide(Logger.layer([logger])));
  });
