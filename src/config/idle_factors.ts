/**
 * Factors of physics that nothing of a task depends on, such as the stiffness of a robot without springs: no error, as who
 * changes many tasks alike says them too.
 *
 * (tree, task) ⇒ (notes)
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import type { PlanarSimulator } from "../tasks/planar_simulator.ts";
import { nominalFactors, withFactors } from "../tasks/simulation.ts";
import type { Task } from "../tasks/task.ts";
import { isTree, type Located, positionOf, valueAt } from "./located.ts";
import type { Path, Problem } from "./problems.ts";

/** (task, name of a factor, its value) ⇒ the model that our engine steps then; undefined: another engine, or none takes it. */
const modelAt = (task: Task, name: string, value: number): unknown => {
  const nominal = nominalFactors(task), names = Object.keys(nominal);
  try {
    const { simulator } = withFactors(task, names, names.map((each) => each === name ? value : nominal[each]));
    return (simulator as Partial<PlanarSimulator>).planarModel;
  } catch {
    return undefined;
  }
};

/** (task, name) ⇒ whether it is a factor that leaves each constant of the model as it is; false where another engine has the model. */
const isIdle = (task: Task, name: string): boolean => {
  if (!Object.hasOwn(nominalFactors(task), name)) return false;
  const [once, twice] = [1, 2].map((value) => modelAt(task, name, value));
  return once !== undefined && isDeepStrictEqual(once, twice);
};

/** (tree, path of factors by name) ⇒ those that change something, or would. */
const changed = (tree: Located, path: Path): ReadonlyArray<readonly [string, Path]> => {
  const factors = valueAt(tree, path);
  if (!isTree(factors)) return [];
  return Object.entries(factors).filter(([, value]) => value !== 1).map(([name]) => [name, [...path, name]]);
};

/** (tree) ⇒ the factors that its stages identify. */
const identified = (tree: Located): ReadonlyArray<readonly [string, Path]> => {
  const program = valueAt(tree, ["program"]);
  if (!Array.isArray(program)) return [];
  return program.flatMap((_, i) => {
    const path = ["program", i, "fitModel", "identify"], names = valueAt(tree, path);
    return Array.isArray(names) ? names.map((name, j): [string, Path] => [String(name), [...path, j]]) : [];
  });
};

/** (tree, the pipeline's task with what imagines it) ⇒ a note for each factor that it says in vain. */
export const idleFactors = (tree: Located, task: Task): ReadonlyArray<Problem> => {
  const ofModel = [...changed(tree, ["networks", "model", "physics"]), ...identified(tree)];
  const said = [
    ...changed(tree, ["taskOptions", "physics"]).map(([name, path]) => ({ of: task, name, path })),
    ...ofModel.flatMap(([name, path]) => {
      const { simulation } = task.imagined;
      return simulation === undefined ? [] : [{ of: simulation.of, name, path }];
    }),
  ];
  return said.filter(({ of, name }) => isIdle(of, name)).map(({ of, name, path }): Problem => ({
    position: positionOf(tree, path),
    path,
    message: `nothing of task "${of.name}" depends on its ${name}`,
  }));
};
