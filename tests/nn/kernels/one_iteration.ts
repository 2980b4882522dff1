/**
 * A child process: one iteration of a tiny MSCV program on whatever kernels the environment chooses, as one line of JSON.
 *
 * @module
 */
import { networksOf } from "../../../src/data/folds.ts";
import type { TrainState } from "../../../src/stages/stage.ts";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { makeKey } from "../../../src/math/random.ts";
import { startBackend } from "../../../src/nn/kernels/backend.ts";
import { iterate } from "../../../src/program/iterate.ts";
import { program } from "../../../src/program/program.ts";
import { inlineSampler } from "../../../src/rollout/inline.ts";
import { collect } from "../../../src/stages/collect.ts";
import { estimateGradient } from "../../../src/stages/estimate_gradient.ts";
import { fitModel } from "../../../src/stages/fit_model.ts";
import { fitValue } from "../../../src/stages/fit_value.ts";
import { initialState } from "../../../src/stages/initial_state.ts";
import { store } from "../../../src/stages/store.ts";
import { tensorRuntime } from "../../../src/stages/tensor_runtime.ts";
import { trpoUpdate } from "../../../src/stages/trpo_update.ts";
import { tasks } from "../../../src/tasks/registry.ts";

/** Parameters of a network before and after the iteration. */
export interface Change {
  readonly before: ReadonlyArray<number>;
  readonly after: ReadonlyArray<number>;
}

/** What the child prints. */
export interface OneIteration {
  readonly kernels: "auto" | "off";
  readonly blas: string | null;
  readonly networks: Readonly<Record<"policy" | "value" | "model", Change>>;
  readonly metrics: Readonly<Record<string, number | string>>;
}

const hopper = tasks.hopper, key = makeKey(4), net = { hidden: [16, 16] };

const tiny = program(
  collect(hopper, { steps: 200, environments: 2 }),
  store(hopper, { capacity: 400 }),
  fitModel(hopper, { updates: 5, batchSize: 64 }),
  fitValue(hopper, { epochs: 1, batchSize: 32 }), // 7 updates: the first of Adam sees signs alone
  estimateGradient(hopper, { horizon: 3, imaginedReturn: "lambdaWeighted", coefficient: "optimal" }),
  trpoUpdate(hopper),
);

const main = async (): Promise<OneIteration> => {
  const model = { ...net, activation: "relu", reward: "known" } as const;
  const before = initialState(hopper, { policy: { ...net, logStd: -0.5 }, value: net, model }, key);
  const services = Layer.mergeAll(inlineSampler, tensorRuntime);
  const { state, metrics } = await Effect.runPromise(Effect.provide(iterate(tiny, before, key, 0), services));
  const networks = ({ policy, value, model }: TrainState) => ({
    policy,
    value: value.first.network,
    model: networksOf(model.first.network, "").members[0],
  });
  const change = (name: "policy" | "value" | "model"): Change => ({
    before: Array.from(networks(before)[name].theta),
    after: Array.from(networks(state)[name].theta),
  });
  const { kernels, blas } = await startBackend();
  return {
    kernels,
    blas,
    networks: { policy: change("policy"), value: change("value"), model: change("model") },
    metrics: metrics as OneIteration["metrics"],
  };
};

if (import.meta.main) console.log(JSON.stringify(await main()));
