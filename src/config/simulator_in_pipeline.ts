/**
 * `networks.model: { kind: simulator, … }`: what imagines a pipeline's task in place of networks.
 *
 * (tree, task, catalog) ⇒ (task whose imagined rollouts step a simulator)
 *
 * @module
 */
import * as Result from "effect/Result";
import type * as Schema from "effect/Schema";
import { SimulatorInvalid } from "../tasks/simulator_invalid.ts";
import { misfit, nominalFactors, simulatedBy, unknownFactor } from "../tasks/simulation.ts";
import type { Task } from "../tasks/task.ts";
import { namesLike, taskName } from "../tasks/task_names.ts";
import { unknownName } from "../options/did_you_mean.ts";
import type { Catalog } from "./catalog.ts";
import { decodeAt } from "./issues.ts";
import { type Located, positionOf, valueAt } from "./located.ts";
import type { SimulatorOptions } from "./pipeline.ts";
import type { Path, Problem } from "./problems.ts";

/** The pipeline's task, and what is wrong with what the file says of its simulator. */
export interface SimulatedInPipeline {
  /** Imagined by the simulator that the file says; where it does not hold, by its own physics; null: that does not, either. */
  readonly task: Task | null;
  readonly problems: ReadonlyArray<Problem>;
}

const model: Path = ["networks", "model"];

/** (tree) ⇒ whether it says that a simulator stands in the place of the model. */
export const isSimulated = (tree: Located): boolean => valueAt(tree, [...model, "kind"]) === "simulator";

const problemAt = (tree: Located, path: Path, message: string, part: "key" | "value" = "value"): Problem => ({
  position: positionOf(tree, path, part),
  path,
  message,
});

/** (name in the catalog, the pipeline's task, tasks) ⇒ task whose simulator it is: of its own name the task as configured. */
const taskNamed = (name: string, task: Task, tasks: Catalog["tasks"]): Task => name === task.name ? task : tasks[name];

/** (tree, the pipeline's task, tasks) ⇒ the simulator's task, or what is wrong with its name. */
const simulatorOf = (tree: Located, task: Task, tasks: Catalog["tasks"]): Result.Result<Task, Problem> => {
  const path = [...model, "task"], said = valueAt(tree, path);
  if (typeof said !== "string") return Result.succeed(task); // the schema says so, where it is something else
  const name = taskName(tasks, said);
  if (name === null) return Result.fail(problemAt(tree, path, unknownName("task", said, namesLike(said, tasks))));
  const of = taskNamed(name, task, tasks), flaw = misfit(task, of);
  return flaw === null
    ? Result.succeed(of)
    : Result.fail(problemAt(tree, path, new SimulatorInvalid(task.name, flaw).message));
};

/** (tree, simulator's task) ⇒ what is wrong with its factors. */
const factorProblems = (tree: Located, of: Task): ReadonlyArray<Problem> => {
  const path = [...model, "physics"], physics = valueAt(tree, path);
  if (typeof physics !== "object" || physics === null) return []; // the schema says so
  const known = Object.keys(nominalFactors(of)),
    strangers = Object.keys(physics).filter((name) => !known.includes(name));
  const unknown = strangers.map((name) => problemAt(tree, [...path, name], unknownFactor(of, name), "key"));
  if (unknown.length > 0 || known.length === 0) return unknown;
  const fields = of.configuration!.fields as Readonly<Record<string, Schema.Codec<unknown, unknown>>>;
  return Result.match(decodeAt(fields.physics, tree, path), { onSuccess: () => [], onFailure: (found) => found });
};

/** (task, factors, simulator's task) ⇒ the task as it is imagined, or why it is not. */
const imagined = (...given: Parameters<typeof simulatedBy>): Result.Result<Task, SimulatorInvalid> => {
  try {
    return Result.succeed(simulatedBy(...given));
  } catch (error) {
    if (error instanceof SimulatorInvalid) return Result.fail(error);
    throw error;
  }
};

const isNumbers = (value: unknown): value is Readonly<Record<string, number>> =>
  typeof value === "object" && value !== null && Object.values(value).every(Number.isFinite);

/** (tree, task, simulator's task) ⇒ the task as the simulator imagines it by the factors that the tree says, or what is wrong. */
const byFactors = (tree: Located, task: Task, of: Task): Result.Result<Task, ReadonlyArray<Problem>> => {
  const flaws = factorProblems(tree, of);
  if (flaws.length > 0) return Result.fail(flaws);
  const path = [...model, "physics"], physics = valueAt(tree, path);
  return Result.mapError(
    imagined(task, isNumbers(physics) ? physics : {}, of),
    ({ message }) => [problemAt(tree, physics === undefined ? model : path, message)],
  );
};

/** (tree, its task, catalog with the pipeline's modules) ⇒ the task as its simulator imagines it; unchanged without one. */
export const simulatedIn = (tree: Located, task: Task, { tasks }: Catalog): SimulatedInPipeline => {
  if (!isSimulated(tree)) return { task, problems: [] };
  const of = Result.mapError(simulatorOf(tree, task, tasks), (problem): ReadonlyArray<Problem> => [problem]);
  return Result.match(Result.flatMap(of, (simulator) => byFactors(tree, task, simulator)), {
    onSuccess: (found) => ({ task: found, problems: [] }),
    onFailure: (problems) => ({ task: Result.getOrNull(imagined(task)), problems }),
  });
};

/** (task, what imagines it, tasks) ⇒ the task as it is imagined. */
export const simulatedAs = (task: Task, { task: name, physics }: SimulatorOptions, tasks: Catalog["tasks"]): Task =>
  simulatedBy(task, physics, name === undefined ? task : taskNamed(taskName(tasks, name)!, task, tasks));

/** (simulator as a file says it, task that it imagines) ⇒ the same with every factor written out. */
export const writtenOut = ({ physics: _, ...said }: SimulatorOptions, task: Task): SimulatorOptions => {
  const { names, factors } = task.imagined.simulation!;
  return { ...said, physics: Object.fromEntries(names.map((name, i) => [name, factors[i]])) };
};
