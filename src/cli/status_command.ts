/**
 * `mscv status`: what became of the cells of a sweep.
 *
 * @module
 */
import * as Command from "effect/cli/Command";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import { ablationFile, storageFlag, sweepFolder } from "./sweep_flags.ts";
import { loadModule } from "../files/load_module.ts";

/** The command `status`. */
export const statusCommand = () =>
  Command.make(
    "status",
    { file: ablationFile, out: sweepFolder, storage: storageFlag },
    ({ file, out, storage }) =>
      Effect.gen(function* () {
        const { runStatus } = yield* Effect.promise(() =>
          loadModule<typeof import("./run_status.ts")>(import.meta.resolve("./run_status.ts"))
        );
        yield* runStatus({ file, out: Option.getOrNull(out), storage: Option.getOrNull(storage) });
      }),
  ).pipe(
    Command.withDescription("Cells of a sweep that are done, running, failed (with their errors) and waiting"),
    Command.withExamples([
      { command: "deno task status pipelines/ablations/table1.yaml", description: "Of the sweep in runs/table1" },
    ]),
  );
