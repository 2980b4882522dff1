/**
 * The versions and the machine of a run, for `environment.json`.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { arch, cpus, platform, release, totalmem } from "node:os";
import configuration from "../../deno.json" with { type: "json" };

/** This package's version. */
export const version: string = configuration.version;

/** (arguments) ⇒ what git says; null where it is missing, may not be run, or knows of no repository here. */
const git = (...args: ReadonlyArray<string>): string | null => {
  try {
    const { success, stdout } = new Deno.Command("git", { args: [...args], stderr: "null" }).outputSync();
    return success ? new TextDecoder().decode(stdout).trim() : null;
  } catch {
    return null;
  }
};

const readText = (path: string): string | null => {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return null;
  }
};

/** The commit of the working folder; where git may not be run, as in a sandbox, that of its files. */
const commit = (): string | null => {
  const told = git("rev-parse", "HEAD"), head = told ?? readText(".git/HEAD");
  const [, ref] = head?.match(/^ref: (refs\/[\w./-]+)$/) ?? [];
  if (ref === undefined) return head;
  const packed = readText(".git/packed-refs")?.split("\n").find((line) => line.endsWith(` ${ref}`));
  return readText(`.git/${ref}`) ?? packed?.split(" ")[0] ?? null;
};

/** (text of `git status`) ⇒ whether there are changes; null: not known. */
const hasChanges = (status: string | null): boolean | null => status === null ? null : status !== "";

/** (question about the machine) ⇒ its answer; "unknown" where it may not be asked. */
const asked = <A>(question: () => A): A | "unknown" => {
  try {
    return question();
  } catch {
    return "unknown";
  }
};

const pinned = (name: string): string =>
  (configuration.imports as Readonly<Record<string, string>>)[name]?.split("@").at(-1) ?? "unknown";

/** (report of the tensor backend) ⇒ versions of everything that decides the numbers of a run. */
export const describeEnvironment = (backend: unknown): Readonly<Record<string, unknown>> => ({
  startedAt: new Date().toISOString(),
  mscv: version,
  deno: Deno.version.deno,
  v8: Deno.version.v8,
  typescript: Deno.version.typescript,
  effect: pinned("effect"),
  tfjs: pinned("@tensorflow/tfjs"),
  tfjsWasm: pinned("@tensorflow/tfjs-backend-wasm"),
  pureRand: pinned("pure-rand"),
  backend,
  os: `${platform()} ${asked(release)} ${arch()}`,
  cpu: { model: asked(() => cpus()[0]?.model ?? "unknown"), count: asked(() => cpus().length) },
  memoryBytes: asked(totalmem),
  gitCommit: commit(),
  gitChanges: hasChanges(git("status", "--porcelain", "--untracked-files=no")),
});

/** A record of `environment.json`; files of earlier versions may lack any of it. */
type Recorded = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Recorded =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What is of another form tells nothing. */
const parse = (text: string): Recorded => {
  try {
    const value = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
};

const backendOf = ({ backend }: Recorded): Recorded => isRecord(backend) ? backend : {};

/** The operating system and the processor's kind, without the kernel's release. */
const platformOf = ({ os }: Recorded): unknown => {
  const words = typeof os === "string" ? os.split(" ") : [];
  return words.length < 2 ? null : `${words[0]} ${words[words.length - 1]}`;
};

/** The processor, and the system that Apple's library is a part of, where a BLAS library does not say whose kernels it runs. */
const processorOf = (record: Recorded): unknown => {
  const { blas, blasCore } = backendOf(record);
  if (typeof blas !== "string" || blasCore !== null || !isRecord(record.cpu)) return null;
  return /^darwin/.test(String(record.os)) ? `${record.cpu.model}, ${record.os}` : record.cpu.model;
};

/**
 * All that decides the bits of a run beside its pipeline, in the order in which it is reported; what a record lacks
 * (null or absent) is not compared. The number of workers and of processors, memory and the clock decide nothing.
 */
const decisive: ReadonlyArray<readonly [name: string, of: (record: Recorded) => unknown]> = [
  ["kernels", (record) => backendOf(record).kernels],
  ["BLAS", (record) => record.backend === undefined ? null : backendOf(record).blas ?? "none"],
  ["BLAS version", (record) => backendOf(record).blasLibrary],
  ["BLAS core", (record) => backendOf(record).blasCore],
  ["BLAS threads", (record) => backendOf(record).blasThreads],
  ["processor", processorOf],
  ["multiply-add", (record) => backendOf(record).multiplyAdd],
  ["WebAssembly build of tfjs", (record) => backendOf(record).wasm],
  ["tfjs", ({ tfjs }) => tfjs],
  ["tfjs-backend-wasm", ({ tfjsWasm }) => tfjsWasm],
  ["pure-rand", ({ pureRand }) => pureRand],
  ["mscv", ({ mscv }) => mscv],
  ["Deno", ({ deno }) => deno],
  ["V8", ({ v8 }) => v8],
  ["platform", platformOf],
];

/** (record before, record now) ⇒ what decides bits and differs, in words on either side. */
const differences = (before: Recorded, now: Recorded): ReadonlyArray<readonly [string, string]> =>
  decisive.flatMap(([name, of]) => {
    const [was, is] = [of(before) ?? null, of(now) ?? null];
    return was === null || is === null || was === is ? [] : [[`${name} ${was}`, `${name} ${is}`] as const];
  });

/** An environment file after a resume. */
export interface ResumedEnvironment {
  /** JSON, with the present environment at the end of the list `resumed`. */
  readonly text: string;
  /** What the user is told where something that decides bits is not what it was; null: nothing. */
  readonly warning: string | null;
}

/** (environment.json, report of the tensor backend, iteration resumed after) ⇒ (environment.json, warning). */
export const resumeEnvironment = (
  recorded: string,
  backend: Readonly<Record<string, unknown>>,
  iteration: number,
): ResumedEnvironment => {
  const { resumed, ...first } = parse(recorded);
  const earlier = Array.isArray(resumed) ? resumed.filter(isRecord) : [];
  const before = [first, ...earlier].findLast((each) => each.backend !== undefined) ?? first;
  const present = { iteration, ...describeEnvironment(backend) };
  const found = differences(before, present);
  const listed = (side: 0 | 1) => found.map((pair) => pair[side]).join(", ");
  return {
    text: JSON.stringify({ ...first, resumed: [...earlier, present] }, null, 2) + "\n",
    warning: found.length === 0
      ? null
      : `results may differ in rounding from those of the uninterrupted run: it ran with ${listed(0)}, ` +
        `and goes on with ${listed(1)}`,
  };
};
