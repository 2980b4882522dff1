/**
 * `mscv lab`: bias and variance of gradient estimators at fixed checkpoints.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import * as Argument from "effect/cli/Argument";
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import { pathArgument, withDefault } from "./given.ts";
import type { Application } from "./application.ts";
import { UsageInvalid } from "../config/usage.ts";
import { loadModule } from "../files/load_module.ts";

const count = (name: string, description: string): Flag.Flag<Option.Option<number>> =>
  Flag.Int(name).pipe(Flag.withDescription(description), Flag.optional);

const parameters = {
  places: pathArgument("run", "Run folders (their last checkpoint) or checkpoints: runs/<id>/checkpoints/20").pipe(
    Argument.atLeast(1),
  ),
  estimators: Flag.String("estimators").pipe(
    Flag.withDescription(
      "What to measure: name:option=value,… or a YAML file, separated by spaces; may be repeated; options that are not " +
        "given are the pipeline's (default: a panel of the family)",
    ),
    Flag.atLeast(0),
  ),
  quick: Flag.Boolean("quick").pipe(
    Flag.withDescription("A smaller panel with wider intervals, in about a third of the time"),
    Flag.withDefault(false),
  ),
  steps: count("steps", "Transitions of a measured batch (default: 1000, with --in-sample the pipeline's)"),
  environments: count("environments", "Environments of a measured batch (default: the pipeline's)"),
  batches: count("batches", "Independent batches (default: 60, quick 40)"),
  reference: count("reference", "Transitions of the reference gradient (default: 1,000,000, quick 600,000)"),
  states: count("states", "States that the decomposition branches from (default: 400, quick 200)"),
  networks: Flag.Literals("networks", ["next", "checkpoint"]).pipe(
    Flag.withDescription(
      "next: value function and model as the next iteration fits them for its gradient; checkpoint: as they lie there " +
        "(default: next)",
    ),
    Flag.withDefault("next" as const),
  ),
  inSample: Flag.Boolean("in-sample").pipe(
    Flag.withDescription(
      "Refit value function and model from the checkpoint with each measured batch in the memory before its estimates, as " +
        "the pipeline's fit (before, after, crossfit) has it; batches as large as the pipeline's",
    ),
    Flag.withDefault(false),
  ),
  set: Flag.String("set").pipe(
    Flag.withDescription("Change one option of the pipeline: of how the next iteration fits, or of its estimator"),
    Flag.withMetavar("a.b=c"),
    Flag.atLeast(0),
  ),
  seed: withDefault(Flag.Int("seed"), "Seed of everything that is sampled", 0),
  workers: withDefault(
    Flag.Int("workers"),
    "Web workers that measure; 0 measures in the main thread, with the same numbers",
    2,
  ),
  json: Flag.String("json").pipe(
    Flag.withDescription("File for all measurements, besides lab/ in each run folder"),
    Flag.optional,
  ),
};

const least: Readonly<Record<string, number>> = {
  steps: 4,
  environments: 1,
  batches: 4,
  reference: 1,
  states: 2,
  workers: 0,
};

/** (application) ⇒ the command `lab`. */
export const labCommand = (application: Application) =>
  Command.make("lab", parameters, ({ quick, ...given }) =>
    Effect.gen(function* () {
      const { steps, environments, batches, reference, states, json } = given;
      const counts = { steps, environments, batches, reference, states };
      const numbers = Object.fromEntries(
        Object.entries(counts).map(([name, value]) => [name, Option.getOrNull(value)]),
      ) as Record<keyof typeof counts, number | null>;
      for (const [name, value] of Object.entries({ ...numbers, workers: given.workers })) {
        if (value === null || value >= least[name]) continue;
        return yield* Effect.fail(
          new UsageInvalid({
            message: `Cannot measure as --${name} must be ${least[name]} or more: current value is ${value}`,
          }),
        );
      }
      const { runLab } = yield* Effect.promise(() =>
        loadModule<typeof import("./run_lab.ts")>(import.meta.resolve("./run_lab.ts"))
      );
      yield* runLab(application, {
        ...given,
        ...numbers,
        size: quick ? "quick" : "full",
        json: Option.getOrNull(json),
      });
    })).pipe(
      Command.withDescription("Measure bias and variance of gradient estimators at the checkpoints of runs"),
      Command.withExamples([
        {
          command: "deno task lab runs/<id> --quick",
          description: "The pipeline's estimator among its family, in minutes",
        },
        {
          command:
            "deno task lab runs/<id>/checkpoints/20 --estimators 'mscv:horizon=5 likelihoodRatio:advantage=gae,lambda=0.97'",
          description: "Two estimators at one checkpoint",
        },
        {
          command: "deno task lab runs/<id> --in-sample --set fitValue.fit=after --set fitModel.fit=after",
          description: "What bias the fit on the very batch that is corrected brings: beside the same without --set",
        },
      ]),
    );
