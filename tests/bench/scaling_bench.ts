/**
 * How seconds and memory of an iteration grow with the batch, the horizon k, the width of the networks, the number of
 * environments and of workers, on Hopper, with the exponent p of cost ∝ sizeᵖ by least squares on logarithms.
 *
 *   deno run --allow-all tests/bench/scaling_bench.ts [axis …]
 *
 * Each axis runs in a process of its own. Its points are interleaved over rounds, each time with an iteration that warms
 * up and one that counts: five rounds, or three for a point whose iteration takes 2 s or more. Two exponents are given:
 * over all sizes, and over the three largest, where fixed costs count least; the larger one is judged. Along the width
 * the size is the number of parameters of the three networks: flops are proportional to it, quadratic in the width.
 *
 * Memory is what the process holds after an iteration (resident), in the first round alone, from the smallest point to
 * the largest, since memory that a process once took it keeps. Its exponent is that of memory − base, base being what
 * the process holds after iterations of 250 transitions with networks of [16, 16]; points within 10 MB of the base count
 * as nothing and are left out.
 */
import { parseArgs } from "@std/cli";
import * as Effect from "effect/Effect";
import * as ManagedRuntime from "effect/ManagedRuntime";
import { builtIn } from "../../src/config/built_in.ts";
import { mlpParameterCount, type MlpShape } from "../../src/data/parameters.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { makeNormalizer } from "../../src/nn/networks/normalizer.ts";
import { makePolicy } from "../../src/nn/networks/policy.ts";
import { makeEnvs } from "../../src/rollout/envs.ts";
import { Sampler } from "../../src/rollout/sampler.ts";
import { workerSampler } from "../../src/rollout/workers.ts";
import { median } from "./peers/measure.ts";
import { runIterations } from "./run_iterations.ts";

const PIPELINE = new URL("../../pipelines/hopper_mscv.yaml", import.meta.url).pathname;
const BAR = 1.1; // largest exponent that counts as linear
const ROUNDS = 5;
const ROUNDS_OF_LONG = 3;
const LONG = 2; // s an iteration
const LEAST_MEMORY = 10; // MB above the base that are more than noise
const task = builtIn.tasks.hopper;

type Seconds = Readonly<Record<string, number>>;

/** One size of one axis. */
interface Point {
  readonly size: number;
  readonly label: string;
  readonly set: ReadonlyArray<string>;
}

/** What varies, and what of the iteration it makes more expensive. */
interface Axis {
  readonly title: string;
  readonly points: ReadonlyArray<Point>;
  readonly cost: (seconds: Seconds) => number;
  readonly costName: string;
}

/** (steps) ⇒ settings whose whole work is proportional to the batch: one pass of the model and of V over it. */
const batchOf = (steps: number): string[] => [
  `collect.steps=${steps}`,
  `store.capacity=${steps}`,
  `fitModel.updates=${Math.ceil(steps / 250)}`,
  "fitModel.batchSize=250",
  "fitValue.batches=1",
  "fitValue.epochs=1",
  "fitValue.batchSize=250",
  "estimateGradient.horizon=2",
];

const parametersAt = (width: number): number => {
  const { observationSize: obs, actionSize: act, imagined: { featureSize } } = task;
  const count = (input: number, output: number) =>
    mlpParameterCount({ sizes: [input, width, width, output], activation: "tanh" } satisfies MlpShape);
  return count(obs, act) + act + count(obs, 1) + count(featureSize + act, obs + 1);
};

const axes: Readonly<Record<string, Axis>> = {
  batch: {
    title: "batch, transitions",
    points: [1000, 3000, 10_000, 30_000, 100_000].map((n) => ({ size: n, label: `${n}`, set: batchOf(n) })),
    cost: ({ total }) => total,
    costName: "iteration",
  },
  horizon: {
    title: "horizon k, imagined steps; 2000 transitions",
    points: [1, 2, 4, 7, 10].map((k) => ({
      size: k,
      label: `${k}`,
      set: [...batchOf(2000), `estimateGradient.horizon=${k}`],
    })),
    cost: ({ estimateGradient, trpoUpdate }) => estimateGradient + trpoUpdate,
    costName: "estimateGradient + trpoUpdate",
  },
  width: {
    title: "width of all networks [w, w], by parameters; 2000 transitions",
    points: [64, 128, 256, 512].map((w) => ({
      size: parametersAt(w),
      label: `${w} (${parametersAt(w)})`,
      set: [...batchOf(2000), ...["policy", "value", "model"].map((net) => `networks.${net}.hidden=[${w}, ${w}]`)],
    })),
    cost: ({ total }) => total,
    costName: "iteration",
  },
  environments: {
    title: "environments; 10240 transitions in all",
    points: [1, 4, 16, 64, 256, 1024].map((n) => ({
      size: n,
      label: `${n}`,
      set: [...batchOf(10_240), `collect.environments=${n}`],
    })),
    cost: ({ collect }) => collect,
    costName: "collect",
  },
};

/** What a point costs, by rounds. */
interface Cost {
  readonly seconds: number[];
  readonly totals: number[]; // s, whole iterations
  memory: number; // MB, resident after an iteration of the first round
}

const resident = (): number => Deno.memoryUsage().rss / 1e6;

/** () ⇒ MB that a process holds which has run all of the code, on next to nothing. */
const baseMemory = async (): Promise<number> => {
  const networks = ["policy", "value", "model"].map((net) => `networks.${net}.hidden=[16, 16]`);
  await runIterations(PIPELINE, [...batchOf(250), "collect.environments=1", ...networks], 3, () => {});
  return resident();
};

