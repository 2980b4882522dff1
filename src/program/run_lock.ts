/**
 * The lock of a run folder: the file `run.lock` names the process that trains in it, and is touched while that one lives.
 *
 * A process that was killed leaves its lock behind. On the same machine the next one sees that it is gone, also where its
 * number is used again; of another machine only the silence tells.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";
import {
  closeSync,
  existsSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { temporaryPrefix, writeAll, writing } from "./durable_file.ts";
import { RunFolderBusy, type RunFolderUnwritable } from "./errors.ts";
import { isRunning, processStart, tellsStart } from "./is_running.ts";

/** (run folder) ⇒ path of its lock. */
export const lockPath = (folder: string): string => join(folder, "run.lock");

/** Milliseconds between two touches of a lock. */
const betweenBeats = 2000;

/** Milliseconds without a touch after which the holder of a lock counts as gone, unless it is seen to run. */
export const lockSilence = 90_000;

interface Owner {
  readonly pid: number;
  readonly host: string;
  /** As `processStart` makes it; absent where the machine does not tell. */
  readonly started?: string;
}

const held = new Set<string>(); // by this process, whose number an earlier one may have had as well

const parse = (text: string): Owner | null => {
  try {
    const owner: Owner = JSON.parse(text);
    return typeof owner.pid === "number" && typeof owner.host === "string" ? owner : null;
  } catch {
    return null; // a writer that was killed half-way
  }
};

/** alive: seen to run; unknown: of another machine, or of a process that may be another by now. */
type Standing = "alive" | "gone" | "unknown";

const standingOf = (lock: string, { pid, host, started }: Owner): Standing => {
  if (host !== hostname()) return "unknown";
  if (pid === process.pid) return held.has(lock) ? "alive" : "gone";
  if (!isRunning(pid)) return "gone";
  if (!tellsStart()) return "alive";
  if (started === undefined) return "unknown";
  return processStart(pid) === started ? "alive" : "gone";
};

/** (lock, its content) ⇒ who holds it; null: nobody any more. */
const ownerIn = (lock: string, text: string): Owner | null => {
  const owner = parse(text);
  return owner === null || standingOf(lock, owner) === "gone" ? null : owner;
};

const read = (lock: string): string => {
  try {
    return readFileSync(lock, "utf8");
  } catch {
    return ""; // there is none
  }
};

const ownText = (): string => {
  const started = processStart(process.pid);
  return JSON.stringify({ pid: process.pid, host: hostname(), ...(started === null ? {} : { started }) }) + "\n";
};

const isExisting = (error: unknown): boolean => (error as { readonly code?: unknown }).code === "EEXIST";

let serial = 0;
const temporaryIn = (folder: string): string => join(folder, `${temporaryPrefix}lock-${process.pid}-${serial++}`);

/** Where files cannot have two names, a lock is empty for a moment. */
const createInPlace = (lock: string, text: string): boolean => {
  let file;
  try {
    file = openSync(lock, "wx");
  } catch (error) {
    if (isExisting(error)) return false;
    throw error;
  }
  try {
    writeAll(file, text);
  } finally {
    closeSync(file);
  }
  return true;
};

/** (run folder) ⇒ whether its lock was free and is ours now; nobody sees a part of it. */
const create = (folder: string): boolean => {
  const lock = lockPath(folder), temporary = temporaryIn(folder), text = ownText();
  if (existsSync(lock)) return false;
  let created;
  try {
    writeFileSync(temporary, text);
    try {
      linkSync(temporary, lock);
      created = true;
    } catch (error) {
      created = !isExisting(error) && createInPlace(lock, text);
    }
  } finally {
    rmSync(temporary, { force: true });
  }
  if (created) held.add(lock);
  return created;
};

/** Removes a lock that says this: it is moved away first, so that one which was renewed meanwhile can be put back. */
const clear = (folder: string, text: string): void => {
  const lock = lockPath(folder), stale = temporaryIn(folder);
  if (read(lock) !== text) return;
  try {
    renameSync(lock, stale);
  } catch {
    return; // another was faster
  }
  if (read(stale) !== text && !existsSync(lock)) renameSync(stale, lock);
  rmSync(stale, { force: true });
};

/** (run folder) ⇒ null where the lock is ours now, or who has it. */
const take = (folder: string): Owner | null => {
  const lock = lockPath(folder);
  if (create(folder)) return null;
  const text = read(lock);
  const owner = ownerIn(lock, text);
  if (owner !== null) return owner;
  clear(folder, text);
  return create(folder) ? null : ownerIn(lock, read(lock)) ?? { pid: 0, host: "unknown" };
};

/** Leaves the lock of another alone, which may have taken over from this process while it was halted. */
const release = (folder: string): void => {
  const lock = lockPath(folder);
  held.delete(lock);
  if (read(lock) === ownText()) rmSync(lock, { force: true });
};

/** (run folder) ⇒ touches its lock where the holder is seen to run here: other machines see that it lives. */
export const touchLock = (folder: string): void => {
  const lock = lockPath(folder), owner = parse(read(lock));
  if (owner === null || standingOf(lock, owner) !== "alive") return;
  const now = new Date();
  try {
    utimesSync(lock, now, now);
  } catch {
    // let go meanwhile
  }
};

/** Touches the lock for ever. A process that computes for long needs another to do so. */
export const keepTouched = (folder: string): Effect.Effect<never> =>
  Effect.sync(() => touchLock(folder)).pipe(Effect.andThen(Effect.sleep(betweenBeats)), Effect.forever);

const touchedAt = (lock: string): number => statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** (run folder) ⇒ whether a process works in it, as far as its lock tells now. */
export const isLocked = (folder: string): boolean => {
  const lock = lockPath(folder), owner = ownerIn(lock, read(lock));
  if (owner === null) return false;
  return standingOf(lock, owner) === "alive" || new Date().getTime() - touchedAt(lock) < lockSilence;
};

const longestStep = 2 * betweenBeats; // a machine that slept in between has not listened

/**
 * (milliseconds) ⇒ a look to take again and again: (run folder) ⇒ whether it is locked. A lock that nobody touches for so
 * many milliseconds of looking is removed, unless its holder is seen to run.
 */
export const makeLockWatch = (silence: number): (folder: string) => boolean => {
  let seen = "", silent = 0, last = performance.now();
  return (folder) => {
    const lock = lockPath(folder), text = read(lock), now = performance.now();
    const owner = ownerIn(lock, text);
    if (owner === null) return false;
    const present = `${text}${touchedAt(lock)}`;
    silent = present === seen ? silent + Math.min(now - last, longestStep) : 0;
    [seen, last] = [present, now];
    if (silent < silence || standingOf(lock, owner) === "alive") return true;
    clear(folder, text);
    return false;
  };
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
        owner === null ? Effect.void : Effect.fail(
          new RunFolderBusy({ path: folder, lock: lockPath(folder), pid: owner.pid, host: owner.host }),
        ),
    ),
    () => Effect.sync(() => release(folder)),
  ).pipe(Effect.andThen(Effect.asVoid(Effect.forkScoped(keepTouched(folder)))));
