/**
 * Writes the generated physics anew from the compiled models.
 *
 *   deno run --allow-read --allow-write src/physics/codegen/write.ts [--check]
 *
 * `--check` writes nothing and exits with 1 when a file is stale.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { parseArgs } from "@std/cli";
import process from "node:process";
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

if (import.meta.main) {
  const mode = parseArgs(Deno.args, { boolean: ["check"] }).check ? "check" : "write";
  const stale = generatePhysics(mode);
  if (mode === "check" && stale.length > 0) {
    console.error(
      `Cannot pass the check as generated files must be fresh: run "deno task gen" for ${stale.join(", ")}`,
    );
    process.exitCode = 1;
  } else console.log(stale.length === 0 ? "Generated files are fresh" : `Wrote ${stale.join(", ")}`);
}
