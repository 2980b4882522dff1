/**
 * Folders and files that last as long as the tests of one file.
 *
 * @module
 */
import { rmSync } from "node:fs";

const made: string[] = [];

globalThis.addEventListener("unload", () => {
  for (const path of made) rmSync(path, { recursive: true, force: true, maxRetries: 5 });
});

const kept = (path: string): string => {
  made.push(path);
  return path;
};

/** ⇒ a new, empty folder, which goes with the tests of the file that asked for it. */
export const temporaryFolder = (): string => kept(Deno.makeTempDirSync({ prefix: "mscv-test-" }));

/** (ending of its name) ⇒ a new, empty file, which goes with the tests of the file that asked for it. */
export const temporaryFile = (suffix: string): string => kept(Deno.makeTempFileSync({ prefix: "mscv-test-", suffix }));
