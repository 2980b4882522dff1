/**
 * `mscv train`: a new run, or one that goes on.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import * as Argument from "effect/cli/Argument";
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import type { Changes } from "../run/reopen_run.ts";
import { givenPipeline, pathFlag, pipelineArgument, withDefault } from "./given.ts";
import type { Application } from "./application.ts";
import { loadModule } from "../files/load_module.ts";

/** Pipeline of `train` without arguments. */
const defaultPipeline = "swimmer_mscv";

/** What `train` was asked for. */
export interface TrainRequest {
  readonly pipeline: string | null;
  /** --set, and --seed in the form of --set. */
  readonly overrides: ReadonlyArray<string>;
  readonly iterations: number | null;
  readonly run: string | null;
  readonly runs: string;
  readonly resume: string | null;
  readonly workers: number;
  /** Folder for TensorBoard; null: none is written. */
  readonly tensorboard: string | null;
  /** Of modules of one's own, since the run began or last went on. */
  readonly changes: Changes;
}

const optional = <A>(flag: Flag.Flag<A>, description: string): Flag.Flag<Option.Option<A>> =>
  flag.pipe(Flag.withDescription(description), Flag.optional);

const parameters = {
  pipeline: pipelineArgument("pipeline", `Pipeline file, or the name of a built-in one (default: ${defaultPipeline})`)
    .pipe(
      Argument.optional,
    ),
  seed: optional(Flag.Int("seed"), "Root of all randomness: the same seed gives the same numbers"),
  set: Flag.String("set").pipe(
    Flag.withDescription("Change one option: stage.option=value or key=value; may be repeated"),
    Flag.withMetavar("a.b=c"),
    Flag.atLeast(0),
  ),
  iterations: optional(Flag.Int("iterations"), "Iterations in total"),
  run: optional(Flag.String("run"), "Name of the run (default: <pipeline>-seed<seed>-<time>)"),
  runs: withDefault(Flag.String("runs"), "Folder of all runs", "runs"),
  resume: optional(pathFlag("resume"), "Go on with the run in this folder, exactly where it stopped"),
  acceptChanges: Flag.Boolean("accept-changes").pipe(
    Flag.withDescription("Resume with your own modules (use:) as they are now, and note that they have changed"),
    Flag.withDefault(false),
  ),
  tensorboard: optional(
    Flag.String("tensorboard"),
    "Also write TensorBoard's event files into this folder, as it trains",
  ),
  workers: withDefault(
    Flag.Int("workers"),
    "Threads that share the work, this one among them; 0 and 1: this one alone, with the same numbers",
    0,
  ),
};

const assignment = (key: string, value: Option.Option<number>): ReadonlyArray<string> =>
  Option.isSome(value) ? [`${key}=${value.value}`] : [];

/** (application) ⇒ the command. */
export const trainCommand = (application: Application) =>
  Command.make(
    "train",
    parameters,
    ({ pipeline, seed, set, iterations, run, resume, tensorboard, acceptChanges, ...rest }) =>
      Effect.gen(function* () {
        const { runTrain } = yield* Effect.promise(() =>
          loadModule<typeof import("./run_train.ts")>(import.meta.resolve("./run_train.ts"))
        );
        const request: TrainRequest = {
          ...rest,
          pipeline: Option.getOrNull(pipeline),
          overrides: [...set, ...assignment("seed", seed)],
          iterations: Option.getOrNull(iterations),
          run: Option.getOrNull(run),
          resume: Option.getOrNull(resume),
          tensorboard: Option.getOrNull(tensorboard),
          changes: acceptChanges ? "accept" : "refuse",
        };
        yield* runTrain(application, request, request.pipeline ?? givenPipeline(defaultPipeline));
      }),
  ).pipe(
    Command.withDescription("Train a policy by a pipeline; Ctrl-C writes a checkpoint first"),
    Command.withExamples([
      { command: "deno task train", description: `Train by ${defaultPipeline}` },
      {
        command: "deno task train hopper_mscv --seed 3 --set trpoUpdate.maxKl=0.02 --iterations 50",
        description: "Train by another pipeline, with changes",
      },
      { command: "deno task train --resume runs/<id>", description: "Go on with a run that stopped" },
    ]),
  );
