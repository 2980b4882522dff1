/**
 * Speed of imagined rollouts, by kernels against the tensor library's own operations, by turns: `deno run -A
 * tests/bench/imagination_bench.ts [rounds]`, once more with MSCV_BLAS=off for the own multiplication.
 *
 * @module
 */
import { pathDerivative, type WeightedPaths } from "../imagination/path_value.ts";
import { parseArgs } from "@std/cli";
import type { Batch } from "../../src/data/batch.ts";
import { noControl, type ReturnForm } from "../../src/data/gradient.ts";
import { mscv } from "../../src/estimators/mscv.ts";
import { embed } from "../../src/imagination/embed.ts";
import { rewardOutputs } from "../../src/imagination/model_reward.ts";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { makeCritic } from "../../src/nn/networks/critic.ts";
import { makeModel } from "../../src/nn/networks/dynamics.ts";
import { mlpEngine, plainEngine, useMlpEngine } from "../../src/nn/passes/mlp_engine.ts";
import { makeNormalizer } from "../../src/nn/networks/normalizer.ts";
import { makePolicy } from "../../src/nn/networks/policy.ts";
import { makeValue } from "../../src/nn/networks/value.ts";
import { getTask } from "../../src/tasks/registry.ts";
import { type FamilyOptions, folded } from "../estimators/world.ts";
import { alone } from "../imagination/worlds.ts";

const key = makeKey(0);
const normals = (label: string, n: number): Float32Array => {
  const { normal } = makeStream(fold(key, label));
  return Float32Array.from({ length: n }, normal);
};

/** Networks of a task, with a policy and a value of [64, 64] and dynamics of [width, width]. */
const worldOf = (name: string, width: number) => {
  const { imagined: task, observationSize, actionSize } = getTask(name);
  return {
    task,
    policy: makePolicy({ observationSize, actionSize, hidden: [64, 64], logStd: -0.7 }, fold(key, "policy")),
    value: makeValue({ observationSize, hidden: [64, 64] }, fold(key, "value")),
    model: makeModel({
      inputSize: task.featureSize + actionSize,
      outputSize: observationSize + rewardOutputs(task),
      hidden: [width, width],
      activation: "tanh",
      reward: "known",
    }, fold(key, "model")),
    critic: makeCritic({ observationSize, actionSize, hidden: [64, 64] }, fold(key, "critic")),
    control: noControl,
    normalizer: makeNormalizer(observationSize),
  };
};
type BenchWorld = ReturnType<typeof worldOf>;

const form: ReturnForm = { discount: 0.995, weighting: "kStep", lambda: 0.97, termination: "soft" };

const startsOf = ({ normalizer }: BenchWorld, n: number): Float32Array => {
  const size = normalizer.mean.length, observation = normals("s", n * size).map((x) => 0.1 * x);
  for (let i = 0; i < n; i++) observation[i * size] += 1.25; // a height at which nothing has fallen
  return observation;
};

const pathOf = (world: BenchWorld, n: number, horizon: number): WeightedPaths => ({
  world: alone(world),
  observation: startsOf(world, n),
  noise: normals("ε", horizon * n * actions(world)),
  weight: new Float32Array(n).fill(1 / n),
  horizon,
  form,
});

const actions = ({ policy }: BenchWorld): number => policy.shape.sizes[policy.shape.sizes.length - 1];

/** A batch of one episode an environment, all of it running. */
const batchOf = (world: BenchWorld, steps: number, environments: number): Batch => {
  const n = steps * environments, na = actions(world), observation = startsOf(world, n);
  return {
    steps,
    environments,
    observationSize: world.normalizer.mean.length,
    actionSize: na,
    observation,
    nextObservation: observation,
    action: normals("a", n * na),
    noise: normals("ε", n * na),
    logProb: new Float32Array(n).fill(-3),
    reward: normals("r", n),
    terminated: new Uint8Array(n),
    truncated: Uint8Array.from({ length: n }, (_, i) => (i >= n - environments ? 1 : 0)),
    episodeReturns: new Float64Array(0),
    episodeLengths: new Int32Array(0),
  };
};

const options: FamilyOptions = {
  discount: 0.995,
  advantage: "gae",
  lambda: 0.97,
  horizon: 10,
  maxHorizon: 10,
  imaginedReturn: "kStep",
  termination: "soft",
  coefficient: "optimal",
  fitOn: "otherHalf",
  baseline: "constant",
  laterResiduals: "kept",
  laterHorizon: 1,
  imaginedGradient: "pathDerivative",
  imaginedBound: 0,
  rollouts: 1,
  freshActions: 2,
  earlierBatches: 0,
  terms: ["g1", "g2"],
};

/** What is timed, with its bar in ms where it has one. */
interface Case {
  readonly name: string;
  readonly bar?: number;
  readonly run: () => unknown;
}

const makeCases = (): Case[] => {
  const noise = normals("e", 10 * 1000 * 3);
  const walker = worldOf("walker2d", 64), hopper = worldOf("hopper", 200), batch = batchOf(hopper, 500, 2);
  const short = pathOf(walker, 512, 5), gradients = [2, 10].map((k) => pathOf(hopper, 5000, k));
  return [
    { name: "gradient, 17 obs, dynamics [64, 64], n 512, k 5", bar: 8.3, run: () => pathDerivative(short).gradient },
    ...gradients.map((path): Case => ({
      name: `gradient, hopper, [200, 200], n 5000, k ${path.horizon}`,
      run: () => pathDerivative(path).gradient,
    })),
    {
      name: "embed, hopper, [200, 200], n 1000, k 10",
      run: () => embed(alone(hopper), batch, noise, 10, form),
    },
    {
      name: "whole mscv estimate, hopper, n 1000, k 10",
      bar: 300,
      run: () => mscv.estimate(folded({ ...hopper, batch }), options, fold(key, "estimate")),
    },
  ];
};

const timed = (run: () => unknown): number => {
  const start = performance.now();
  run();
  return performance.now() - start;
};

const statistics = (times: ReadonlyArray<number>): [least: number, median: number] => {
  const sorted = [...times].sort((a, b) => a - b);
  return [sorted[0], sorted[Math.floor(sorted.length / 2)]];
};

console.log((await startBackend()).line);
const rounds = Number(parseArgs(Deno.args)._[0] ?? 9);
const installed = mlpEngine(), engines = installed === plainEngine ? [plainEngine] : [installed, plainEngine];
console.log("ms, least (median)".padEnd(58), engines.length === 1 ? "plain" : "kernels".padEnd(18) + "plain");
for (const { name, bar, run } of makeCases()) {
  const times = engines.map((): number[] => []);
  for (let round = -2; round < rounds; round++) {
    engines.forEach((engine, i) => {
      useMlpEngine(engine);
      const ms = timed(run);
      if (round >= 0) times[i].push(ms); // the first two rounds warm up
    });
  }
  const shown = times.map((list) => statistics(list).map((ms) => ms.toFixed(1)));
  const cells = shown.map(([least, median]) => `${least} (${median})`.padEnd(18)).join("");
  console.log(name.padEnd(58), cells, bar === undefined ? "" : `bar ${bar}`);
}
