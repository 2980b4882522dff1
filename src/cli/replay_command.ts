/**
 * `mscv replay`: recorded actions on a task, one JSON line a step, to hold it against another simulator.
 *
 * @module
 */
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import { pathFlag } from "./given.ts";
import type { Application } from "./application.ts";
import { useFlag } from "./use_flag.ts";
import { loadModule } from "../files/load_module.ts";

const parameters = {
  episode: pathFlag("episode").pipe(
    Flag.withDescription("File of episodes that eval --record wrote: its first one, in place of the flags below"),
    Flag.withMetavar("file"),
    Flag.optional,
  ),
  task: Flag.String("task").pipe(Flag.withDescription("Name of the task, as `tasks` lists it"), Flag.optional),
  set: Flag.String("set").pipe(
    Flag.withDescription("Change one option of the task: taskOptions.name=value; may be repeated"),
    Flag.withMetavar("a.b=c"),
    Flag.atLeast(0),
  ),
  state: pathFlag("state").pipe(
    Flag.withDescription(
      "JSON file of the first state: { qpos, qvel } of a mechanism, { state } of a task by plain arithmetic",
    ),
    Flag.optional,
  ),
  use: useFlag,
  actions: pathFlag("actions").pipe(Flag.withDescription("JSON file [steps][act]"), Flag.optional),
};

/** (application) ⇒ the command `replay`. */
export const replayCommand = (application: Application) =>
  Command.make("replay", parameters, ({ episode, task, state, actions, use, set }) =>
    Effect.gen(function* () {
      const { runReplay } = yield* Effect.promise(() =>
        loadModule<typeof import("./run_replay.ts")>(import.meta.resolve("./run_replay.ts"))
      );
      const [file, name, start, taken] = [episode, task, state, actions].map(Option.getOrNull);
      yield* runReplay(application, { episode: file, task: name, state: start, actions: taken, use, set });
    })).pipe(
      Command.withDescription(
        "Step a task through recorded actions; prints obs, reward, terminated, truncated, and the state as --state has it",
      ),
      Command.withExamples([{
        command: "deno task replay --episode runs/<id>/episodes.jsonl",
        description: "The actions of a recorded episode, simulated again",
      }, {
        command: "deno task replay --task hopper --state state.json --actions actions.json",
        description: "One JSON line a step",
      }]),
    );
