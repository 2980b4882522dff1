/**
 * The command line over everything that comes with this package.
 *
 * @module
 */
import { loadEngine } from "../run/engine.ts";
import { runApplication } from "./run_command_line.ts";
import { standardOutput } from "./standard_output.ts";

if (import.meta.main) runApplication({ load: () => loadEngine(), output: standardOutput }, Deno.args);
