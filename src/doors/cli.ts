/**
 * A command line of one's own: the command `mscv` on a catalog that has more tasks or stages than the built-in one.
 *
 * A `main.ts` with a hopper in the wind beside the built-in tasks:
 *
 * ```ts
 * import { runCommandLine } from "@mscv/mscv/cli";
 * import { builtIn } from "@mscv/mscv/config";
 *
 * const windyHopper = { ...builtIn.tasks.hopper, name: "windyHopper", processNoise: 0.1 };
 * const tasks = { ...builtIn.tasks, windyHopper };
 * if (Deno.args.includes("check")) runCommandLine({ ...builtIn, tasks }); // what a main.ts does in any case
 * ```
 *
 * @module
 */
export { runCommandLine } from "../cli/command_line.ts";
export type { Catalog } from "../config/catalog.ts";
