/**
 * Files of the project and what imports what.
 *
 * @module
 */

/** One import of one file. */
export interface Edge {
  readonly from: string; // path below src
  readonly to: string; // path below src, or a package
  readonly kind: "local" | "package";
  readonly types: boolean; // imports nothing but types
}

/** (clause of an import or export) ⇒ whether it names nothing but types. */
const onlyTypes = (clause: string): boolean => {
  if (/^type\b/.test(clause)) return true;
  const names = /^\{([^]*)\}$/.exec(clause.trim())?.[1].split(",").map((x) => x.trim()).filter((x) => x !== "");
  return names !== undefined && names.length > 0 && names.every((name) => name.startsWith("type "));
};

/** (path below src, source) ⇒ (edges): static, dynamic and worker imports, comments left out. */
export const edgesOf = (from: string, source: string): Edge[] => {
  const code = source.replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "");
  const found = [
    ...code.matchAll(/^(?:import|export)\s+([^;"'`]*?)\s*from\s+"([^"]+)"/gm),
    ...code.matchAll(/^(import)\s+"([^"]+)"/gm),
    ...code.matchAll(/(\bimport|new URL)\(\s*"([^"]+)"/g),
  ];
  return found.map(([, clause, specifier]) => {
    const kind = specifier.startsWith(".") ? "local" : "package";
    const path = new URL(specifier, `file:///house/src/${from}`).pathname;
    const to = kind === "package" ? specifier : path.replace("/house/src/", "").replace("/house/", "../");
    return { from, to, kind, types: onlyTypes(clause) };
  });
};

/** (edges) ⇒ modules by number of their circle, by Tarjan's algorithm: each list can be gone round. */
export const circlesOf = (edges: ReadonlyArray<Edge>): string[][] => {
  const next = new Map<string, string[]>();
  for (const { from, to } of edges.filter(({ kind, types }) => kind === "local" && !types)) {
    next.set(from, [...(next.get(from) ?? []), to]);
  }
  const order = new Map<string, number>(), lowest = new Map<string, number>();
  const open: string[] = [], circles: string[][] = [];
  const visit = (module: string): void => {
    order.set(module, order.size);
    lowest.set(module, order.size - 1);
    open.push(module);
    for (const to of next.get(module) ?? []) {
      if (!order.has(to)) visit(to);
      if (open.includes(to)) lowest.set(module, Math.min(lowest.get(module)!, lowest.get(to)!));
    }
    if (lowest.get(module) !== order.get(module)) return;
    const circle = open.splice(open.indexOf(module));
    if (circle.length > 1 || next.get(module)?.includes(module)) circles.push(circle.sort());
  };
  for (const module of next.keys()) if (!order.has(module)) visit(module);
  return circles.sort((a, b) => (a[0] < b[0] ? -1 : 1));
};

const root = new URL("../", import.meta.url);

const foreign = /^(\..*|node_modules|__pycache__)$/; // not this project's: environments, caches, installed packages

/** (folder) ⇒ paths of all of the project's that lies below it, folders with a slash at their end. */
export const walk = (folder: string): string[] => {
  const entries = [...Deno.readDirSync(new URL(folder, root))].filter(({ name }) => !foreign.test(name));
  const below = entries.map((entry) => ({ ...entry, path: folder + entry.name }));
  return below.flatMap(({ path, isDirectory }) => (isDirectory ? [`${path}/`, ...walk(`${path}/`)] : [path])).sort();
};

/** (path below the root of the project) ⇒ its text. */
export const read = (path: string): string => Deno.readTextFileSync(new URL(path, root));
