/**
 * A model's file, and the files that it names.
 *
 * (path) ⇒ (MJCF with its includes, meshes and height fields)
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Mjcf } from "./compile.ts";

/** A model that was read, and where its files lie. */
export interface MjcfOnDisk extends Mjcf {
  /** Absolute paths of the model's file and of those that it names, as far as they are there. */
  readonly paths: ReadonlyArray<string>;
}

const withoutComments = (xml: string): string => xml.replaceAll(/<!--[\s\S]*?-->/g, "");

const attribute = (element: string, name: string): string =>
  new RegExp(`\\s${name}\\s*=\\s*["']([^"']*)["']`).exec(element)?.[1] ?? "";

const folderOf: Readonly<Record<string, ReadonlyArray<string>>> = {
  mesh: ["meshdir", "assetdir"],
  skin: ["meshdir", "assetdir"],
  hfield: ["assetdir"],
  texture: ["texturedir", "assetdir"],
};

/** (XML, compiler element of the whole model) ⇒ paths that it names, as MuJoCo looks them up. */
const namedIn = (xml: string, compiler: string): ReadonlyArray<string> =>
  [...xml.matchAll(/<(\w+)\b[^>]*\sfile\s*=\s*["']([^"']+)["'][^>]*>/g)].map(([, kind, file]) => {
    const folder = (folderOf[kind!] ?? []).map((name) => attribute(compiler, name)).find((each) => each !== "");
    return folder === undefined ? file! : join(folder, file!);
  });

const readIfThere = (path: string): Uint8Array | null => {
  try {
    return readFileSync(path);
  } catch {
    return null; // MuJoCo says so, in its own words
  }
};

/**
 * (path of an MJCF file) ⇒ (model), with what lies beside it: `mujocoSimulator` takes it.
 *
 * Throws what reading the file throws where it is not there. A file that the model names and that is not there is told when it
 * is compiled.
 */
export const readMjcf = (path: string): MjcfOnDisk => {
  const main = resolve(path), xml = readFileSync(main, "utf8"), folder = dirname(main);
  const files: Record<string, Uint8Array> = {}, paths = [main], left = [withoutComments(xml)];
  const compiler = /<compiler\b[^>]*>/.exec(left[0]!)?.[0] ?? "";
  for (let text = left.pop(); text !== undefined; text = left.pop()) {
    for (const name of namedIn(text, compiler)) {
      const bytes = Object.hasOwn(files, name) ? null : readIfThere(resolve(folder, name));
      if (bytes === null) continue;
      files[name] = new Uint8Array(bytes);
      paths.push(resolve(folder, name));
      if (name.endsWith(".xml")) left.push(withoutComments(new TextDecoder().decode(bytes)));
    }
  }
  return { name: path, xml, files, paths };
};
