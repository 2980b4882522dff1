/**
 * The versions and the machine of a run, for `environment.json`.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { arch, cpus, platform, release, totalmem } from "node:os";
import configuration from "../../deno.json" with { type: "json" };

/** This package's version. */
export const version: string = configuration.version;

const git = (...args: ReadonlyArray<string>): string | null => {
  try {
    return execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return null;
  }
};

const pinned = (name: string): string =>
  (configuration.imports as Readonly<Record<string, string>>)[name]?.split("@").at(-1) ?? "unknown";

/** (report of the tensor backend) ⇒ versions of everything that decides the numbers of a run. */
export const describeEnvironment = (backend: unknown): unknown => ({
  startedAt: new Date().toISOString(),
  mscv: version,
  deno: Deno.version.deno,
  v8: Deno.version.v8,
  typescript: Deno.version.typescript,
  effect: pinned("effect"),
  tfjs: pinned("@tensorflow/tfjs"),
  backend,
  os: `${platform()} ${release()} ${arch()}`,
  cpu: { model: cpus()[0]?.model ?? "unknown", count: cpus().length },
  memoryBytes: totalmem(),
  gitCommit: git("rev-parse", "HEAD"),
  gitChanges: (git("status", "--porcelain", "--untracked-files=no") ?? "") !== "",
});
