/**
 * `mscv export`: a run in the formats of other tools.
 *
 * @module
 */
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import type { Application } from "./application.ts";
import { pathArgument, withDefault } from "./given.ts";
import { loadModule } from "../files/load_module.ts";

const optional = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(description), Flag.optional);

const parameters = {
  run: pathArgument("run", "Run folder, a checkpoint of it, or (for --tensorboard and --csv) the folder of a sweep"),
  tensorboard: optional("tensorboard", "Folder for TensorBoard's event files, a folder a run"),
  csv: optional("csv", "File for the log as a table; of a sweep, a folder with a file a run"),
  onnx: optional("onnx", "File for the policy: raw observations ⇒ actions"),
  card: optional("card", "Folder to upload to a model hub: policy, pipeline, results, film and README.md"),
  episodes: withDefault(Flag.Int("episodes"), "Episodes of the card's evaluation, by the mean action", 20),
};

/** (application) ⇒ the command `export`. */
export const exportCommand = (application: Application) =>
  Command.make("export", parameters, ({ run, tensorboard, csv, onnx, card, episodes }) =>
    Effect.gen(function* () {
      const { runExport } = yield* Effect.promise(() =>
        loadModule<typeof import("./run_export.ts")>(import.meta.resolve("./run_export.ts"))
      );
      yield* runExport(application, {
        ...{ run, episodes },
        tensorboard: Option.getOrNull(tensorboard),
        csv: Option.getOrNull(csv),
        onnx: Option.getOrNull(onnx),
        card: Option.getOrNull(card),
      });
    })).pipe(
      Command.withDescription("Write a run for other tools: TensorBoard, pandas, ONNX runtimes, model hubs"),
      Command.withExamples([
        {
          command: "deno task export runs/<id> --tensorboard runs/tensorboard",
          description: "Then: tensorboard --logdir",
        },
        {
          command: "deno task export runs/<id>/checkpoints/best --onnx runs/policy.onnx",
          description: "The best policy",
        },
        { command: "deno task export runs/<id> --card runs/card", description: "A folder that is ready to upload" },
      ]),
    );
