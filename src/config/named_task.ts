/**
 * A task by its name, for commands that need no pipeline.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type { Task } from "../tasks/task.ts";
import type { Catalog } from "./catalog.ts";
import { locatedAt } from "./located.ts";
import { formatProblem, type Problem } from "./problems.ts";
import { applyOverride, type Override } from "./sources.ts";
import { taskIn } from "./task_in_pipeline.ts";
import { UsageInvalid } from "./usage.ts";

const isOfTask = (override: Override): boolean => /^taskOptions(\.|=)/.test(override);

const foreign = (override: Override): Problem => ({
  position: { source: `--set ${override}`, line: 0, column: 0 },
  path: [],
  message: "must change an option of the task, as in taskOptions.processNoise=0.1",
});

/**
 * (name, changes to its options as `taskOptions.name=value`, catalog) ⇒ (task).
 * Fails: UsageInvalid with all that is wrong, a line each.
 */
export const namedTask = (
  name: string,
  overrides: ReadonlyArray<Override>,
  catalog: Catalog,
): Effect.Effect<Task, UsageInvalid> => {
  const tree = locatedAt({ task: name }, { source: "--task", line: 0, column: 0 });
  const refused = overrides.flatMap((each) => isOfTask(each) ? applyOverride(tree, each, catalog) : [foreign(each)]);
  const { task, problems } = taskIn(tree, catalog), all = [...refused, ...problems];
  if (task !== null && all.length === 0) return Effect.succeed(task);
  const lines = [`Cannot use "${name}" as a task as it and its options must be valid:`, ...all.map(formatProblem)];
  return Effect.fail(new UsageInvalid({ message: lines.join("\n  ") }));
};
