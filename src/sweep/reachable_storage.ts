/**
 * The database that a command names, once it is known that the sandbox lets it be reached.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { resolveStorage, StorageInvalid } from "./storage.ts";
import { forbiddenHost } from "../sandbox/denials.ts";

/** (--storage or null, environment) ⇒ (storage), null for the embedded engine. Fails: StorageInvalid. */
export const reachableStorage = Effect.fnUntraced(function* (...given: Parameters<typeof resolveStorage>) {
  const storage = yield* resolveStorage(...given);
  if (storage === null || storage.host.startsWith("/")) return storage; // a socket of this machine's
  const forbidden = forbiddenHost(storage.host, storage.port);
  if (forbidden === null) return storage;
  return yield* new StorageInvalid({ message: `Cannot use ${storage.label} as that must be allowed: ${forbidden}` });
});
