/**
 * The command line.
 *
 * @module
 */
import { loadEngine } from "../run/engine.ts";
import type { Application } from "./application.ts";
import { runCommandLine } from "./run_command_line.ts";
import { standardOutput } from "./standard_output.ts";

const application: Application = { load: () => loadEngine(), output: standardOutput };

if (import.meta.main) runCommandLine(application, Deno.args);
