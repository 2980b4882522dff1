/**
 * The command line over everything that comes with this package.
 *
 * @module
 */
import { runCommandLine } from "./command_line.ts";

if (import.meta.main) runCommandLine(async () => (await import("../config/built_in.ts")).builtIn);
