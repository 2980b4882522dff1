/**
 * `mscv eval`: what the policy of a run's checkpoint earns.
 * (run, episodes) ⇒ returns and lengths, in words or as JSON
 *
 * @module
 */
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import { dirname } from "node:path";
import type { SampleSummary } from "../math/sample_summary.ts";
import { formatNumber } from "../report/quantities.ts";
import type { EvaluateOptions } from "../run/evaluate.ts";
import type { Evaluation } from "../run/evaluation.ts";
import type { Run } from "../run/open_run.ts";
import { refuseForbidden } from "../sandbox/denials.ts";
import { pathArgument, pathFlag, withDefault } from "./given.ts";
import type { Application } from "./application.ts";

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

type Asked = Required<Pick<EvaluateOptions, "actions" | "seed">>;

const describe = ({ task, checkpoint }: Run, found: Evaluation, { actions }: Asked): string => {
  const { episodes, return: returns, length } = found;
  const error = returns.standardError === null ? "" : ` ± ${formatNumber(returns.standardError)} (standard error)`;
  return [
    `${task.name}, policy after iteration ${checkpoint.iteration}, ${actions} actions, ${episodes.length} episodes`,
    `return ${formatNumber(returns.mean)}${error}, min ${formatNumber(returns.min)}, max ${formatNumber(returns.max)}`,
    `length ${formatNumber(length.mean)} steps, min ${length.min}, max ${length.max}`,
  ].join("\n");
};

const numbersOf = ({ mean, standardError, min, max }: SampleSummary) => ({ mean, standardError, min, max });

/** One object; `steps` are those that the run had collected, `mean` to `max` are of the returns. */
const printJson = ({ task, path, checkpoint }: Run, found: Evaluation, { actions, seed }: Asked): string =>
  JSON.stringify({
    task: task.name,
    checkpoint: path,
    iteration: checkpoint.iteration,
    steps: checkpoint.steps,
    actions,
    seed,
    episodes: found.episodes,
    ...numbersOf(found.return),
    length: numbersOf(found.length),
  });

/** (application) ⇒ the command `eval`. */
export const evalCommand = (application: Application) =>
  Command.make(
    "eval",
    parameters,
    ({ run: path, episodes, sampled, seed, record, json }) =>
      Effect.gen(function* () {
        const { openRun, tellWarnings } = yield* Effect.promise(() => import("../run/open_run.ts"));
        const { evaluate, refuseEpisodes } = yield* Effect.promise(() => import("../run/evaluate.ts"));
        yield* refuseEpisodes(episodes, "--episodes");
        if (Option.isSome(record)) yield* refuseForbidden(dirname(record.value), ["write"]);
        const run = yield* openRun(path, yield* Effect.promise(application.load));
        yield* tellWarnings(run);
        const asked: Asked = { actions: sampled ? "sampled" : "mean", seed };
        const found = yield* evaluate(run, { episodes, ...asked });
        if (Option.isSome(record)) {
          const { recordRun } = yield* Effect.promise(() => import("./record_run.ts"));
          yield* recordRun(run, record.value, { episodes, path, ...asked });
        }
        yield* Console.log((json ? printJson : describe)(run, found, asked));
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
