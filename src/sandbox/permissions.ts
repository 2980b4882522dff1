/**
 * What the commands may do in Deno's sandbox: the flags of their tasks in deno.json, and of the processes that a sweep
 * starts, which may do no more than `train`.
 *
 * Nothing here reaches the network, but a database that the command line names.
 *
 * @module
 */
import { blasPaths } from "../nn/kernels/blas_paths.ts";

/** Permissions by kind; what is not in a list is denied. */
export type Permissions = Readonly<
  Partial<Record<"read" | "write" | "env" | "sys" | "ffi" | "run" | "net", ReadonlyArray<string> | "all">>
>;

/** Variables that settings and libraries are read from. */
const variables = ["INIT_CWD", "LOG_STREAM", "LOG_TOKENS", "MSCV_*", "NO_COLOR", "TERM"];

/** Facts of the machine that environment.json and the lock of a run tell. */
const facts = ["cpus", "hostname", "osRelease", "statfs", "systemMemoryInfo"];

/** Reads files and prints. */
const reading: Permissions = { read: ["."], env: variables };

/** Computes with networks. */
const computing: Permissions = { ...reading, sys: facts, ffi: blasPaths };

/** What `train` may do: it writes below `runs`, and starts no program. */
export const trainPermissions: Permissions = { ...computing, write: ["runs"] };

/** Deno itself, as the task's shell finds it: what a sweep starts for its cells. */
const denoItself = "$(deno eval -p 'Deno.execPath()')";

/** Starts cells. The engine's library reads the whole environment as it is loaded, and nothing in it decides anything. */
const sweeping: Permissions = { ...trainPermissions, env: "all", run: [denoItself] };

/** Programs that show an address in the user's browser. */
const browserOpeners = ["xdg-open", "open"];

/** What the task of each command may do. Reading alone may ask for the host's name, which a lock holds. */
export const taskPermissions: Readonly<Record<string, Permissions>> = {
  train: trainPermissions,
  eval: { ...computing, write: ["runs"] },
  export: { ...computing, write: ["runs"] },
  lab: { ...computing, write: ["runs"] },
  report: { ...computing, write: ["runs"] },
  ablate: sweeping,
  runner: sweeping,
  status: { ...reading, env: "all", sys: ["hostname"], write: ["runs"] },
  check: reading,
  tasks: reading,
  stages: reading,
  estimators: reading,
  schema: { ...reading, write: ["pipelines"] },
  replay: reading,
  render: { ...computing, write: ["."] },
  watch: {
    ...reading,
    env: [...variables, "DISPLAY", "WAYLAND_DISPLAY"],
    sys: facts,
    ffi: blasPaths,
    net: ["127.0.0.1"],
    run: browserOpeners,
  },
  "compare-physics": reading,
};

/** The package, and the packages that it needs, as the task's shell finds them where the command is installed. */
const installedFolders = [
  "$(pwd)",
  "$(deno eval -p '(Deno.env.get(`DENO_INSTALL_ROOT`) ?? Deno.env.get(`HOME`) + `/.deno`) + `/bin/.mscv`')",
];

/** What the installed command `mscv` may do: one list for all commands, since it is given when it is installed. */
export const installedPermissions: Permissions = {
  ...sweeping,
  read: [".", ...installedFolders],
  write: ["runs", "pipelines"],
  net: ["127.0.0.1"],
};

/** Variable whose flags every task takes as well. */
export const allowVariable = "MSCV_ALLOW";

/** (paths or names) ⇒ one value of a flag, in which a comma is doubled. */
const joined = (values: ReadonlyArray<string>): string => values.map((each) => each.replaceAll(",", ",,")).join(",");

/** (permissions) ⇒ flags of `deno run`: nothing is asked, and what is not given is denied. */
export const flagsOf = (permissions: Permissions): ReadonlyArray<string> => [
  "--no-prompt",
  ...Object.entries(permissions).flatMap(([kind, values]) =>
    values === "all" ? [`--allow-${kind}`] : values.length === 0 ? [] : [`--allow-${kind}=${joined(values)}`]
  ),
];

/** (command) ⇒ its task in deno.json. */
export const taskOf = (command: string): string =>
  ["deno run", ...flagsOf(taskPermissions[command]), `$${allowVariable}`, "src/cli/main.ts", command].join(" ");

/** The task that installs the command `mscv` for every folder of this machine. */
export const installTask: string = [
  "deno install --quiet --global --force --name mscv --config deno.json",
  ...flagsOf(installedPermissions),
  `$${allowVariable}`,
  "src/cli/main.ts -- --as-mscv",
].join(" ");
