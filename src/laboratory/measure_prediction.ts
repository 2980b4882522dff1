/**
 * The model of a run's last checkpoint against fresh episodes of its policy.
 * (run folder) ⇒ (prediction report)
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type { Batch } from "../data/batch.ts";
import { isSimulator, type Model } from "../data/folds.ts";
import { sampleSegments, type Segments } from "../data/training_segments.ts";
import { predictOpenLoop } from "../imagination/open_loop.ts";
import { fold, type Key, makeStream } from "../math/random.ts";
import { agreementOf } from "../report/prediction.ts";
import type { PredictionReport } from "../report/prediction_figure.ts";
import { makeEnvs } from "../rollout/envs.ts";
import { Sampler } from "../rollout/sampler.ts";
import { TensorRuntime } from "../stages/tensor_runtime.ts";
import type { ImaginedTask } from "../tasks/task.ts";
import type { Engine } from "../run/engine.ts";
import { openRun, type Run, tellWarnings } from "../run/open_run.ts";
import { UsageInvalid } from "../config/usage.ts";

const horizon = 15; // steps, as in the paper's Figures 2 and 3
const starts = 1000, environments = 10;

/** (arrays [H, n·d]) ⇒ [H, members·n·d]: the members lie beside each other, as if each had starts of its own. */
const sideBySide = (members: ReadonlyArray<Float32Array>): Float32Array => {
  const width = members[0].length / horizon, all = new Float32Array(members.length * members[0].length);
  members.forEach((member, m) => {
    for (let h = 0; h < horizon; h++) {
      all.set(member.subarray(h * width, (h + 1) * width), (h * members.length + m) * width);
    }
  });
  return all;
};

/** (task, model, segments) ⇒ agreement of states and of rewards. */
const compare = (task: ImaginedTask, model: Model, segments: Segments, observationSize: number) => {
  const members = predictOpenLoop(task, model, segments);
  const forEach = (real: Float32Array) => sideBySide(members.map(() => real));
  const { count, observation, reward, mask } = segments;
  const shared = { horizon, count: count * members.length, mask: forEach(mask) };
  const reached = observation.subarray(count * observationSize); // without the start
  return {
    state: agreementOf({
      ...shared,
      width: observationSize,
      real: forEach(reached),
      predicted: sideBySide(members.map((member) => member.observation)),
    }),
    reward: agreementOf({
      ...shared,
      width: 1,
      real: forEach(reward),
      predicted: sideBySide(members.map((member) => member.reward)),
    }),
  };
};

const segmentsOf = (batch: Batch, key: Key): Segments =>
  sampleSegments({ batches: [batch] }, starts, horizon, makeStream(key));

/** (model) ⇒ whether it says anything: a simulator does as it stands. */
const modelIsFitted = (model: Model): boolean => isSimulator(model) || model.members[0].adam.step > 0;

const measure = Effect.fnUntraced(function* ({ task, folder, checkpoint: { state, iteration } }: Run, key: Key) {
  if (!modelIsFitted(state.model.first.network)) {
    return yield* Effect.fail(
      new UsageInvalid({
        message:
          `Cannot measure predictions of ${folder.path} as its model must have been fitted: no stage has done so`,
      }),
    );
  }
  const { sample } = yield* Sampler, runtime = yield* TensorRuntime;
  const request = { task, policy: state.policy, normalizer: state.normalizer, envs: makeEnvs(task, environments) };
  const { batch } = yield* sample({ ...request, steps: 2 * task.timeLimit, key: fold(key, "collect") });
  const segments = segmentsOf(batch, fold(key, "starts"));
  const agreement = yield* runtime.scoped(
    "report",
    () => compare(task.imagined, state.model.first.network, segments, task.observationSize),
  );
  return { run: folder.path, task: task.name, iteration, ...agreement } satisfies PredictionReport;
});

/** (engine, run folder or checkpoint, key) ⇒ (prediction report). */
export const measurePrediction = Effect.fnUntraced(function* (engine: Engine, path: string, key: Key) {
  const run = yield* openRun(path, engine);
  yield* tellWarnings(run);
  return yield* Effect.provide(measure(run, key), engine.services(0));
});
