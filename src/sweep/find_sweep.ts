/**
 * Where the sweep of an ablation file is.
 * (file, --out) ⇒ (folder)
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { valueAt } from "../config/located.ts";
import { nameFault, nameOf } from "../config/names.ts";
import { type ConfigInvalid, configInvalid } from "../config/problems.ts";
import { readTree } from "../config/read_tree.ts";

/**
 * (ablation file, --out or null) ⇒ the folder in which `ablate` puts its sweep: runs/<its name>, where a file that cannot be
 * read in full has that of the file.
 *
 * Fails: ConfigInvalid where a file is needed and is not there.
 */
export const findSweep = (file: string, out: string | null): Effect.Effect<string, ConfigInvalid> => {
  if (out !== null) return Effect.succeed(out);
  const { tree, problems } = readTree(file, "base and axes");
  if (!existsSync(file)) return Effect.fail(configInvalid(file, "an ablation", problems));
  const name = valueAt(tree, ["name"]);
  return Effect.succeed(join("runs", typeof name === "string" && nameFault(name) === null ? name : nameOf(file)));
};
