/**
 * `task: { mjcf: my_robot.xml, … }`: a robot of one's own in a pipeline file.
 *
 * (tree) ⇒ (robot's task, what is wrong with what is said of it)
 *
 * A robot counts as a module that a pipeline uses, `robot:` with its definition in JSON: its files are part of the hash and
 * are kept in a run's folder as those of modules are.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename, dirname, resolve } from "node:path";
import * as Result from "effect/Result";
import * as Schema from "effect/Schema";
import { MjcfInvalid } from "../mujoco/compile.ts";
import { type MjcfOnDisk, readMjcf } from "../mujoco/mjcf_files.ts";
import { NotPlanar } from "../mujoco/planar.ts";
import { RobotInvalid } from "../tasks/robot/robot.ts";
import { robotTask } from "../tasks/robot/robot_task.ts";
import { TaskInvalid } from "../tasks/check_task.ts";
import type { Task } from "../tasks/task.ts";
import { didYouMean } from "../options/did_you_mean.ts";
import { decodeAt } from "./issues.ts";
import { isTree, type Located, positionOf, valueAt } from "./located.ts";
import type { ModuleFile } from "./module_graph.ts";
import type { Problem } from "./problems.ts";
import { type RobotInFile, robotSchema } from "./robot_schema.ts";

const prefix = "robot:";

/** (module of `use`) ⇒ whether it is a robot. */
export const isRobot = (module: string): boolean => module.startsWith(prefix);

/** (module of a robot) ⇒ what a file says of it, with the path of its model absolute. */
export const robotSaid = (module: string): RobotInFile => JSON.parse(module.slice(prefix.length));

/** (module) ⇒ the local file that it is: a robot's model, or itself. */
export const fileOfModule = (module: string): string => isRobot(module) ? robotSaid(module).mjcf : module;

/** (tree) ⇒ the robot's module; null where the task is named, or is no map that says an `mjcf`. */
export const robotModuleIn = (tree: Located): string | null => {
  const said = valueAt(tree, ["task"]);
  return isTree(said) && typeof said.mjcf === "string" ? prefix + JSON.stringify(said) : null;
};

/** (path of a model) ⇒ the name that it gives its task. */
const nameOfModel = (path: string): string => {
  const name = basename(path).replace(/\.[^.]*$/, "").replaceAll(/[^\w-]+/g, "_");
  return /^[A-Za-z]/.test(name) ? name : `robot_${name}`;
};

/** (tree) ⇒ the name of its robot's task; null where it says none. */
export const robotNameIn = (tree: Located): string | null => {
  const said = valueAt(tree, ["task"]);
  if (!isTree(said) || typeof said.mjcf !== "string") return null;
  return typeof said.name === "string" ? said.name : nameOfModel(said.mjcf);
};

/** (robot with its defaults written out, name of its task) ⇒ its module. */
export const robotModule = (robot: RobotInFile, name: string): string => prefix + JSON.stringify({ name, ...robot });

/** (tree of a file, file) ⇒ the path of a robot's model is absolute: it is said as seen from the file. */
export const locateRobot = (tree: Located, file: string): void => {
  const said = valueAt(tree, ["task"]);
  if (isTree(said) && typeof said.mjcf === "string") said.mjcf = resolve(dirname(file), said.mjcf);
};

interface Made {
  readonly task: Task;
  readonly files: ReadonlyArray<ModuleFile>;
}

const made = new Map<string, Made>(); // by module and the bytes of its files

const filesOf = ({ paths, files = {}, xml }: MjcfOnDisk): ReadonlyArray<ModuleFile> => {
  const contents = [new TextEncoder().encode(xml), ...Object.values(files)];
  return paths.map((path, i) => {
    const bytes = contents[i]!, text = new TextDecoder().decode(bytes);
    return { path, text, bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
  });
};

/** (module of a robot) ⇒ its task and files. MuJoCo is loaded. Throws MjcfInvalid, RobotInvalid, TaskInvalid, what reading throws. */
export const makeRobot = (module: string): Made => {
  const { mjcf, name = nameOfModel(mjcf), ...definition } = Schema.decodeUnknownSync(robotSchema)(
    robotSaid(module),
  );
  const model = readMjcf(mjcf), files = filesOf(model);
  const key = module + files.map(({ sha256 }) => sha256).join();
  const known = made.get(key);
  if (known !== undefined) return known;
  const { paths: _, ...sent } = model;
  const robot = { task: robotTask({ ...definition, name, model: sent }), files };
  made.set(key, robot);
  return robot;
};

/** (module of a robot) ⇒ the same, or null where it cannot be made: `robotIn` tells why. */
export const madeRobot = (module: string): Made | null => {
  try {
    return makeRobot(module);
  } catch {
    return null;
  }
};

/** (error) ⇒ where in `task` it is, and what is wrong there. */
const faultOf = (error: unknown): { readonly path: ReadonlyArray<string>; readonly message: string } => {
  if (error instanceof RobotInvalid) {
    const { path, flaw, said, known } = error;
    return { path, message: said === null || known.length === 0 ? flaw : `${flaw}, ${didYouMean(said, known)}` };
  }
  if (error instanceof NotPlanar) {
    return { path: ["backend"], message: `must be mujoco for this model: ${error.message}` };
  }
  if (error instanceof TaskInvalid) return { path: [], message: `must be a task that holds: ${error.message}` };
  const { code, message } = error as { readonly code?: string; readonly message: string };
  if (error instanceof MjcfInvalid) return { path: ["mjcf"], message: `must be a model that MuJoCo takes: ${message}` };
  const reason = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : message;
  return { path: ["mjcf"], message: `must be a readable MJCF file: ${reason}` };
};

/** A robot's task as a file says it. */
export interface RobotInPipeline {
  readonly task: Task | null;
  readonly problems: ReadonlyArray<Problem>;
}

/** (tree whose task is a map) ⇒ the robot's task, and what is wrong with what is said of it; MuJoCo is loaded. */
export const robotIn = (tree: Located): RobotInPipeline => {
  const decoded = decodeAt(robotSchema as Schema.Codec<RobotInFile, unknown>, tree, ["task"]);
  if (Result.isFailure(decoded)) return { task: null, problems: decoded.failure };
  try {
    return { task: makeRobot(robotModuleIn(tree)!).task, problems: [] };
  } catch (error) {
    const fault = faultOf(error), path = ["task", ...fault.path];
    return { task: null, problems: [{ position: positionOf(tree, path), path, message: fault.message }] };
  }
};
