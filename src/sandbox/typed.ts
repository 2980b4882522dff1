/**
 * What a user types before the name of a command, which advice repeats.
 *
 * @module
 */
import { taskPermissions } from "./permissions.ts";

const task = "deno task", installed = "mscv";

/** What the installed command passes to itself first, so that its advice names it. */
export const installedMark = "--as-mscv";

let typed = task;

/** (command line) ⇒ nothing; from now on advice names it instead of `deno task`. */
export const typedAs = (command: string): void => {
  typed = command;
};

/** (arguments) ⇒ the same without the mark of the installed command, after which advice names that. */
export const withoutMark = (args: ReadonlyArray<string>): ReadonlyArray<string> => {
  if (args[0] !== installedMark) return args;
  typed = installed;
  return args.slice(1);
};

/** ⇒ what was started: a task of deno.json, the installed command, or a program of one's own. */
export const startedAs = (): "task" | "installed" | "program" =>
  typed === task ? "task" : typed === installed ? "installed" : "program";

const commands = new RegExp(`\\b${task}(?= (${Object.keys(taskPermissions).join("|")})\\b)`, "g");

/** (text) ⇒ the same, commands in it as they are typed here; other tasks of deno.json stay what they are. */
export const asTyped = (text: string): string => (typed === task ? text : text.replaceAll(commands, typed));
