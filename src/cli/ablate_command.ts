/**
 * `mscv ablate`: every cell of an ablation trained, here or by runners.
 *
 * @module
 */
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import type { Application } from "./application.ts";
import { ablationFile, iterationsFlag, onlyFlag, setFlag, slotsFlag, storageFlag, sweepFolder } from "./sweep_flags.ts";
import { loadModule } from "../files/load_module.ts";

const flag = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withDefault(false));

const parameters = {
  file: ablationFile,
  out: sweepFolder,
  storage: storageFlag,
  slots: slotsFlag,
  only: onlyFlag,
  set: setFlag,
  iterations: iterationsFlag,
  retryFailed: flag("retry-failed", "Train the cells that failed again, from their last checkpoint"),
  dryRun: flag("dry-run", "Only show the cells and what became of them"),
  cancel: flag("cancel", "With --storage: take the cells that are not done from the runners"),
  detach: flag("detach", "With --storage: submit the cells and return"),
};

/** (application) ⇒ the command `ablate`. */
export const ablateCommand = (application: Application) =>
  Command.make(
    "ablate",
    parameters,
    ({ file, out, storage, slots, only, set, iterations, retryFailed, dryRun, cancel, detach }) =>
      Effect.gen(function* () {
        const { runAblate } = yield* Effect.promise(() =>
          loadModule<typeof import("./run_ablate.ts")>(import.meta.resolve("./run_ablate.ts"))
        );
        yield* runAblate(application, {
          file,
          out: Option.getOrNull(out),
          storage: Option.getOrNull(storage),
          slots,
          only,
          overrides: Option.match(iterations, { onNone: () => set, onSome: (n) => [...set, `iterations=${n}`] }),
          mode: dryRun ? "plan" : cancel ? "cancel" : detach ? "submit" : "run",
          failed: retryFailed ? "retry" : "keep",
        });
      }),
  ).pipe(
    Command.withDescription("Train every cell of an ablation; stop and start at will, finished cells stay finished"),
    Command.withExamples([
      { command: "deno task ablate pipelines/ablations/table1.yaml", description: "On this machine" },
      {
        command: "deno task ablate pipelines/ablations/horizon.yaml --only variant=k0,k2 --slots 2",
        description: "Some of the cells, two at a time",
      },
      {
        command: "deno task ablate pipelines/ablations/horizon.yaml --iterations 2 --set collect.steps=1000",
        description: "A trial of every cell before the long sweep",
      },
      {
        command: "deno task ablate pipelines/ablations/table1.yaml --storage postgres://mscv@db/mscv",
        description: "By the runners of a database",
      },
    ]),
  );
