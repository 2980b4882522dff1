/**
 * Writes the generated physics anew from the compiled models; `deno task gen` calls it.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { generatedFiles } from "./files.ts";

const folder = new URL("../generated/", import.meta.url);

/** (mode) ⇒ files of generated physics that were stale or belong to no model; "write" rewrites or removes them. */
export const generatePhysics = (mode: "check" | "write"): string[] => {
  const wanted = generatedFiles(), present = existsSync(folder) ? readdirSync(folder) : [];
  const files = [...new Set([...Object.keys(wanted), ...present])].sort();
  return files.filter((file) => {
    const path = new URL(file, folder), text = wanted[file];
    if (present.includes(file) && readFileSync(path, "utf8") === text) return false;
    if (mode === "write" && text === undefined) rmSync(path);
    else if (mode === "write") writeFileSync(path, text);
    return true;
  });
};
