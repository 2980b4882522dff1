/**
 * Options that the pipelines of earlier runs do not name, as those were not there yet.
 *
 * @module
 */
import { isTree, valueAt } from "../config/located.ts";
import { readTree } from "../config/read_tree.ts";

/** (recorded pipeline, every option of its version written out) ⇒ what the options that came later are for it. */
export const optionsSince = (file: string): ReadonlyArray<string> => {
  const { tree, readable } = readTree(file, "task");
  const model = readable ? valueAt(tree, ["networks", "model"]) : null;
  if (!isTree(model) || model.kind === "simulator" || Object.hasOwn(model, "linear")) return [];
  return ["networks.model.linear=false"];
};
