/**
 * The lock of a run folder: the file `run.lock` names the process that trains in it, and is touched while that one lives.
 *
 * Its owner holds the kernel's lock on that file. So on one machine, across containers, at most one process has it, and
 * its death frees it. On a path that machines share, the kernel of one may know nothing of another's lock: there a
 * remote owner is presumed dead once nobody has touched the lock for long enough.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";
import { existsSync, mkdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { writing } from "./durable_file.ts";
import { RunFolderBusy, type RunFolderUnwritable } from "./errors.ts";
import { clearSilent, type Held, lockPath, look, nobody, readLock, release, take } from "./lock_file.ts";
import { type Machine, parseOwner, thisMachine } from "./lock_owner.ts";

/** Milliseconds between two touches of a lock. */
const betweenBeats = 2000;

/** Milliseconds without a touch after which the owner of a lock is presumed dead, unless it is seen to hold it. */
export const lockSilence = 90_000;

const touchBy = (touch: (now: Date) => void): void => {
  try {
    touch(new Date());
  } catch {
    // let go meanwhile, or nothing can be written now
  }
};

/** (run folder) ⇒ touches its lock where the owner is seen to hold it here: other machines see that it lives. */
export const touchLock = (folder: string, machine: Machine = thisMachine()): void => {
  const looked = look(folder, machine);
  if (looked?.standing !== "alive" || parseOwner(looked.text)?.host !== machine.host) return;
  touchBy((now) => utimesSync(lockPath(folder), now, now));
};

const beating = (touch: () => void): Effect.Effect<never> =>
  Effect.sync(touch).pipe(Effect.andThen(Effect.sleep(betweenBeats)), Effect.forever);

/** Touches the lock for ever. A process that computes for long needs another to do so. */
export const keepTouched = (folder: string): Effect.Effect<never> => beating(() => touchLock(folder));

/**
 * (run folder) ⇒ whether a process works in it, as far as its lock tells now. One look cannot tell whether an owner on
 * another machine is dead: it counts as at work.
 */
export const isLocked = (folder: string, machine: Machine = thisMachine()): boolean =>
  (look(folder, machine)?.standing ?? "gone") !== "gone";

const longestStep = 2 * betweenBeats; // a machine that slept in between has not watched

/**
 * (milliseconds) ⇒ a check to repeat: (run folder) ⇒ whether it is locked. A lock that stays untouched through so many
 * milliseconds of checks is removed, unless its owner is seen to hold it. Times that other machines wrote are compared
 * for equality alone, so that no clock need be right.
 *
 * @param now milliseconds since any moment, which never go back
 */
export const makeLockWatch = (
  silence: number,
  machine: Machine = thisMachine(),
  now: () => number = () => performance.now(),
): (folder: string) => boolean => {
  let seen = "", silent = 0, last = now();
  return (folder) => {
    const looked = look(folder, machine), time = now();
    if (looked === null || looked.standing === "gone") return false;
    const { text, standing } = looked;
    const present = `${text}${statSync(lockPath(folder), { throwIfNoEntry: false })?.mtimeMs}`;
    silent = standing === "unknown" && present === seen ? silent + Math.min(time - last, longestStep) : 0;
    [seen, last] = [present, time];
    if (silent < silence) return true;
    clearSilent(folder, text, machine);
    return isLocked(folder, machine);
  };
};

const triesAtOnce = 2; // the first removes what a dead one left
const longestContest = 1000; // tries

const taking = Effect.fnUntraced(function* (
  folder: string,
  machine: Machine,
): Effect.fn.Return<Held, RunFolderBusy | RunFolderUnwritable> {
  const lock = lockPath(folder);
  let owner = nobody;
  for (let tries = 1; tries <= longestContest; tries++) {
    const taken = yield* writing(lock, () => take(folder, machine));
    if (taken !== null && "held" in taken) return taken.held;
    if (taken !== null) {
      owner = taken.owner;
      break;
    }
    if (tries >= triesAtOnce) yield* Effect.sleep(5 * Math.random()); // milliseconds, others for every contestant
  }
  return yield* Effect.fail(new RunFolderBusy({ path: folder, lock, pid: owner.pid, host: owner.host }));
});

