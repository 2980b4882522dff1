/**
 * The versions and the machine of a run, for `environment.json`.
 *
 * @module
 */
import * as Schema from "effect/Schema";
import { execFileSync } from "node:child_process";
import { arch, cpus, platform, release, totalmem } from "node:os";
import configuration from "../../deno.json" with { type: "json" };
import { decoder } from "./decode_json.ts";

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

/** What `environment.json` holds of an environment; files of earlier versions may lack any of it. */
interface Recorded {
  readonly backend?: Readonly<Record<string, unknown>>;
  readonly resumed?: ReadonlyArray<Recorded>;
}

const backend = Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown));

const decode = decoder<Recorded>(
  Schema.Struct({ backend, resumed: Schema.optionalKey(Schema.Array(Schema.Struct({ backend }))) }),
);

/** What is of another form tells nothing. */
const parse = (text: string): Recorded => {
  try {
    return decode(JSON.parse(text));
  } catch {
    return {};
  }
};

/** (backend) ⇒ its kernels and BLAS in words, without the speed that its line may tell. */
const describeBackend = ({ kernels, blas }: Readonly<Record<string, unknown>>): string =>
  `kernels ${kernels ?? "unknown"}, BLAS ${blas ?? "none"}`;

/** An environment file after a resume. */
export interface ResumedEnvironment {
  /** JSON, with the present environment at the end of the list `resumed`. */
  readonly text: string;
  /** What the user is told where the kernels are not those of before; null: nothing. */
  readonly warning: string | null;
}

/** (environment.json, report of the tensor backend, iteration resumed after) ⇒ (environment.json, warning). */
export const resumeEnvironment = (
  recorded: string,
  backend: Readonly<Record<string, unknown>>,
  iteration: number,
): ResumedEnvironment => {
  const { resumed = [], ...first } = parse(recorded);
  const before = [first, ...resumed].findLast((each) => each.backend !== undefined)?.backend;
  const present = { iteration, ...describeEnvironment(backend) as Record<string, unknown> };
  const changed = before !== undefined && describeBackend(before) !== describeBackend(backend);
  return {
    text: JSON.stringify({ ...first, resumed: [...resumed, present] }, null, 2) + "\n",
    warning: changed
      ? `results may differ in rounding from those of the uninterrupted run: it ran with ${describeBackend(before)}, ` +
        `and goes on with ${describeBackend(backend)}`
      : null,
  };
};
