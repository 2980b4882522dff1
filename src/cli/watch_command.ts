/**
 * `mscv watch`: runs in a browser, as they train.
 *
 * @module
 */
import * as Argument from "effect/cli/Argument";
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import * as Effect from "effect/Effect";
import { pipelineArgument, withDefault } from "./given.ts";
import type { Application } from "./application.ts";
import { loadModule } from "../files/load_module.ts";

const parameters = {
  path: pipelineArgument("runs", "Run folder, sweep, its ablation file, or a folder of run folders (default: runs)")
    .pipe(
      Argument.withDefault("runs"),
    ),
  port: withDefault(Flag.Int("port"), "Port of this machine; 0: one that is free", 0),
  open: Flag.Boolean("open").pipe(
    Flag.withDescription("Open the page in a browser, where there is one; --no-open does not"),
    Flag.withDefault(true),
  ),
};

/** (application) ⇒ the command `watch`. */
export const watchCommand = (application: Application) =>
  Command.make("watch", parameters, ({ path, port, open }) =>
    Effect.gen(function* () {
      const { runWatch } = yield* Effect.promise(() =>
        loadModule<typeof import("./run_watch.ts")>(import.meta.resolve("./run_watch.ts"))
      );
      yield* runWatch(application, { path, port, browser: open ? "open" : "leave" });
    })).pipe(
      Command.withDescription("Watch runs in a browser: curves that grow, and the agent in motion"),
      Command.withExamples([
        { command: "deno task watch", description: "All runs, also those that begin later" },
        {
          command: "deno task watch runs/<id> --port 8000 --no-open",
          description: "One run, on a port of your choice",
        },
      ]),
    );
