/**
 * `--use`: modules of one's own for commands that read no pipeline.
 *
 * @module
 */
import * as Flag from "effect/cli/Flag";
import * as Effect from "effect/Effect";
import { resolve } from "node:path";
import type { Catalog } from "../config/catalog.ts";
import { formatProblem } from "../config/problems.ts";
import { UsageInvalid } from "../config/usage.ts";
import { loadModule } from "../files/load_module.ts";

/** The flag. */
export const useFlag: Flag.Flag<ReadonlyArray<string>> = Flag.String("use").pipe(
  Flag.withDescription("Module with your own tasks, estimators or stages: a file or npm:name@version; may be repeated"),
  Flag.withMetavar("module"),
  Flag.atLeast(0),
);

/** (catalog, modules as the command line names them) ⇒ the catalog with what they define. Fails: UsageInvalid. */
export const catalogWith: (
  catalog: Catalog,
  named: ReadonlyArray<string>,
) => Effect.Effect<Catalog, UsageInvalid> = Effect.fnUntraced(function* (catalog, named) {
  if (named.length === 0) return catalog;
  const { clashes, extend, loadModules } = yield* Effect.promise(() =>
    loadModule<typeof import("../config/modules.ts")>(import.meta.resolve("../config/modules.ts"))
  );
  const uses = named.map((module) => ({
    module: module.startsWith("npm:") ? module : resolve(module),
    position: { source: `--use ${module}`, line: 0, column: 0 },
    path: [],
  }));
  const refuse = (reason: string) =>
    Effect.fail(new UsageInvalid({ message: `Cannot use modules as each must define something new: ${reason}` }));
  yield* Effect.catch(loadModules(uses), (problems) => refuse(problems.map(formatProblem).join("\n  ")));
  const modules = uses.map(({ module }) => module), [clash] = clashes(catalog, modules);
  if (clash === undefined) return extend(catalog, modules);
  return yield* refuse(`of ${clash.kind}, "${clash.name}" of ${clash.module} is there already`);
});