/** A lock that this process has, as far as it knows. */
export interface RunLock {
  /**
   * Succeeds while the lock is this process's: to be run before every write. A process that was halted for long, such
   * as on a machine that slept, may have been presumed dead, and lost the lock to another machine. Fails:
   * RunFolderBusy.
   */
  readonly stillOurs: Effect.Effect<void, RunFolderBusy>;
}

const stillOurs = (folder: string, { text }: Held): RunLock["stillOurs"] =>
  Effect.suspend(() => {
    const found = readLock(folder);
    if (found === text) return Effect.void;
    const { pid, host } = parseOwner(found) ?? nobody;
    return Effect.fail(new RunFolderBusy({ path: folder, lock: lockPath(folder), pid, host }));
  });

/** Touches a lock that was taken for as long as the scope lasts. */
const keeping = Effect.fnUntraced(
  function* (folder: string, held: Held): Effect.fn.Return<RunLock, never, Scope.Scope> {
    yield* Effect.forkScoped(beating(() => touchBy((now) => held.file.utimeSync(now, now))));
    return { stillOurs: stillOurs(folder, held) };
  },
);

/**
 * (run folder) ⇒ its lock, until the scope ends.
 *
 * Fails: RunFolderBusy where another process has it, which on another machine cannot be told from one that was killed;
 * RunFolderUnwritable.
 */
export const lockRunFolder = (
  folder: string,
  machine: Machine = thisMachine(),
): Effect.Effect<RunLock, RunFolderBusy | RunFolderUnwritable, Scope.Scope> =>
  Effect.acquireRelease(taking(folder, machine), (held) => Effect.sync(() => release(folder, held))).pipe(
    Effect.flatMap((held) => keeping(folder, held)),
  );

/** A new folder and its lock. */
interface Made {
  readonly folder: string;
  readonly held: Held;
}

/** (path) ⇒ a new folder there, locked. Throws what the file system does. */
const makeLocked = (folder: string, machine: Machine): Made => {
  for (let tries = 1;; tries++) {
    mkdirSync(folder, { recursive: true });
    try {
      const taken = take(folder, machine);
      if (taken !== null && "held" in taken) return { folder, held: taken.held };
      if (tries > longestContest) throw new Error(`its lock must be its maker's: it cannot be taken in ${folder}`);
    } catch (error) {
      if (existsSync(folder) || tries > longestContest) throw error; // else another has removed it, as it was empty
    }
  }
};

/**
 * (temporary path, path, fill) ⇒ the lock of a new folder, taken before it is filled under its temporary name and kept,
 * without a moment between, when `fill` has given it its own name: until the scope ends. Where `fill` fails, nothing is left.
 *
 * Fails: RunFolderUnwritable; what `fill` does.
 */
export const makeLockedFolder = <E, R>(
  temporary: string,
  path: string,
  fill: Effect.Effect<void, E, R>,
  machine: Machine = thisMachine(),
): Effect.Effect<RunLock, E | RunFolderUnwritable, R | Scope.Scope> =>
  Effect.suspend(() => {
    let at = temporary; // where the folder is by now
    const remove = Effect.sync(() => rmSync(temporary, { recursive: true, force: true }));
    return Effect.acquireRelease(
      writing(path, () => makeLocked(temporary, machine)),
      ({ held }) => Effect.sync(() => release(at, held)),
    ).pipe(
      Effect.tap(() => Effect.onError(fill, () => Effect.ignoreCause(remove))),
      Effect.tap(() => Effect.sync(() => at = path)),
      Effect.flatMap(({ held }) => keeping(path, held)),
    );
  });

/** Removes a folder whose lock is free, whatever its maker has left in it; one that is being made is made anew then. */
export const removeAbandoned = (folder: string, machine: Machine = thisMachine()): void => {
  try {
    for (let tries = 1; tries <= triesAtOnce; tries++) {
      const taken = take(folder, machine);
      if (taken === null || !("held" in taken)) continue;
      rmSync(folder, { recursive: true, force: true });
      return taken.held.file.close();
    }
  } catch {
    // it is gone meanwhile
  }
};
