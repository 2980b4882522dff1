/**
 * The catalog of everything that comes with this package.
 *
 * @module
 */
import { initialState } from "../stages/initial_state.ts";
import { stages } from "../stages/registry.ts";
import { tasks } from "../tasks/registry.ts";
import type { Catalog } from "./catalog.ts";

/** Built-in stages and tasks. */
export const builtIn: Catalog = {
  stages,
  tasks,
  initialState: (task, { networks }, key) => initialState(task, networks, key),
};
