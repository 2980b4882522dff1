/**
 * When a run began.
 *
 * @module
 */
import { readFileSync, statSync } from "node:fs";
import type { RunFolder } from "./run_folder.ts";

/** (run folder) ⇒ s since 1970: as its environment.json tells, else that of its log, else 0. */
export const startOf = ({ environment, metrics }: RunFolder): number => {
  try {
    const told = Date.parse(
      (JSON.parse(readFileSync(environment, "utf8")) as { readonly startedAt: string }).startedAt,
    );
    if (Number.isFinite(told)) return told / 1000;
  } catch {
    // it has none that can be read
  }
  return (statSync(metrics, { throwIfNoEntry: false })?.mtimeMs ?? 0) / 1000;
};
