/**
 * `mscv eval`: what the policy of a run's last checkpoint earns.
 *
 * @module
 */
import * as Argument from "effect/cli/Argument";
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import type { Application } from "./application.ts";
import { UsageInvalid } from "../config/usage.ts";

const parameters = {
  run: Argument.String("run").pipe(Argument.withDescription("Run folder, as `train` prints it")),
  episodes: Flag.Int("episodes").pipe(Flag.withDescription("Episodes to run"), Flag.withDefault(20)),
  deterministic: Flag.Boolean("deterministic").pipe(
    Flag.withDescription("Act by the policy's mean instead of sampling"),
    Flag.withDefault(false),
  ),
  seed: Flag.Int("seed").pipe(Flag.withDescription("Seed of resets and actions"), Flag.withDefault(0)),
};

/** (application) ⇒ the command `eval`. */
export const evalCommand = (application: Application) =>
  Command.make("eval", parameters, ({ run, episodes, deterministic, seed }) =>
    Effect.gen(function* () {
      if (episodes < 1) {
        return yield* new UsageInvalid({
          message: `Cannot evaluate as --episodes must be 1 or more: current value is ${episodes}`,
        });
      }
      const { runEval } = yield* Effect.promise(() => import("./run_eval.ts"));
      const actions = deterministic ? "mean" as const : "sampled" as const;
      yield* Console.log(yield* runEval(application, { run, episodes, actions, seed }));
    })).pipe(
      Command.withDescription("Run episodes with the policy of a run's last checkpoint"),
      Command.withExamples([
        { command: "deno task eval runs/<id> --episodes 20", description: "Mean return and its standard error" },
        { command: "deno task eval runs/<id> --deterministic", description: "The same without exploration" },
      ]),
    );
