/**
 * What a user names when a run is opened: its folder, or a checkpoint in it.
 * (path) ⇒ (run folder, checkpoint)
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { basename, dirname } from "node:path";
import { UsageInvalid } from "../config/usage.ts";
import { bestName } from "./best_checkpoint.ts";

/** Which checkpoint of a run: the newest that can be read, the one that evaluated best, or the one of an iteration. */
export type Which = "latest" | "best" | number;

/** A run folder and one of its checkpoints. */
export interface RunPlace {
  /** Path of the run folder. */
  readonly path: string;
  readonly which: Which;
}

const invalid = (path: string, name: string): UsageInvalid =>
  new UsageInvalid({
    message: `Cannot open ${path} as a checkpoint must be named by its iteration, or ${bestName}: ` +
      `current value is "${name}"`,
  });

/** `runs/<id>`: its newest checkpoint; `runs/<id>/checkpoints/000010`, `…/10`, `…/best`: that one. Fails: UsageInvalid. */
export const parsePlace = (path: string): Effect.Effect<RunPlace, UsageInvalid> => {
  const name = basename(path), folder = dirname(path), number = /^\d+$/.test(name) ? Number(name) : NaN;
  if (basename(folder) !== "checkpoints") return Effect.succeed({ path, which: "latest" });
  if (name === bestName) return Effect.succeed({ path: dirname(folder), which: "best" });
  return Number.isSafeInteger(number)
    ? Effect.succeed({ path: dirname(folder), which: number })
    : Effect.fail(invalid(path, name));
};
