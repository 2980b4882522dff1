/**
 * Locks of the operating system's kernel on open files: one process at a time, freed by its death, whatever its number.
 *
 * @see flock(2)
 * @module
 */
import { statfsSync } from "node:fs";

/** granted: it is ours until the file is closed; refused: another open file has it; absent: this file system has none. */
export type Attempt = "granted" | "refused" | "absent";

/** exclusive: the only one; shared: among others that are shared, as a look takes it. */
export type LockMode = "exclusive" | "shared";

/** (open file, mode) ⇒ (attempt), without waiting. */
export const tryKernelLock = (file: Deno.FsFile, mode: LockMode): Attempt => {
  try {
    return file.tryLockSync(mode === "exclusive") ? "granted" : "refused";
  } catch {
    return "absent";
  }
};

/** File systems whose files other machines may see, by their number; FUSE is behind some of them. @see statfs(2) */
const sharedSystems: ReadonlySet<number> = new Set([
  0x6969, // NFS
  0x517b, // SMB
  0xff534d42, // CIFS
  0xfe534d42, // SMB 2
  0x00c36400, // Ceph
  0x0bd00bd0, // Lustre
  0x47504653, // GPFS
  0x19830326, // BeeGFS
  0x01161970, // GFS2
  0x7461636f, // OCFS2
  0x5346414f, // OpenAFS
  0x6b414653, // AFS
  0x01021997, // 9P
  0x65735546, // FUSE
]);

/** (folder) ⇒ whether it is known to be on a file system whose files other machines may see, too. */
export const isOnSharedSystem = (folder: string): boolean => {
  try {
    const granted = Deno.permissions.querySync({ name: "sys", kind: "statfs" }).state === "granted";
    return granted && Deno.build.os === "linux" && sharedSystems.has(statfsSync(folder).type >>> 0);
  } catch {
    return false; // there is no such folder
  }
};
