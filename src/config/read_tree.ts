/**
 * A file as a tree with places, before it is known what it is.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { isTree, type Located, locatedAt, positionOf } from "./located.ts";
import { parseLocated } from "./parse_yaml.ts";
import type { Problem } from "./problems.ts";

/** A tree before it is decoded: of one file, or of several merged. */
export interface Source {
  readonly tree: Located;
  readonly problems: ReadonlyArray<Problem>;
  /** Otherwise the tree is not worth a look. */
  readonly readable: boolean;
}

const wholeFile = (source: string, message: string): Problem => ({
  position: { source, line: 0, column: 0 },
  path: [],
  message,
});

/** (file, what its keys are for example) ⇒ its tree as it stands, and what keeps it from being a map. */
export const readTree = (file: string, keys: string): Source => {
  const source = relative(".", file) || file;
  try {
    const { tree, problems } = parseLocated(readFileSync(file, "utf8"), source);
    const shape = isTree(tree.root) || problems.length > 0
      ? []
      : [{ position: positionOf(tree, []), path: [], message: `must be a map of keys such as ${keys}` }];
    return {
      tree: isTree(tree.root) ? tree : { ...tree, root: {} },
      problems: [...problems, ...shape],
      readable: problems.length + shape.length === 0,
    };
  } catch (error) {
    const { code, message } = error as { readonly code?: string; readonly message: string };
    const reason = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : message;
    const position = { source, line: 0, column: 0 };
    return {
      tree: locatedAt({}, position),
      problems: [wholeFile(source, `must be a readable file: ${reason}`)],
      readable: false,
    };
  }
};
