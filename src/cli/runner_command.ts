/**
 * `mscv runner`: a machine's share of the sweeps in a database.
 *
 * @module
 */
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import { withDefault } from "./given.ts";
import { slotsFlag, storageFlag } from "./sweep_flags.ts";
import { loadModule } from "../files/load_module.ts";

const parameters = {
  storage: storageFlag,
  slots: slotsFlag,
  runs: withDefault(
    Flag.String("runs"),
    "Folder below which the folders of sweeps must lie: nothing is written outside it",
    "runs",
  ),
  modules: Flag.String("modules").pipe(
    Flag.withDescription(
      "Folder (or file, or npm:name@version) that cells may import their own modules from; may be repeated",
    ),
    Flag.withMetavar("path"),
    Flag.atLeast(0),
  ),
};

/** The command `runner`. */
export const runnerCommand = () =>
  Command.make("runner", parameters, ({ storage, ...rest }) =>
    Effect.gen(function* () {
      const { runRunner } = yield* Effect.promise(() =>
        loadModule<typeof import("./run_runner.ts")>(import.meta.resolve("./run_runner.ts"))
      );
      yield* runRunner({ ...rest, storage: Option.getOrNull(storage) });
    })).pipe(
      Command.withDescription("Train cells that `ablate --storage` submits, until stopped; start as many as you like"),
      Command.withExamples([
        { command: "deno task runner --storage postgres://mscv@db/mscv --slots 2", description: "Two cells at a time" },
      ]),
    );
