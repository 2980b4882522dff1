/**
 * The modules that a file names by `use`, and the files that it is made from name.
 * (file) ⇒ (uses)
 *
 * @module
 */
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { isTree, type Located, positionOf, showAt, valueAt } from "./located.ts";
import type { Path, Position, Problem } from "./problems.ts";
import { readTree } from "./read_tree.ts";
import { robotModuleIn } from "./robot_in_pipeline.ts";

/** One entry of `use`. */
export interface Use {
  /** Absolute path of a file, `npm:name@version`, or `robot:` with what a file says of a robot. */
  readonly module: string;
  readonly position: Position;
  readonly path: Path;
}

const pinned = /^npm:(@[^/@]+\/)?[^/@]+@\d[^/]*(\/.*)?$/;

/** (what `use` says, file that says it) ⇒ the module, or what keeps it from being one, for `must …`. */
const moduleOf = (said: unknown, file: string): { readonly module: string } | { readonly fault: string } => {
  if (typeof said !== "string") return { fault: "must be the path of a module, or an npm: package" };
  if (/^\.{1,2}\/|^\//.test(said)) return { module: resolve(dirname(file), said) };
  if (said.startsWith("file:")) return { module: fileURLToPath(said) };
  if (pinned.test(said)) return { module: said };
  return said.startsWith("npm:")
    ? { fault: `must name the version of the package, as results depend on it, such as ${said.split("@1")[0]}@1.0.0` }
    : { fault: 'must be a local file that begins with "./" or "../", or an npm: package' };
};

/** (tree of a file, file) ⇒ the entries of its `use`, and what is wrong with them. */
export const usesOf = (tree: Located, file: string): { uses: ReadonlyArray<Use>; problems: ReadonlyArray<Problem> } => {
  const said = valueAt(tree, ["use"]), uses: Use[] = [], problems: Problem[] = [];
  const items = said === undefined ? [] : Array.isArray(said) ? said : null;
  if (items === null) {
    const message = `must be a list of modules: current value is ${showAt(tree, ["use"])}`;
    return { uses, problems: [{ position: positionOf(tree, ["use"]), path: ["use"], message }] };
  }
  items.forEach((item, i) => {
    const path = ["use", i], position = positionOf(tree, path), found = moduleOf(item, file);
    const earlier = "module" in found ? uses.find(({ module }) => module === found.module) : undefined;
    if (earlier !== undefined) {
      const message = `must name a module once: ${earlier.path.join(".")} names ${showAt(tree, earlier.path)} already`;
      problems.push({ position, path, message });
    } else if ("module" in found) uses.push({ module: found.module, position, path });
    else problems.push({ position, path, message: `${found.fault}: current value is ${showAt(tree, path)}` });
  });
  const robot = robotModuleIn(tree);
  if (robot !== null) uses.push({ module: robot, position: positionOf(tree, ["task"]), path: ["task"] });
  return { uses, problems };
};

const strings = (value: unknown): ReadonlyArray<string> =>
  typeof value === "string"
    ? [value]
    : isTree(value)
    ? Object.values(value).filter((each) => typeof each === "string")
    : [];

/** (tree) ⇒ the files that it is made from: what it extends, and the pipelines of an ablation. */
const madeFrom = (tree: Located): ReadonlyArray<string> => {
  const axes = valueAt(tree, ["axes"]);
  const variants = isTree(axes) ? Object.values(axes).flatMap((axis) => isTree(axis) ? Object.values(axis) : []) : [];
  const bases = variants.map((each) => (isTree(each) ? each.base : undefined));
  return [valueAt(tree, ["extends"]), valueAt(tree, ["base"]), ...bases].flatMap(strings);
};

/** (file) ⇒ every module that is needed to read it, each once. What is wrong with `use` is told when the file is read. */
export const usesWithin = (file: string): ReadonlyArray<Use> => {
  const found = new Map<string, Use>(), seen = new Set<string>(), left = [resolve(file)];
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const { tree } = readTree(path, ""), here = dirname(path);
    for (const use of usesOf(tree, path).uses) if (!found.has(use.module)) found.set(use.module, use);
    left.push(...madeFrom(tree).map((each) => resolve(here, each)));
  }
  return [...found.values()];
};
