/**
 * MJCF, compiled by MuJoCo.
 *
 * (text of a model, files beside it) ⇒ (MuJoCo's model)
 *
 * @module
 */
import type { MjModel } from "@mujoco/mujoco";
import type { Mujoco } from "./engine.ts";

/** A model as a text, and what it names by `file`. */
export interface Mjcf {
  /** What messages call it: the path of a file. */
  readonly name: string;
  /** The text of the model. */
  readonly xml: string;
  /** Contents of includes, meshes and height fields by their paths, as the model names them; absent: none. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
}

/** A model that MuJoCo does not compile. */
export class MjcfInvalid extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "MjcfInvalid";
  /** The class name, as shown in a failure. */
  override readonly name = "MjcfInvalid";

  /** (name of the model, line or null, what is wrong with it) ⇒ (error with a message). */
  constructor(readonly model: string, readonly line: number | null, readonly flaw: string) {
    super(`Cannot load ${model}${line === null ? "" : `:${line}`} as ${flaw}`);
  }
}

/** (what MuJoCo said) ⇒ the same on one line, and the line of the file that it is of. */
const readMessage = (message: string): { readonly line: number | null; readonly words: string } => {
  const said = message.replace(/^MuJoCo Error: (Loading error: )?/, "").replaceAll(/\s+/g, " ").trim();
  const line = Number(/\bline (?:number=)?(\d+)/i.exec(said)?.[1] ?? 0);
  return { line: line > 0 ? line : null, words: said };
};

const mujocoError = (name: string, error: unknown): MjcfInvalid => {
  const { line, words } = readMessage(String((error as Error).message ?? error));
  return new MjcfInvalid(name, line, `MuJoCo must compile it: ${words}`);
};

const DEEPEST = 100; // bodies within bodies: WASM's stack overflows at some 130, and leaves the engine broken

/** (text of a model) ⇒ most bodies that lie one within another. */
const depthOf = (xml: string): number => {
  let depth = 0, most = 0;
  for (const [, close, alone] of xml.replaceAll(/<!--[\s\S]*?-->/g, "").matchAll(/<(\/?)body\b[^>]*?(\/?)>/g)) {
    depth += close === "/" ? -1 : 1;
    most = Math.max(most, depth);
    if (alone === "/") depth--;
  }
  return most;
};

/** (engine, model) ⇒ (MuJoCo's model), which the caller deletes. Throws MjcfInvalid, in MuJoCo's own words where they are its. */
export const compileMjcf = (mujoco: Mujoco, { name, xml, files = {} }: Mjcf): MjModel => {
  const depth = depthOf(xml);
  if (depth > DEEPEST) {
    throw new MjcfInvalid(name, null, `bodies must be nested at most ${DEEPEST} deep: current value is ${depth}`);
  }
  const folder = new mujoco.MjVFS();
  try {
    for (const [path, bytes] of Object.entries(files)) folder.addBuffer(path, bytes);
    const model = mujoco.MjModel.from_xml_string(xml, folder);
    if (model === null) throw new Error("it gives no model");
    return model;
  } catch (error) {
    throw mujocoError(name, error);
  } finally {
    folder.delete();
  }
};
