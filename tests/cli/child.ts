/**
 * Child processes of the command-line tests.
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../temporary.ts";

/** How a child ended. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Environment variables. */
export type Settings = Readonly<Record<string, string>>;

/** (entry, arguments, variables beside those that are there) ⇒ the child, started in the project's folder. */
export const start = (entry: string, args: ReadonlyArray<string>, settings: Settings = {}): Deno.ChildProcess =>
  new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", entry, ...args],
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1", ...settings },
  }).spawn();

/** (child) ⇒ how it ended. */
export const ended = async (child: Deno.ChildProcess): Promise<Ended> => {
  const { code, stdout, stderr } = await child.output();
  return { code, out: decode(stdout), err: decode(stderr) };
};

/** Runs the command line over fakes to its end. */
export const fake = (...args: ReadonlyArray<string>): Promise<Ended> => ended(start("tests/cli/fake_main.ts", args));

/** Runs the real command line to its end. */
export const real = (...args: ReadonlyArray<string>): Promise<Ended> => ended(start("src/cli/main.ts", args));

/** Runs the real command line to its end under settings. */
export const realWith = (settings: Settings, ...args: ReadonlyArray<string>): Promise<Ended> =>
  ended(start("src/cli/main.ts", args, settings));

const program = "program: [{ collect: { milliseconds: 0 } }, store, trpoUpdate]\n";

/** A new folder with `pipeline.yaml` over fake stages. */
export const workplace = (extra = ""): { readonly folder: string; readonly pipeline: string } => {
  const folder = temporaryFolder();
  const pipeline = join(folder, "pendulum.yaml");
  writeFileSync(pipeline, `task: pendulum\niterations: 6\ncheckpoint: { every: 4, keep: 2 }\n${program}${extra}`);
  return { folder, pipeline };
};

/** (run folder) ⇒ its log without the seconds, which no two runs share. */
export const logOf = (run: string): ReadonlyArray<Record<string, unknown>> =>
  readFileSync(join(run, "metrics.jsonl"), "utf8").split("\n").filter((line) => line.endsWith("}")).map((line) => {
    const { seconds: _, ...rest } = JSON.parse(line);
    return rest;
  });

/** Waits until the run has logged that many iterations. */
export const untilLogged = async (run: string, iterations: number): Promise<void> => {
  const logged = () => {
    try {
      return logOf(run).length;
    } catch {
      return 0;
    }
  };
  while (logged() < iterations) await new Promise((done) => setTimeout(done, 10));
};
