/**
 * `mscv check`: pipelines and ablations validated without running them.
 *
 * @module
 */
import * as Argument from "effect/cli/Argument";
import * as Command from "effect/cli/Command";
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import { pipelineArgument } from "./given.ts";
import type { Application } from "./application.ts";
import { UsageInvalid } from "../config/usage.ts";
import { loadModule } from "../files/load_module.ts";

const files = pipelineArgument("file", "Pipeline or ablation files, or names of built-in ones").pipe(
  Argument.atLeast(1),
);

/** (application) ⇒ the command `check`. */
export const checkCommand = (application: Application) =>
  Command.make("check", { files }, ({ files }) =>
    Effect.gen(function* () {
      const { catalog } = yield* Effect.promise(application.load);
      const { notesOn, resolvePipeline } = yield* Effect.promise(() =>
        loadModule<typeof import("../config/resolve.ts")>(import.meta.resolve("../config/resolve.ts"))
      );
      const { isAblation, resolveAblation } = yield* Effect.promise(() =>
        loadModule<typeof import("../config/ablation.ts")>(import.meta.resolve("../config/ablation.ts"))
      );
      const noted = (line: string, notes: ReadonlyArray<string>) =>
        [line, ...notes.map((note) => `  note: ${note}`)].join("\n");
      const describe = (file: string) =>
        isAblation(file)
          ? Effect.map(
            resolveAblation(file, catalog),
            ({ cells, leftOut }) => noted(`${file}: ok, ${cells.length} cells`, leftOut),
          )
          : Effect.map(
            resolvePipeline(file, [], catalog),
            (pipeline) => noted(`${file}: ok`, notesOn(file, pipeline, catalog)),
          );
      let invalid = 0;
      for (const file of files) {
        const result = yield* Effect.result(describe(file));
        if (result._tag === "Success") yield* Console.log(result.success);
        else {
          invalid++;
          yield* Console.error(result.failure.message);
        }
      }
      if (invalid > 0) {
        return yield* Effect.fail(new UsageInvalid({ message: `Cannot use ${invalid} of ${files.length} files` }));
      }
    })).pipe(
      Command.withDescription("Validate pipeline and ablation files: every problem with its line and column"),
      Command.withExamples([
        { command: "deno task check pipelines/*.yaml", description: "Validate the pipelines of the project" },
      ]),
    );
