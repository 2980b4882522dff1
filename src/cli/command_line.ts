/**
 * A catalog's own command line.
 *
 * @module
 */
import * as Layer from "effect/Layer";
import type { Catalog } from "../config/catalog.ts";
import type { Engine } from "../run/engine.ts";
import { runApplication } from "./run_command_line.ts";
import { standardOutput } from "./standard_output.ts";

/** Imported when a command needs it: tensors and physics take a moment to load. */
const engineOf = async (catalog: () => Promise<Catalog>): Promise<Engine> => {
  const [loaded, { inlineSampler }, { workerSampler }, { tensorRuntime }] = await Promise.all([
    catalog(),
    import("../rollout/inline.ts"),
    import("../rollout/workers.ts"),
    import("../stages/tensor_runtime.ts"),
  ]);
  const services: Engine["services"] = (workers) =>
    Layer.merge(workers === 0 ? inlineSampler : workerSampler(workers), tensorRuntime);
  return { catalog: loaded, services };
};

/**
 * (catalog, or how it is loaded when a command needs it; arguments) ⇒ the command `mscv` on that catalog: runs the
 * command that the arguments name, then ends the process with its exit code. What goes wrong is told on standard error.
 *
 * ```ts ignore
 * import { builtIn } from "@mscv/mscv/config";
 * import { runCommandLine } from "@mscv/mscv/cli";
 * import { pendulum } from "./pendulum.ts";
 *
 * runCommandLine({ ...builtIn, tasks: { ...builtIn.tasks, pendulum } });
 * ```
 */
export const runCommandLine = (
  catalog: Catalog | (() => Promise<Catalog>),
  args: ReadonlyArray<string> = Deno.args,
): void => {
  const load = typeof catalog === "function" ? catalog : () => Promise.resolve(catalog);
  runApplication({ load: () => engineOf(load), output: standardOutput }, args);
};
