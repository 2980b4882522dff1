/**
 * The lock of a run folder: the file `run.lock` names the process that trains in it.
 *
 * A process that was killed leaves its lock behind; the next one on the same machine sees that it is gone and takes over.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";
import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { temporaryPrefix, writeAll, writing } from "./durable_file.ts";
import { RunFolderBusy, type RunFolderUnwritable } from "./errors.ts";
import { isRunning } from "./is_running.ts";

/** (run folder) ⇒ path of its lock. */
export const lockPath = (folder: string): string => join(folder, "run.lock");

interface Owner {
  readonly pid: number;
  readonly host: string;
}

const held = new Set<string>(); // by this process, whose number an earlier one may have had as well

/** (lock, its content) ⇒ who holds it; null: nobody any more, or a writer that was killed half-way. */
const ownerIn = (lock: string, text: string): Owner | null => {
  try {
    const { pid, host }: Owner = JSON.parse(text);
    if (typeof pid !== "number" || typeof host !== "string") return null;
    const alive = host !== hostname() || (pid === process.pid ? held.has(lock) : isRunning(pid));
    return alive ? { pid, host } : null;
  } catch {
    return null;
  }
};

const read = (lock: string): string => existsSync(lock) ? readFileSync(lock, "utf8") : "";

/** (lock) ⇒ whether it was free and is ours now. */
const create = (lock: string): boolean => {
  let file;
  try {
    file = openSync(lock, "wx");
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === "EEXIST") return false;
    throw error;
  }
  try {
    writeAll(file, JSON.stringify({ pid: process.pid, host: hostname() }) + "\n");
  } finally {
    closeSync(file);
  }
  held.add(lock);
  return true;
};

/** Moves a stale lock away before it is removed: of two processes that found it stale, one finds it gone or renewed. */
const clear = (folder: string): void => {
  const lock = lockPath(folder), stale = join(folder, `${temporaryPrefix}lock-${process.pid}`);
  try {
    renameSync(lock, stale);
  } catch {
    return;
  }
  if (ownerIn(lock, readFileSync(stale, "utf8")) === null) rmSync(stale);
  else renameSync(stale, lock);
};

/** (run folder) ⇒ null where the lock is ours now, or who has it. */
const take = (folder: string): Owner | null => {
  const lock = lockPath(folder);
  if (create(lock)) return null;
  const owner = ownerIn(lock, read(lock));
  if (owner !== null) return owner;
  clear(folder);
  return create(lock) ? null : ownerIn(lock, read(lock)) ?? { pid: 0, host: "unknown" };
};

const release = (folder: string): void => {
  held.delete(lockPath(folder));
  rmSync(lockPath(folder), { force: true });
};

/**
 * (run folder) ⇒ its lock, until the scope ends.
 *
 * Fails: RunFolderBusy where another process has it, which on another machine cannot be told from one that was killed;
 * RunFolderUnwritable.
 */
export const lockRunFolder = (folder: string): Effect.Effect<void, RunFolderBusy | RunFolderUnwritable, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.flatMap(
      writing(lockPath(folder), () => take(folder)),
      (owner) =>
        owner === null
          ? Effect.void
          : Effect.fail(new RunFolderBusy({ path: folder, lock: lockPath(folder), ...owner })),
    ),
    () => Effect.sync(() => release(folder)),
  );
