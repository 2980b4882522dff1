/**
 * Files that are whole or not there: written to a temporary name, flushed to the disk, then renamed.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { createHash, randomUUID } from "node:crypto";
import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { reasonOf } from "./reason.ts";
import { RunFolderUnwritable } from "./errors.ts";

/** Prefix of names that a killed run may leave behind; nothing reads them. */
export const temporaryPrefix = ".tmp-";

/** (folder) ⇒ a path in it for what is not whole yet: no process of any machine that writes there has the same. */
export const temporaryIn = (folder: string): string => join(folder, `${temporaryPrefix}${randomUUID()}`);

const ofTemporaryIn = /^\.tmp-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Removes what killed writers left in a folder that nobody else writes to now; locks have temporaries of their own. */
export const removeTemporaries = (folder: string): void => {
  for (const name of readdirSync(folder).filter((each) => ofTemporaryIn.test(each))) {
    rmSync(join(folder, name), { recursive: true, force: true });
  }
};

/** (bytes) ⇒ SHA-256 in hexadecimal. */
export const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");

/** Flushes a folder's entries, so that a rename in it survives a power cut. */
export const syncFolder = (path: string): void => {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } catch {
    // some file systems cannot flush a folder; the rename is still atomic
  } finally {
    closeSync(file);
  }
};

/** (file, bytes, first byte to write) ⇒ bytes written, which may be fewer than there are. */
export type WriteSome = (file: number, bytes: Uint8Array, from: number) => number;

/** Writes to an open file until all is written. */
export const writeAll = (file: number, content: Uint8Array | string, writeSome: WriteSome = writeSync): void => {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  for (let done = 0; done < bytes.length;) done += writeSome(file, bytes, done);
};

/** Writes and flushes a file in place. */
export const writeFlushed = (path: string, content: Uint8Array | string): void => {
  const file = openSync(path, "w");
  try {
    writeAll(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
};

/** Writes a file so that a reader sees the old content or the new, never a part. */
export const writeWhole = (path: string, content: Uint8Array | string): void => {
  const temporary = temporaryIn(dirname(path));
  try {
    writeFlushed(temporary, content);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
};

/** (path, synchronous writes) ⇒ effect that fails with `RunFolderUnwritable`, naming the path. */
export const writing = <A>(path: string, write: () => A): Effect.Effect<A, RunFolderUnwritable> =>
  Effect.try({ try: write, catch: (error) => new RunFolderUnwritable({ path, reason: reasonOf(error) }) });
