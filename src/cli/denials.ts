/**
 * What Deno's sandbox forbids, told with the flag that gives it back.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { temporaryPrefix } from "../program/durable_file.ts";
import { allowVariable } from "./permissions.ts";
import { UsageInvalid } from "./usage.ts";

const denial = /Requires (\w+) access(?: to "([^"]*)")?, run again with the --allow-\w+ flag/g;

/** (path or name) ⇒ what is worth allowing: of a temporary file or folder, the folder that it is made in. */
const allowable = (value: string): string => {
  const at = value.indexOf(`/${temporaryPrefix}`);
  return at < 0 ? value : value.slice(0, at);
};

/** (text) ⇒ whether it tells of something that is forbidden. */
export const isDenial = (text: string): boolean => text.search(denial) >= 0;

const advice = (flags: string): string =>
  `allow it by ${allowVariable}="${flags}" before deno task, or by ${flags} among the flags of deno run`;

/** (text for the user) ⇒ the same; where it tells of what is forbidden, with how to allow that, also for a task. */
export const explainDenials = (text: string): string =>
  text.replaceAll(denial, (_, kind: string, value?: string) => {
    const place = value === undefined || value === "<CWD>" ? "" : allowable(value);
    const flag = `--allow-${kind}${place === "" ? "" : `=${place}`}`;
    return `the sandbox forbids ${kind} access${place === "" ? "" : ` to ${place}`}; ${advice(flag)}`;
  });

/** (folder in which a command works) ⇒ nothing, where it may read and write there. Fails: UsageInvalid, before any work. */
export const refuseForbidden = (folder: string): Effect.Effect<void, UsageInvalid> => {
  const denied = (["read", "write"] as const).filter((name) =>
    Deno.permissions.querySync({ name, path: folder }).state !== "granted"
  );
  if (denied.length === 0) return Effect.void;
  const flags = denied.map((name) => `--allow-${name}=${folder}`).join(" ");
  return Effect.fail(
    new UsageInvalid({
      message:
        `Cannot work in ${folder} as that must be allowed: the sandbox forbids ${denied.join(" and ")} access; ` +
        advice(flags),
    }),
  );
};
