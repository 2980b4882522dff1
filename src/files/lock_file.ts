/**
 * The file `run.lock`: how it is made, looked at and removed, so that one process at a time has it.
 *
 * A lock appears whole, under a name of its own first, with the kernel's lock on it. It is removed by its owner, or by
 * whoever has the kernel's lock on what a dead one left; who opens it just then finds that the path no longer names the
 * file that it has locked, and tries again.
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import { existsSync, linkSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { codeOf } from "./reason.ts";
import { temporaryPrefix, writeAll } from "./durable_file.ts";
import { type Machine, type Owner, ownText, parseOwner, type Standing, standingOf } from "./lock_owner.ts";

/** (run folder) ⇒ path of its lock. */
export const lockPath = (folder: string): string => join(folder, "run.lock");

const read = (lock: string): string => {
  try {
    return readFileSync(lock, "utf8");
  } catch {
    return ""; // there is none
  }
};

/** (run folder) ⇒ what its lock says; nothing where there is none. */
export const readLock = (folder: string): string => read(lockPath(folder));

/** (path, how) ⇒ the open file; null where the error says that another was faster. */
const openUnless = (path: string, options: Deno.OpenOptions, lost: typeof Deno.errors.NotFound): Deno.FsFile | null => {
  try {
    return Deno.openSync(path, options);
  } catch (error) {
    if (error instanceof lost) return null;
    throw error;
  }
};

const openPresent = (lock: string, options: Deno.OpenOptions) => openUnless(lock, options, Deno.errors.NotFound);

const temporaryLock = `${temporaryPrefix}lock-`;
const temporaryIn = (folder: string): string => join(folder, temporaryLock + randomUUID());

/** A lock that this process has. */
export interface Held {
  /** Open for as long as the lock is held: the kernel's lock ends with it. */
  readonly file: Deno.FsFile;
  /** What it says. */
  readonly text: string;
}

/** Whether the path still names the open file, which others may have removed meanwhile. */
const isAt = (file: Deno.FsFile, path: string): boolean => {
  try {
    return Deno.statSync(path).ino === file.statSync().ino;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false; // nothing is there
    throw error;
  }
};

/** (path) ⇒ a lock made there; null where there is one, or another was faster. */
const makeLock = (path: string, machine: Machine): Held | null => {
  const file = openUnless(path, { createNew: true, read: true, write: true }, Deno.errors.AlreadyExists);
  if (file === null) return null;
  let isOurs = false;
  try {
    const attempt = machine.tryLock(file, "exclusive");
    if (attempt === "refused") return null;
    const text = ownText(machine, attempt === "granted");
    writeAll(0, text, (_, bytes, from) => file.writeSync(bytes.subarray(from)));
    isOurs = isAt(file, path);
    return isOurs ? { file, text } : null;
  } finally {
    if (!isOurs) file.close();
  }
};

/** Removes what processes left that were killed while they took the lock. */
const removeLeftovers = (folder: string, machine: Machine): void => {
  for (const name of readdirSync(folder).filter((name) => name.startsWith(temporaryLock))) {
    const path = join(folder, name), file = openPresent(path, { read: true, write: true });
    if (file !== null && machine.tryLock(file, "exclusive") === "granted") rmSync(path, { force: true });
    file?.close();
  }
};

/** (run folder) ⇒ its lock, made whole under another name and then linked; null where another was faster. */
const create = (folder: string, machine: Machine): Held | null => {
  const lock = lockPath(folder), temporary = temporaryIn(folder);
  if (existsSync(lock)) return null;
  removeLeftovers(folder, machine);
  const made = makeLock(temporary, machine);
  if (made === null) return null;
  try {
    linkSync(temporary, lock);
    return made;
  } catch (error) {
    made.file.close();
    const lost = codeOf(error) === "EEXIST" || codeOf(error) === "ENOENT";
    return lost ? null : makeLock(lock, machine); // files cannot have two names here: it is empty for a moment
  } finally {
    rmSync(temporary, { force: true });
  }
};

/**
 * Removes a lock that says this; on one machine, only whoever has the kernel's lock on it may. It is moved away first, so
 * that one which another machine has renewed meanwhile can be put back.
 */
const clear = (folder: string, text: string): void => {
  const lock = lockPath(folder), stale = temporaryIn(folder);
  try {
    renameSync(lock, stale);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return; // another was faster
    throw error;
  }
  try {
    if (read(stale) !== text) linkSync(stale, lock);
  } catch {
    if (!existsSync(lock)) renameSync(stale, lock); // files cannot have two names here; else a third one has taken it
  } finally {
    rmSync(stale, { force: true });
  }
};

/** What came of one try to take a lock: it, or who has it; null: others were about to do the same, or looked at it. */
export type Taken = { readonly held: Held } | { readonly owner: Owner } | null;

/** The owner of a lock that does not name it. */
export const nobody: Owner = { pid: 0, host: "unknown" };

/** (run folder) ⇒ one try to take its lock. Throws what the file system does. */
export const take = (folder: string, machine: Machine): Taken => {
  const created = create(folder, machine);
  if (created !== null) return { held: created };
  const lock = lockPath(folder), file = openPresent(lock, { read: true, write: true });
  if (file === null) return null;
  try {
    if (machine.tryLock(file, "exclusive") === "refused") {
      const isHeld = machine.tryLock(file, "shared") === "refused"; // and not only looked at
      return isHeld ? { owner: parseOwner(read(lock)) ?? nobody } : null;
    }
    if (!isAt(file, lock)) return null;
    const text = read(lock), owner = parseOwner(text);
    if (owner !== null && standingOf(owner, machine, folder) !== "gone") return { owner };
    clear(folder, text);
    return null;
  } finally {
    file.close();
  }
};

/**
 * (run folder, its lock) ⇒ lets go of it; leaves that of another alone, which may have taken over from this process while
 * it was halted.
 */
export const release = (folder: string, { file, text }: Held): void => {
  const lock = lockPath(folder);
  try {
    if (read(lock) === text) rmSync(lock, { force: true });
  } catch {
    // it cannot be removed any more: without the kernel's lock the next one takes it over
  } finally {
    file.close();
  }
};

/** What one look at a lock tells. */
export interface Look {
  /** What the lock says. */
  readonly text: string;
  /** Whether its owner is at work. */
  readonly standing: Standing;
}

/** (run folder) ⇒ a look at its lock, which keeps nobody from taking it; null where there is none. */
export const look = (folder: string, machine: Machine): Look | null => {
  const lock = lockPath(folder);
  let file: Deno.FsFile | undefined;
  try {
    file = Deno.openSync(lock);
    const isHeld = machine.tryLock(file, "shared") === "refused";
    const text = read(lock), owner = parseOwner(text);
    if (isHeld) return { text, standing: "alive" };
    return { text, standing: owner === null ? "gone" : standingOf(owner, machine, folder) };
  } catch {
    return null; // there is none, or none to be seen
  } finally {
    file?.close();
  }
};

/** (run folder, what its lock said) ⇒ removes it unless it is another's by now, or somebody has the kernel's. */
export const clearSilent = (folder: string, text: string, machine: Machine): void => {
  const lock = lockPath(folder), file = openPresent(lock, { read: true, write: true });
  if (file === null) return;
  try {
    const isFree = machine.tryLock(file, "exclusive") !== "refused";
    if (isFree && isAt(file, lock) && read(lock) === text) clear(folder, text);
  } finally {
    file.close();
  }
};
