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
import { replay, type ReplayState, type ReplayStep } from "../tasks/replay.ts";
import { type TaskOptions, withTaskOptions } from "../tasks/task_options.ts";
import { parseEpisodes } from "../episode/record_file.ts";
import type { Application } from "./application.ts";
import { namedTask } from "../config/named_task.ts";
import { catalogWith } from "./use_flag.ts";
import { UsageInvalid } from "../config/usage.ts";

/** What `replay` was asked for. */
export interface ReplayRequest {
  /** File of recorded episodes; null: the three below are given. */
  readonly episode: string | null;
  /** Its name. */
  readonly task: string | null;
  /** Changes to its options, as `taskOptions.name=value`. */
  readonly set: ReadonlyArray<string>;
  /** JSON file of the first state by its parts: `{ qpos, qvel }` of a mechanism, `{ state }` of plain arithmetic. */
  readonly state: string | null;
  /** JSON file `[steps][act]`. */
  readonly actions: string | null;
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

/** A task, where it starts, and what is done in it. */
interface Replayed {
  readonly task: string;
  /** As recorded; null: as the command line says. */
  readonly options: TaskOptions | null;
  readonly use: ReadonlyArray<string>;
  readonly start: ReplayState;
  readonly actions: ReadonlyArray<ReadonlyArray<number>>;
}

const ofEpisode = (file: string, use: ReadonlyArray<string>): Effect.Effect<Replayed, UsageInvalid> =>
  Effect.try({
    try: () => {
      const [{ source, start, steps }] = parseEpisodes(readFileSync(file, "utf8"));
      const modules = [...new Set([...source.use, ...use])], actions = steps.map(({ action }) => action);
      return { task: source.task, options: source.options, use: modules, start, actions };
    },
    catch: (error) => new UsageInvalid({ message: `Cannot replay ${file}. ${(error as Error).message}` }),
  });

/** (request) ⇒ what to replay. Fails: UsageInvalid where neither an episode nor all of the rest is given. */
const whatToReplay = Effect.fnUntraced(function* (
  { episode, task, state, actions, use }: ReplayRequest,
): Effect.fn.Return<Replayed, UsageInvalid> {
  const rest = [task, state, actions].filter((each) => each !== null).length;
  if (episode !== null && rest === 0) return yield* ofEpisode(episode, use);
  if (episode !== null || task === null || state === null || actions === null) {
    const message = "Cannot replay as --episode alone must be given, or --task, --state and --actions together";
    return yield* Effect.fail(new UsageInvalid({ message }));
  }
  const start = yield* readJson(state, stateSchema), taken = yield* readJson(actions, actionsSchema);
  return { task, options: null, use, start, actions: taken };
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
  const { task: name, options, use, start, actions: given } = yield* whatToReplay(request);
  const catalog = yield* catalogWith((yield* Effect.promise(load)).catalog, use);
  const named = yield* namedTask(name, request.set, catalog);
  const task = options === null ? named : withTaskOptions(named, options);
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
