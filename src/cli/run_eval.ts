/**
 * What `mscv eval` does.
 * (run folder, episodes) ⇒ returns and lengths in words
 *
 * @module
 */
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import { resolvePipeline, taskOf } from "../config/resolve.ts";
import { expectedOf } from "../run/expected.ts";
import type { ConfigInvalid } from "../config/problems.ts";
import type { Batch } from "../data/batch.ts";
import type { PolicyParams } from "../data/parameters.ts";
import { fold, makeKey } from "../math/random.ts";
import type { SettingInvalid } from "../nn/kernels/environment.ts";
import type { CheckpointCorrupt, RunFolderInvalid } from "../run/errors.ts";
import type { StageDefect } from "../program/errors.ts";
import { readLatestCheckpoint } from "../run/read_checkpoint.ts";
import { openRunFolder } from "../run/run_folder.ts";
import { formatNumber } from "../report/quantities.ts";
import { summarizeSample } from "../report/statistics.ts";
import { makeEnvs } from "../rollout/envs.ts";
import type { PhysicsDiverged } from "../rollout/physics_diverged.ts";
import { Sampler } from "../rollout/sampler.ts";
import type { TensorsExhausted } from "../stages/errors.ts";
import type { Application } from "./application.ts";
import { refuseForbidden } from "../sandbox/denials.ts";
import type { UsageInvalid } from "../config/usage.ts";

/** What `eval` was asked for. */
export interface EvalRequest {
  readonly run: string;
  readonly episodes: number;
  readonly actions: "sampled" | "mean";
  readonly seed: number;
}

/** One episode. */
export interface Episode {
  /** Undiscounted. */
  readonly return: number;
  /** Steps. */
  readonly length: number;
}

/** (batch) ⇒ the first episode of each environment, so that short episodes are not counted more often than long ones. */
export const firstEpisodes = ({ steps, environments, reward, terminated, truncated }: Batch): ReadonlyArray<Episode> =>
  Array.from({ length: environments }, (_, n) => {
    let total = 0;
    for (let t = 0; t < steps; t++) {
      const cell = t * environments + n;
      total += reward[cell];
      if (terminated[cell] === 1 || truncated[cell] === 1) return { return: total, length: t + 1 };
    }
    return { return: total, length: steps };
  });

const smallestLogStd = -30; // σ = 1e-13: the noise vanishes in float32 beside the mean

/** (policy, actions) ⇒ the policy, with next to no noise where it acts by its mean. */
const withoutNoise = (policy: PolicyParams, actionSize: number): PolicyParams => ({
  ...policy,
  theta: policy.theta.map((x, i) => (i >= policy.theta.length - actionSize ? smallestLogStd : x)),
});

const describe = (episodes: ReadonlyArray<Episode>, iteration: number, task: string, actions: string): string => {
  const returns = summarizeSample(episodes.map((each) => each.return));
  const lengths = summarizeSample(episodes.map((each) => each.length));
  const error = episodes.length > 1 ? ` ± ${formatNumber(returns.standardError)} (standard error)` : "";
  return [
    `${task}, policy after iteration ${iteration}, ${actions} actions, ${episodes.length} episodes`,
    `return ${formatNumber(returns.mean)}${error}, min ${formatNumber(returns.min)}, max ${formatNumber(returns.max)}`,
    `length ${formatNumber(lengths.mean)} steps, min ${lengths.min}, max ${lengths.max}`,
  ].join("\n");
};

/** What can stop the episodes. */
type CollectError = PhysicsDiverged | SettingInvalid;

/** Runs as many environments as episodes, each from its own reset to its end, and describes the returns. */
export const runEval: (
  application: Application,
  request: EvalRequest,
) => Effect.Effect<
  string,
  ConfigInvalid | CheckpointCorrupt | RunFolderInvalid | CollectError | StageDefect | TensorsExhausted | UsageInvalid
> = Effect.fnUntraced(
  function* ({ load }, { run, episodes, actions, seed }) {
    const { catalog, services } = yield* Effect.promise(load);
    yield* refuseForbidden(run, ["read"]);
    const folder = yield* openRunFolder(run);
    const pipeline = yield* resolvePipeline(folder.pipeline, [], catalog);
    const task = taskOf(pipeline, catalog);
    const expected = yield* expectedOf(pipeline, catalog);
    const { checkpoint: { state, iteration }, skipped } = yield* readLatestCheckpoint(folder.checkpoints, expected);
    for (const corrupt of skipped) yield* Console.error(`warning: ${corrupt.message}`);
    const { batch } = yield* Effect.provide(
      Effect.flatMap(Sampler, ({ sample }) =>
        sample({
          task,
          policy: actions === "mean" ? withoutNoise(state.policy, task.actionSize) : state.policy,
          normalizer: state.normalizer,
          envs: makeEnvs(task, episodes),
          steps: task.timeLimit,
          key: fold(makeKey(seed), "eval"),
        })),
      services(0),
    );
    return describe(firstEpisodes(batch), iteration, task.name, actions);
  },
);
