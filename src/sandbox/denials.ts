/**
 * What Deno's sandbox forbids, told with the flag that gives it back.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { denial } from "../files/denial.ts";
import { temporaryPrefix } from "../files/durable_file.ts";
import { reasonOf } from "../files/reason.ts";
import { realPath } from "../files/real_path.ts";
import { allowVariable, installedPermissions } from "./permissions.ts";
import { startedAs } from "./typed.ts";
import { UsageInvalid } from "../config/usage.ts";

const temporary = new RegExp(`^(?:.*?[\\\\/])??${RegExp.escape(temporaryPrefix)}[^\\\\/]*`);

/** (path or name, kind of access) ⇒ what is worth allowing: of a file that others lie beside, the folder. */
const allowable = (value: string, kind: string): string => {
  const [whole] = temporary.exec(value) ?? [];
  if (whole !== undefined) return dirname(whole);
  return kind === "read" && /\.(ya?ml|json|[cm]?[jt]sx?)$/.test(value) ? dirname(value) : value;
};

const configuration = new URL("../../deno.json", import.meta.url); // where the task that installs is

/** (flags, kinds of access) ⇒ what to do, where the installed command was started: its flags were given to `deno install`. */
const adviceInstalled = (flags: string, kinds: ReadonlyArray<string>): string => {
  const folders = (installedPermissions.write as ReadonlyArray<string>).join(" or ");
  return (kinds.includes("write") ? `write below ${folders}, or ` : "") +
    `allow it by ${allowVariable}="${flags}" deno task install in ` +
    (configuration.protocol === "file:" ? dirname(fileURLToPath(configuration)) : "the package's folder");
};

/** (flags, kinds of access) ⇒ what to do, as it works for what was started. */
const advice = (flags: string, kinds: ReadonlyArray<string>): string => {
  const started = startedAs(), ofRun = `${flags} among the flags of deno run`;
  if (started === "installed") return adviceInstalled(flags, kinds);
  return started === "program"
    ? `allow it by ${ofRun}`
    : `allow it by ${allowVariable}="${flags}" before deno task, or by ${ofRun}`;
};

/** (kinds of access with their places; "": everywhere) ⇒ flags, one for each kind. */
const flagsFor = (denied: ReadonlyArray<readonly [string, string]>): string =>
  [...Map.groupBy(denied, ([kind]) => kind)].map(([kind, each]) => {
    const places = [...new Set(each.map(([, place]) => place))];
    return places.includes("") ? `--allow-${kind}` : `--allow-${kind}=${places.join(",")}`;
  }).join(" ");

/**
 * (text for the user) ⇒ the same; where it tells of what is forbidden, with how to allow that, also for a task: all of it
 * at once, behind the last place that tells of it.
 */
export const explainDenials = (text: string): string => {
  const denied = [...text.matchAll(denial)].map((
    [, kind, value],
  ): readonly [string, string] => [kind, value === undefined || value === "<CWD>" ? "" : allowable(value, kind)]);
  let told = 0;
  return text.replaceAll(denial, () => {
    const [kind, place] = denied[told++];
    const words = `the sandbox forbids ${kind} access${place === "" ? "" : ` to ${place}`}`;
    return told === denied.length ? `${words}; ${advice(flagsFor(denied), denied.map(([kind]) => kind))}` : words;
  });
};

/** (path) ⇒ where links on its way lead; what may not be seen there where that is so. */
const targetOf = (path: string): string => {
  try {
    return realPath(path);
  } catch (error) {
    return reasonOf(error).match(new RegExp(denial.source))?.[2] ?? path;
  }
};

type Access = "read" | "write";

/** (access, path) ⇒ what of it is not granted there. */
const deniedAt = (access: ReadonlyArray<Access>, path: string): ReadonlyArray<Access> =>
  access.filter((name) => Deno.permissions.querySync({ name, path }).state !== "granted");

/**
 * (folder in which a command works, how) ⇒ nothing, where it may do so, there and where links on the way lead. A folder
 * that a file is written to whole is read as well, to be flushed. Fails: UsageInvalid, before any work.
 */
export const refuseForbidden = (
  folder: string,
  access: ReadonlyArray<Access> = ["read", "write"],
): Effect.Effect<void, UsageInvalid> =>
  Effect.suspend(() => {
    const place = deniedAt(access, folder).length > 0 ? folder : targetOf(folder), denied = deniedAt(access, place);
    if (denied.length === 0) return Effect.void;
    const flags = denied.map((name) => `--allow-${name}=${place}`).join(" ");
    return Effect.fail(
      new UsageInvalid({
        message: `Cannot work in ${folder}${place === folder ? "" : `, which leads to ${place},`} as that must be ` +
          `allowed: the sandbox forbids ${denied.join(" and ")} access; ${advice(flags, denied)}`,
      }),
    );
  });

/** (host, port) ⇒ what to allow before it can be reached; null: nothing. */
export const forbiddenHost = (host: string, port: number): string | null => {
  const place = `${host}:${port}`;
  return Deno.permissions.querySync({ name: "net", host: place }).state === "granted"
    ? null
    : `the sandbox forbids net access to ${place}; ${advice(`--allow-net=${place}`, ["net"])}`;
};
