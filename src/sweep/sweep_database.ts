/**
 * What a sweep over a database is done with, loaded only where one is named.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { loadModule } from "../files/load_module.ts";

/** ⇒ the engine of sweeps, its client, and what watches it. */
export const sweepDatabase = Effect.promise(async () => ({
  ...await loadModule<typeof import("./postgres.ts")>(import.meta.resolve("./postgres.ts")),
  ...await loadModule<typeof import("./engine.ts")>(import.meta.resolve("./engine.ts")),
  ...await loadModule<typeof import("./database_watch.ts")>(import.meta.resolve("./database_watch.ts")),
  ...await loadModule<typeof import("./carried_logs.ts")>(import.meta.resolve("./carried_logs.ts")),
}));
