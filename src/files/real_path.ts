/**
 * Where a path leads, links on its way followed.
 *
 * @module
 */
import { lstatSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { codeOf } from "./reason.ts";

/** (path) ⇒ whether something is there, be it a link that leads nowhere. */
export const isThere = (path: string): boolean => {
  try {
    lstatSync(path);
    return true;
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(String(codeOf(error)))) return false; // ENOTDIR: below a file
    throw error;
  }
};

/** (path) ⇒ where it really is, or will be once it is made. Throws on a link that leads nowhere. */
export const realPath = (path: string): string => {
  const whole = resolve(path);
  return isThere(whole) || dirname(whole) === whole
    ? realpathSync(whole)
    : join(realPath(dirname(whole)), basename(whole));
};