/** One round of a point. */
const runPoint = async ({ cost }: Axis, { set }: Point, round: number, known: Cost): Promise<void> => {
  await runIterations(PIPELINE, set, 2, (result, iteration) => {
    if (round === 0) known.memory = Math.max(known.memory, resident());
    if (iteration === 1) return; // grows the heap, compiles what is new
    known.seconds.push(cost(result.seconds));
    known.totals.push(result.seconds.total);
  });
};

const measure = async (axis: Axis): Promise<Cost[]> => {
  const costs = axis.points.map((): Cost => ({ seconds: [], totals: [], memory: 0 }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, point] of axis.points.entries()) {
      const done = round >= ROUNDS_OF_LONG && median(costs[i].totals) >= LONG;
      if (!done) await runPoint(axis, point, round, costs[i]);
    }
  }
  return costs;
};

/** (x, y) ⇒ p of y ∝ xᵖ. */
const exponent = (x: ReadonlyArray<number>, y: ReadonlyArray<number>): number => {
  const mean = (values: ReadonlyArray<number>) => values.reduce((a, b) => a + b) / values.length;
  const u = x.map(Math.log), v = y.map(Math.log), mu = mean(u), mv = mean(v);
  return u.reduce((sum, a, i) => sum + (a - mu) * (v[i] - mv), 0) / u.reduce((sum, a) => sum + (a - mu) ** 2, 0);
};

/** Exponent over all sizes and over the three largest, judged by the larger one; [size, cost] of each. */
const verdict = (name: string, points: ReadonlyArray<readonly [number, number]>): string => {
  if (points.length < 2) return `  ${name}: no growth to speak of (bar ${BAR}, met)`;
  const of = (part: typeof points) => exponent(part.map(([size]) => size), part.map(([, cost]) => cost));
  const all = of(points), large = of(points.slice(-3)), met = Math.max(all, large) <= BAR;
  return `  ${name}: exponent ${all.toFixed(2)}, of the three largest ${large.toFixed(2)} (bar ${BAR}, ${
    met ? "met" : "MISSED: it grows faster"
  })`;
};

const report = (axis: Axis, costs: ReadonlyArray<Cost>, base: number): void => {
  const line = (texts: ReadonlyArray<string>) => texts.map((text, c) => text.padStart([0, 32, 18, 10, 8][c])).join("");
  console.log(`\n${axis.title}`);
  console.log(line(["".padEnd(16), axis.costName, "whole iteration", "memory", "rounds"]));
  for (const [i, { label }] of axis.points.entries()) {
    const { seconds, totals, memory } = costs[i], [own, total] = [seconds, totals].map(median);
    const texts = [`${own.toFixed(3)} s`, `${total.toFixed(3)} s`, `${memory.toFixed(0)} MB`, `${seconds.length}`];
    console.log(line([label.padEnd(16), ...texts]));
  }
  const pairs = (of: (cost: Cost) => number) => costs.map((cost, i) => [axis.points[i].size, of(cost)] as const);
  const memory = pairs((cost) => cost.memory - base).filter(([, above]) => above >= LEAST_MEMORY);
  console.log(verdict("seconds", pairs(({ seconds }) => median(seconds))));
  console.log(verdict(`memory above the base of ${base.toFixed(0)} MB`, memory));
};

/** (workers) ⇒ ((round) ⇒ seconds of a collection), and what ends the workers. */
const makeCollector = (count: number, steps: number, environments: number) => {
  const policy = makePolicy({ ...task, hidden: [64, 64], logStd: 0 }, makeKey(0));
  const request = {
    task,
    policy,
    normalizer: makeNormalizer(task.observationSize, task.observationBound),
    steps: steps / environments,
  };
  const runtime = ManagedRuntime.make(workerSampler(count));
  let envs = makeEnvs(task, environments);
  const collect = async (round: number): Promise<number> => {
    const start = performance.now(), key = fold(makeKey(0), round);
    const sample = Effect.flatMap(Sampler, (sampler) => sampler.sample({ ...request, envs, key }));
    envs = (await runtime.runPromise(sample)).envs;
    return (performance.now() - start) / 1000;
  };
  return { collect, end: () => runtime.dispose() };
};

/** Seconds of a collection of 40000 steps by 1 and by 2 workers, in turn. */
const workers = async (): Promise<void> => {
  const steps = 40_000, environments = 8;
  const collectors = [1, 2].map((count) => makeCollector(count, steps, environments));
  const times = collectors.map((): number[] => []);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [i, { collect }] of collectors.entries()) {
      const seconds = await collect(round);
      if (round > 0) times[i].push(seconds); // the first one compiles
    }
  }
  for (const { end } of collectors) await end();
  const [one, two] = times.map(median);
  console.log(`\nworkers; ${steps} transitions of ${environments} environments, ${ROUNDS} rounds`);
  console.log(`1               ${one.toFixed(3)} s\n2               ${two.toFixed(3)} s`);
  console.log(`  ${(one / two).toFixed(2)} times faster with 2 (${navigator.hardwareConcurrency} cores)`);
};

const runAxis = async (name: string): Promise<void> => {
  if (name === "workers") return await workers();
  const base = await baseMemory(); // compiles the code as well
  report(axes[name], await measure(axes[name]), base);
};

const { here, _: names } = parseArgs(Deno.args, { boolean: ["here"] }), chosen = names.map(String);
if (here) await runAxis(chosen[0]);
else {
  for (const name of chosen.length > 0 ? chosen : [...Object.keys(axes), "workers"]) {
    const args = ["run", "--allow-all", new URL(import.meta.url).pathname, "--here", name];
    const { code } = await new Deno.Command(Deno.execPath(), { args, stdout: "inherit", stderr: "inherit" }).output();
    if (code !== 0) Deno.exit(code);
  }
}
