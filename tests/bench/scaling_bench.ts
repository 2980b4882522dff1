/**
 * How seconds and memory of an iteration grow with the batch, the horizon k, the width of the networks, the number of
 * environments and of workers, on Hopper, with the exponent p of cost ∝ sizeᵖ by least squares on logarithms.
 *
 *   deno run --allow-all tests/bench/scaling_bench.ts [axis …]
 *
 * Each axis runs in a process of its own, since memory that a process once took it keeps. Two exponents are given: over
 * all sizes, and over the three largest, where fixed costs count least; the larger one is judged. Memory is what the
 * process holds at the end of an iteration, with the some 180 MB that it holds anyway. Along the width the
 * size is the number of parameters of the three networks: flops are proportional to it, quadratic in the width.
 */
import * as Effect from "effect/Effect";
import { builtIn } from "../../src/config/built_in.ts";
import { mlpParameterCount, type MlpShape } from "../../src/data/parameters.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { makeNormalizer } from "../../src/nn/normalizer.ts";
import { makePolicy } from "../../src/nn/policy.ts";
import { makeEnvs } from "../../src/rollout/envs.ts";
import { Sampler } from "../../src/rollout/sampler.ts";
import { workerSampler } from "../../src/rollout/workers.ts";
import { runIterations } from "./run_iterations.ts";

const PIPELINE = new URL("../../pipelines/hopper_mscv.yaml", import.meta.url).pathname;
const BAR = 1.1; // largest exponent that counts as linear
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
  /** (size) ⇒ iterations, of which the first does not count */
  readonly iterations: (size: number) => number;
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
    iterations: (transitions) => (transitions < 25_000 ? 4 : 2),
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
    iterations: () => 4,
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
    iterations: () => 4,
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
    iterations: () => 4,
  },
};

/** What a point costs. */
interface Cost {
  readonly seconds: number; // median
  readonly total: number; // s, median of whole iterations
  readonly memory: number; // MB, resident at the end
}

const median = (x: ReadonlyArray<number>): number => [...x].sort((a, b) => a - b)[Math.floor(x.length / 2)];

const costOf = async ({ cost, iterations }: Axis, { set, size }: Point): Promise<Cost> => {
  const seconds: number[] = [], totals: number[] = [];
  let memory = 0;
  await runIterations(PIPELINE, set, iterations(size), (result, iteration) => {
    memory = Math.max(memory, Deno.memoryUsage().rss / 1e6);
    if (iteration === 1) return; // grows the heap, compiles what is new
    seconds.push(cost(result.seconds));
    totals.push(result.seconds.total);
  });
  return { seconds: median(seconds), total: median(totals), memory };
};

/** (x, y) ⇒ p of y ∝ xᵖ. */
const exponent = (x: ReadonlyArray<number>, y: ReadonlyArray<number>): number => {
  const mean = (values: ReadonlyArray<number>) => values.reduce((a, b) => a + b) / values.length;
  const u = x.map(Math.log), v = y.map(Math.log), mu = mean(u), mv = mean(v);
  return u.reduce((sum, a, i) => sum + (a - mu) * (v[i] - mv), 0) / u.reduce((sum, a) => sum + (a - mu) ** 2, 0);
};

const report = (axis: Axis, costs: ReadonlyArray<Cost>): void => {
  console.log(`\n${axis.title}`);
  console.log(`${"".padEnd(16)}${axis.costName.padStart(32)}${"whole iteration".padStart(18)}${"memory".padStart(10)}`);
  for (const [i, { label }] of axis.points.entries()) {
    const { seconds, total, memory } = costs[i];
    const texts = [`${seconds.toFixed(3)} s`.padStart(32), `${total.toFixed(3)} s`.padStart(18)];
    console.log(`${label.padEnd(16)}${texts.join("")}${`${memory.toFixed(0)} MB`.padStart(10)}`);
  }
  const sizes = axis.points.map(({ size }) => size);
  for (
    const [name, values] of [["seconds", costs.map((c) => c.seconds)], [
      "memory",
      costs.map((c) => c.memory),
    ]] as const
  ) {
    const all = exponent(sizes, values), large = exponent(sizes.slice(-3), values.slice(-3));
    const worse = Math.max(all, large), met = worse <= BAR;
    console.log(
      `  ${name}: exponent ${all.toFixed(2)}, of the three largest ${large.toFixed(2)} (bar ${BAR}, ${
        met ? "met" : "MISSED: it grows faster"
      })`,
    );
  }
};

/** Seconds of a collection of 40000 steps by 1 and by 2 workers, in turn. */
const workers = async (): Promise<void> => {
  const steps = 40_000, environments = 8, rounds = 5;
  const policy = makePolicy({ ...task, hidden: [64, 64], logStd: 0 }, makeKey(0));
  const collect = (count: number) =>
    Effect.runPromise(
      Effect.gen(function* () {
        const { sample } = yield* Sampler;
        const request = { task, policy, normalizer: makeNormalizer(task.observationSize), steps: steps / environments };
        const times: number[] = [];
        let envs = makeEnvs(task, environments);
        for (let round = 0; round <= rounds; round++) {
          const start = performance.now();
          envs = (yield* sample({ ...request, envs, key: fold(makeKey(0), round) })).envs;
          if (round > 0) times.push((performance.now() - start) / 1000); // the first one compiles
        }
        return median(times);
      }).pipe(Effect.provide(workerSampler(count))),
    );
  const [one, two] = [await collect(1), await collect(2)];
  console.log(`\nworkers; ${steps} transitions of ${environments} environments`);
  console.log(`1               ${one.toFixed(3)} s\n2               ${two.toFixed(3)} s`);
  console.log(`  ${(one / two).toFixed(2)} times faster with 2 (${navigator.hardwareConcurrency} cores)`);
};

const runAxis = async (name: string): Promise<void> => {
  if (name === "workers") return await workers();
  const axis = axes[name], costs: Cost[] = [];
  await runIterations(PIPELINE, axis.points[0].set, 2, () => {}); // compiles the code
  for (const point of axis.points) costs.push(await costOf(axis, point));
  report(axis, costs);
};

const chosen = Deno.args.filter((name) => name !== "--here");
if (Deno.args.includes("--here")) await runAxis(chosen[0]);
else {
  for (const name of chosen.length > 0 ? chosen : [...Object.keys(axes), "workers"]) {
    const args = ["run", "--allow-all", new URL(import.meta.url).pathname, "--here", name];
    const { code } = await new Deno.Command(Deno.execPath(), { args, stdout: "inherit", stderr: "inherit" }).output();
    if (code !== 0) Deno.exit(code);
  }
}
