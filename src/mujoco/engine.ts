/**
 * MuJoCo itself, compiled to WASM: loaded once, when it is first needed.
 *
 * () ⇒ loadMujoco ⇒ (engine)
 *
 * Source: npm `@mujoco/mujoco`, MuJoCo 3.14.
 *
 * @module
 */
import type { MainModule } from "@mujoco/mujoco";

/** MuJoCo's functions and classes, by MuJoCo's names. */
export type Mujoco = MainModule;

/** MuJoCo's package is not there. */
export class MujocoMissing extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "MujocoMissing";
  /** The class name, as shown in a failure. */
  override readonly name = "MujocoMissing";

  /** (why it could not be imported) ⇒ (error with a message that says how to install it). */
  constructor(reason: string) {
    super(
      `Cannot load MuJoCo as its package must be installed, by "deno install npm:@mujoco/mujoco@3.14.0": ${reason}`,
    );
  }
}

let loading: Promise<Mujoco> | undefined, loaded: Mujoco | undefined; // one engine a thread

const isMissing = (thrown: unknown): boolean =>
  ["ERR_MODULE_NOT_FOUND", "ENOENT"].includes(String((thrown as { readonly code?: unknown }).code)) ||
  /not found|cannot find|could not find/i.test(String((thrown as Error).message));

/** (import of the package) ⇒ (engine). MuJoCo's warnings are not printed: what they are of is an error here. */
const start = async (imported: Promise<{ readonly default: (options: unknown) => Promise<Mujoco> }>) => {
  const silent = () => {};
  try {
    const { default: make } = await imported;
    loaded = await make({ print: silent, printErr: silent });
    return loaded;
  } catch (error) {
    loading = undefined; // another try may find it
    throw isMissing(error) ? new MujocoMissing((error as Error).message.split("\n")[0]!) : error;
  }
};

/** () ⇒ (engine), the same one for everybody on this thread. Fails: MujocoMissing. */
export const loadMujoco = (): Promise<Mujoco> =>
  loading ??= start(import("@mujoco/mujoco") as unknown as Parameters<typeof start>[0]);

/** () ⇒ (engine). Throws where `loadMujoco` has not been awaited. */
export const loadedMujoco = (): Mujoco => {
  if (loaded !== undefined) return loaded;
  throw new Error('Cannot simulate as MuJoCo must be loaded: the task\'s simulator wants its "prepare" awaited first');
};
