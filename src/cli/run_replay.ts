/**
 * What `mscv replay` does.
 * (task, files of a first state and of actions) ⇒ one JSON line a step
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import { readFileSync } from "node:fs";
import type { SimulationError } from "../tasks/fault.ts";
import { prepareTask, type TaskUnprepared } from "../tasks/prepare.ts";
import { replay, type ReplayStep } from "../tasks/replay.ts";
import type { Application } from "./application.ts";
import { namedTask } from "../config/named_task.ts";
import { catalogWith } from "./use_flag.ts";
import { UsageInvalid } from "../config/usage.ts";

/** What `replay` was asked for. */
export interface ReplayRequest {
  /** Its name. */
  readonly task: string;
  /** Changes to its options, as `taskOptions.name=value`. */
  readonly set: ReadonlyArray<string>;
  /** JSON file of the first state by its parts: `{ qpos, qvel }` of a mechanism, `{ state }` of plain arithmetic. */
  readonly state: string;
  /** JSON file `[steps][act]`. */
  readonly actions: string;
  /** Modules of one's own. */
  readonly use: ReadonlyArray<string>;
}

const numbers = Schema.Array(Schema.Finite);
const stateSchema = Schema.Record(Schema.String, numbers);
const actionsSchema = Schema.Array(numbers);

const readJson = <A>(file: string, schema: Schema.Codec<A, unknown>): Effect.Effect<A, UsageInvalid> =>
  Effect.try({
    try: () => Schema.decodeUnknownSync(schema)(JSON.parse(readFileSync(file, "utf8").replace(/^\uFEFF/, ""))),
    catch: (error) => {
      const reason = (error as Error).message.replaceAll(/\s+/g, " "); // a schema's has several lines
      return new UsageInvalid({ message: `Cannot replay ${file} as it must be readable: ${reason}` });
    },
  });

/** (step) ⇒ its line. Throws a RangeError where the reward is none that JSON can hold: of actions beyond 1e154. */
const toLine = ({ obs, reward, terminated, truncated, state }: ReplayStep): string => {
  if (!Number.isFinite(reward)) {
    throw new RangeError(`Cannot replay on as the reward must be a finite number: current value is ${reward}`);
  }
  const parts = Object.entries(state).map(([name, values]) => [name, [...values]]);
  return JSON.stringify({ obs: [...obs], reward, terminated, truncated, ...Object.fromEntries(parts) }) + "\n";
};

/** Steps the task through the actions; prints a line after each. Fails: UsageInvalid, SimulationError. */
export const runReplay: (
  application: Pick<Application, "load" | "output">,
  request: ReplayRequest,
) => Effect.Effect<void, UsageInvalid | SimulationError> = Effect.fnUntraced(function* ({ load, output }, request) {
  const { state, actions, use } = request;
  const catalog = yield* catalogWith((yield* Effect.promise(load)).catalog, use);
  const task = yield* namedTask(request.task, request.set, catalog);
  const start = yield* readJson(state, stateSchema);
  const given = yield* readJson(actions, actionsSchema);
  yield* Effect.tryPromise({
    try: () => prepareTask(task),
    catch: (error) => new UsageInvalid({ message: (error as TaskUnprepared).message }),
  });
  yield* Effect.try({
    try: () => {
      for (const step of replay(task, start, given)) output.write(toLine(step));
    },
    catch: (error) =>
      error instanceof RangeError ? new UsageInvalid({ message: error.message }) : error as SimulationError,
  });
});
