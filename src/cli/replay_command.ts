/**
 * `mscv replay`: recorded actions on a task, one JSON line a step, to hold it against another simulator.
 *
 * @module
 */
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import { readFileSync } from "node:fs";
import type { ReplayStep } from "../tasks/replay.ts";
import type { Application } from "./application.ts";
import { UsageInvalid } from "./exit.ts";

const numbers = Schema.Array(Schema.Finite);
const stateSchema = Schema.Struct({ qpos: numbers, qvel: numbers });
const actionsSchema = Schema.Array(numbers);

const readJson = <A>(file: string, schema: Schema.Codec<A, unknown>): Effect.Effect<A, UsageInvalid> =>
  Effect.try({
    try: () => Schema.decodeUnknownSync(schema)(JSON.parse(readFileSync(file, "utf8"))),
    catch: (error) => {
      const reason = (error as Error).message.replaceAll(/\s+/g, " "); // a schema's has several lines
      return new UsageInvalid({ message: `Cannot replay ${file} as it must be readable: ${reason}` });
    },
  });

const toLine = ({ obs, qpos, qvel, reward, terminated, truncated }: ReplayStep): string =>
  JSON.stringify({ obs: [...obs], reward, terminated, truncated, qpos: [...qpos], qvel: [...qvel] }) + "\n";

const parameters = {
  task: Flag.String("task").pipe(Flag.withDescription("Name of the task, as `tasks` lists it")),
  state: Flag.String("state").pipe(Flag.withDescription("JSON file { qpos, qvel } of the first state")),
  actions: Flag.String("actions").pipe(Flag.withDescription("JSON file [steps][act]")),
};

/** (application) ⇒ the command `replay`. */
export const replayCommand = (application: Application) =>
  Command.make("replay", parameters, ({ task, state, actions }) =>
    Effect.gen(function* () {
      const { catalog } = yield* Effect.promise(application.load);
      const { replay } = yield* Effect.promise(() => import("../tasks/replay.ts"));
      if (!Object.hasOwn(catalog.tasks, task)) {
        const known = Object.keys(catalog.tasks).join(", ");
        return yield* new UsageInvalid({ message: `Cannot replay "${task}" as it must be one of ${known}` });
      }
      const start = yield* readJson(state, stateSchema);
      const given = yield* readJson(actions, actionsSchema);
      yield* Effect.try({
        try: () => {
          for (const step of replay(catalog.tasks[task], start, given)) application.output.write(toLine(step));
        },
        catch: (error) => error instanceof RangeError ? new UsageInvalid({ message: error.message }) : error as Error,
      });
    })).pipe(
      Command.withDescription(
        "Step a task through recorded actions; prints obs, reward, terminated, truncated, qpos, qvel",
      ),
      Command.withExamples([{
        command: "deno task replay --task hopper --state state.json --actions actions.json",
        description: "One JSON line a step",
      }]),
    );
