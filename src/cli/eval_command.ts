/**
 * `mscv eval`: what the policy of a run's checkpoint earns.
 * (run, episodes) ⇒ returns and lengths, in words or as JSON
 *
 * @module
 */
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import { pathArgument, pathFlag, withDefault } from "./given.ts";
import type { Application } from "./application.ts";
import { loadModule } from "../files/load_module.ts";

const parameters = {
  run: pathArgument("run", "Run folder, as `train` prints it, or a checkpoint of it: <run>/checkpoints/10, …/best"),
  episodes: withDefault(Flag.Int("episodes"), "Episodes to run", 20),
  sampled: Flag.Boolean("sampled").pipe(
    Flag.withDescription("Sample actions, as training acts, instead of the policy's mean"),
    Flag.withDefault(false),
  ),
  seed: withDefault(Flag.Int("seed"), "Seed of resets and actions", 0),
  record: pathFlag("record").pipe(
    Flag.withDescription(
      "Also write states, actions and rewards of every episode as JSON lines, which render and replay take",
    ),
    Flag.withMetavar("file"),
    Flag.optional,
  ),
  json: Flag.Boolean("json").pipe(
    Flag.withDescription("Print one JSON object, with every episode, and nothing else"),
    Flag.withDefault(false),
  ),
};

/** (application) ⇒ the command `eval`. */
export const evalCommand = (application: Application) =>
  Command.make(
    "eval",
    parameters,
    ({ run, episodes, sampled, seed, record, json }) =>
      Effect.gen(function* () {
        const { runEval } = yield* Effect.promise(() =>
          loadModule<typeof import("./run_eval.ts")>(import.meta.resolve("./run_eval.ts"))
        );
        yield* runEval(application, {
          ...{ run, episodes, seed, actions: sampled ? "sampled" : "mean" },
          record: Option.getOrNull(record),
          format: json ? "json" : "words",
        });
      }),
  ).pipe(
    Command.withDescription("Run episodes with the policy of a run"),
    Command.withExamples([
      {
        command: "deno task eval runs/<id> --episodes 20",
        description: "Mean return of the policy's mean action, and its standard error",
      },
      { command: "deno task eval runs/<id> --sampled", description: "The same with exploration, as training acts" },
      { command: "deno task eval runs/<id> --record runs/<id>/episodes.jsonl", description: "Keep the episodes too" },
      {
        command: "deno task eval runs/<id>/checkpoints/best --json",
        description: "Every episode of the checkpoint that evaluated best while it trained",
      },
    ]),
  );
