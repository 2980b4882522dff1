/**
 * A catalog's own command line.
 *
 * @module
 */
import type { Catalog } from "../config/catalog.ts";
import { loadEngine } from "../run/engine.ts";
import { runApplication } from "./run_command_line.ts";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { typedAs } from "../sandbox/typed.ts";
import { standardOutput } from "./standard_output.ts";

/** (address of the module that was started) ⇒ what a user types before the name of a command. */
const startOf = (main: string): string =>
  `deno run … ${main.startsWith("file:") ? relative(".", fileURLToPath(main)) : main}`;

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
  typedAs(startOf(Deno.mainModule));
  const load = typeof catalog === "function" ? catalog : () => Promise.resolve(catalog);
  runApplication({ load: async () => loadEngine({ catalog: await load() }), output: standardOutput }, args);
};
