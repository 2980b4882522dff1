/**
 * The catalog of everything that comes with this package.
 *
 * @module
 */
import { estimators } from "../estimators/registry.ts";
import { initialState } from "../stages/initial_state.ts";
import { stages } from "../stages/registry.ts";
import { tasks } from "../tasks/registry.ts";
import type { Catalog } from "./catalog.ts";

/** Built-in stages, estimators and tasks. */
export const builtIn: Catalog = {
  stages,
  estimators,
  tasks,
  initialState: (task, { networks }, key) => initialState(task, networks, key),
};
