/**
 * Writes what is generated anew: physics of the compiled models, then the scripts of the pages, which hold those physics.
 *
 *   deno task gen [--check]
 *
 * `--check` writes nothing and exits with 1 when a file is stale.
 *
 * @module
 */
import { parseArgs } from "@std/cli";
import process from "node:process";
import { generateScripts } from "../page/bundle.ts";
import { generatePhysics } from "../physics/codegen/write.ts";

const mode = parseArgs(Deno.args, { boolean: ["check"] }).check ? "check" : "write";
const stale = [...generatePhysics(mode), ...generateScripts(mode)];
if (mode === "check" && stale.length > 0) {
  console.error(`Cannot pass the check as generated files must be fresh: run "deno task gen" for ${stale.join(", ")}`);
  process.exitCode = 1;
} else console.log(stale.length === 0 ? "Generated files are fresh" : `Wrote ${stale.join(", ")}`);
