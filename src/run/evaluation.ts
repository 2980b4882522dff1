/**
 * Episodes of a policy, from a reset each to their end.
 * (task, policy, normaliser, key) ⇒ returns and lengths
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type { Batch } from "../data/batch.ts";
import type { Key } from "../math/random.ts";
import { type SampleSummary, summarizeSample } from "../math/sample_summary.ts";
import { type Actions, policyThatActs } from "../rollout/actions.ts";
import { makeEnvs } from "../rollout/envs.ts";
import { type SampleError, Sampler } from "../rollout/sampler.ts";
import type { TrainState } from "../stages/stage.ts";
import type { Task } from "../tasks/task.ts";

/** One episode. */
export interface Episode {
  /** Undiscounted. */
  readonly return: number;
  /** Environment steps. */
  readonly length: number;
}

export type { Actions };

/** What episodes of a policy say of it. */
export interface Evaluation {
  /** In the order of their environments. */
  readonly episodes: ReadonlyArray<Episode>;
  /** Of their returns. */
  readonly return: SampleSummary;
  /** Of their lengths, in environment steps. */
  readonly length: SampleSummary;
}

/** What is evaluated, and how. */
export interface EvaluationRequest {
  readonly task: Task;
  readonly state: Pick<TrainState, "policy" | "normalizer">;
  readonly episodes: number;
  readonly actions: Actions;
  readonly key: Key;
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

/** Runs as many environments as episodes, each from its own reset to its end. Fails: SampleError. */
export const runEpisodes: (
  request: EvaluationRequest,
) => Effect.Effect<Evaluation, SampleError, Sampler> = Effect.fnUntraced(
  function* ({ task, state: { policy, normalizer }, episodes, actions, key }) {
    const { sample } = yield* Sampler;
    const { batch } = yield* sample({
      task,
      policy: policyThatActs(policy, task.actionSize, actions),
      normalizer,
      envs: makeEnvs(task, episodes),
      steps: task.timeLimit,
      key,
    });
    const found = firstEpisodes(batch);
    return {
      episodes: found,
      return: summarizeSample(found.map((each) => each.return)),
      length: summarizeSample(found.map((each) => each.length)),
    };
  },
);

/** (evaluation) ⇒ what the log of a run says of it. */
export const evaluationMetrics = (
  { episodes, return: { mean, standardError, min, max }, length }: Evaluation,
): Readonly<Record<string, number>> => ({
  "evaluation.return": mean,
  ...(standardError === null ? {} : { "evaluation.returnError": standardError }),
  "evaluation.returnMin": min,
  "evaluation.returnMax": max,
  "evaluation.length": length.mean,
  "evaluation.episodes": episodes.length,
});
