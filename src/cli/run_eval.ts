/**
 * What `mscv eval` does.
 *
 * @module
 */
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import { dirname } from "node:path";
import type { SampleSummary } from "../math/sample_summary.ts";
import { formatNumber } from "../report/quantities.ts";
import { evaluate, type EvaluateOptions, refuseEpisodes } from "../run/evaluate.ts";
import type { Evaluation } from "../run/evaluation.ts";
import { openRun, type Run, tellWarnings } from "../run/open_run.ts";
import { refuseForbidden } from "../sandbox/denials.ts";
import type { Application } from "./application.ts";
import { recordRun } from "./record_run.ts";

/** What `eval` was asked for. */
export interface EvalRequest extends Required<Pick<EvaluateOptions, "actions" | "episodes" | "seed">> {
  readonly run: string;
  readonly record: string | null; // file of the episodes as JSON lines
  readonly format: "words" | "json";
}

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

/** Runs the episodes of the request and prints what they earned. */
export const runEval = Effect.fnUntraced(function* ({ load }: Application, request: EvalRequest) {
  const { run: path, record, format, episodes, ...asked } = request;
  yield* refuseEpisodes(episodes, "--episodes");
  if (record !== null) yield* refuseForbidden(dirname(record));
  const run = yield* openRun(path, yield* Effect.promise(load));
  yield* tellWarnings(run);
  const found = yield* evaluate(run, { episodes, ...asked });
  if (record !== null) yield* recordRun(run, record, { episodes, path, ...asked });
  yield* Console.log((format === "json" ? printJson : describe)(run, found, asked));
});
