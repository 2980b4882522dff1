/**
 * What is measured: each row asks one process of ours and, where there is one, a peer's.
 *
 * @module
 */
import { float64Algebra } from "../../../src/math/algebra.ts";
import { tasks } from "../../../src/tasks/registry.ts";
import { physicsBars, stepName } from "./physics_bars.ts";
import type { Request } from "./protocol.ts";

/** Processes of ours by name: script and environment. */
export const ourProcesses = {
  environments: { script: "our_environments.ts", env: {} },
  networks: { script: "our_networks.ts", env: {} },
  "networks without BLAS": { script: "our_networks.ts", env: { MSCV_BLAS: "off" } },
  "iterations of hopper": { script: "our_iterations.ts", env: {} },
  "iterations of swimmer": { script: "our_iterations.ts", env: {} },
} as const;

/** Processes of the peers by name: script. */
export const peerProcesses = {
  "MuJoCo and Gymnasium": "environments.py",
  PyTorch: "networks.py",
  "sb3-contrib on hopper": "trpo.py",
  "sb3-contrib on swimmer": "trpo.py",
} as const;

/** A bar on `ratio` (times better than the peer) or on our own figure. */
export type Bar = { readonly ratioAtLeast: number } | { readonly oursBelow: number };

/** One line of the table. */
export interface Row {
  /** rows of a group are interleaved; its processes live as long as it runs */
  readonly group: "physics" | "networks" | "collection" | "iterations" | "memory";
  readonly name: string;
  readonly unit: "µs" | "s" | "steps/s" | "MB";
  readonly ours: { readonly process: keyof typeof ourProcesses; readonly request: Request };
  readonly peer: { readonly process: keyof typeof peerProcesses; readonly request: Request } | null;
  readonly bar: Bar | null;
  /** questions asked before the first round */
  readonly warmUp: number;
  /** the same figure every time: one round */
  readonly once?: true;
}

/** How long a bench may take. */
export interface Effort {
  /** of one measurement of a hot path */
  readonly seconds: number;
  /** iterations of the run whose memory is read; the replay memory is full after 20 */
  readonly memoryIterations: number;
  /** iterations of MSCV before the first that counts; value targets read the last five batches */
  readonly warmUpIterations: number;
}

const fixture = (model: string) => new URL(`../../../fixtures/mujoco/${model}.xml`, import.meta.url).pathname;

const physics = ({ seconds }: Effort): Row[] =>
  Object.entries(physicsBars).map(([model, bar]) => {
    const shape = { rollouts: 8, steps: 250 };
    return {
      group: "physics",
      name: `${stepName(model)}, against native MuJoCo`,
      unit: "µs",
      ours: { process: "environments", request: { case: "physics", model, seconds, ...shape } },
      peer: {
        process: "MuJoCo and Gymnasium",
        request: {
          case: "physics",
          model: fixture(model),
          seconds_per_rollout: seconds,
          ...shape,
          threads: 1,
          unit: "µs",
        },
      },
      bar: { ratioAtLeast: bar },
      warmUp: 2,
    };
  });

const softness = tasks.walker2d.imagined.survival(float64Algebra, new Array(17).fill(0)).map(({ width }) => width);

const paths: ReadonlyArray<readonly [string, Request, number]> = [
  ["policy gradient, 5000 rows, [64, 64]", { case: "policyGradient", rows: 5000 }, 1.7],
  ["Fisher product, 5000 rows, [64, 64], retained graph", { case: "fisherProduct", rows: 5000 }, 2],
  ["dynamics gradient, 512 rows, [64, 64]", { case: "dynamicsGradient", rows: 512, width: 64 }, 2],
  ["dynamics gradient, 512 rows, [200, 200]", { case: "dynamicsGradient", rows: 512, width: 200 }, 1.1],
  [
    "imagined-rollout gradient, 5 steps, 512 rows, [64, 64]",
    { case: "imaginedGradient", rows: 512, width: 64, horizon: 5, softness },
    1.5,
  ],
  ["inference, 1 row, [64, 64]", { case: "inference" }, 10],
];

const networks = ({ seconds }: Effort): Row[] =>
  (["networks", "networks without BLAS"] as const).flatMap((process) =>
    paths.map(([name, what, bar]): Row => {
      const request = { ...what, seconds };
      return {
        group: "networks",
        name: process === "networks" ? name : `${name}, without BLAS`,
        unit: "µs",
        ours: { process, request },
        peer: { process: "PyTorch", request },
        bar: { ratioAtLeast: process === "networks" ? bar : bar / 2 },
        warmUp: 3,
      };
    })
  );

const ENVIRONMENTS = 8;
const gymnasium = { hopper: "Hopper-v5", swimmer: "Swimmer-v5" } as const;
const collected = (
  task: keyof typeof gymnasium,
  workers: number,
  hidden: ReadonlyArray<number> | null,
  environments = ENVIRONMENTS,
) => ({
  process: "environments" as const,
  request: { case: "collect", task, workers, environments, hidden, steps: 40_000 },
});

const policies: ReadonlyArray<readonly [string, ReadonlyArray<number> | null]> = [
  ["random policy", null],
  ["policy [64, 64]", [64, 64]],
];

/** Both sides with the same environments; AsyncVectorEnv has a process for each. */
const vectorKinds: ReadonlyArray<{ workers: number; kind: string; environments: number; peer: string }> = [
  { workers: 1, kind: "sync", environments: ENVIRONMENTS, peer: "Gymnasium's SyncVectorEnv" },
  ...[ENVIRONMENTS, 2].map((environments) => ({
    workers: 2,
    kind: "async",
    environments,
    peer: `Gymnasium's AsyncVectorEnv of ${environments} processes`,
  })),
];

const vectors = (task: keyof typeof gymnasium): Row[] =>
  policies.flatMap(([policy, hidden]) =>
    vectorKinds.map(({ workers, kind, environments, peer }): Row => ({
      group: "collection",
      name: `steps, ${task}, ${policy}, ${environments} environments, ${workers} ${
        workers === 1 ? "worker" : "workers"
      }, against ${peer}`,
      unit: "steps/s",
      ours: collected(task, workers, hidden, environments),
      peer: {
        process: "MuJoCo and Gymnasium",
        request: { case: "collect", task: gymnasium[task], kind, environments, hidden, steps: 4000 },
      },
      bar: null,
      warmUp: 2,
    }))
  );

const rollouts = (task: keyof typeof gymnasium, { seconds }: Effort): Row[] =>
  [1, 2].map((threads) => ({
    group: "collection",
    name: `steps, ${task}, random policy, ${threads} ${
      threads === 1 ? "worker" : "workers"
    }, against MuJoCo's rollout of the physics alone, ${threads} ${threads === 1 ? "thread" : "threads"}`,
    unit: "steps/s",
    ours: collected(task, threads, null),
    peer: {
      process: "MuJoCo and Gymnasium",
      request: {
        case: "physics",
        model: fixture(task),
        seconds_per_rollout: seconds,
        rollouts: ENVIRONMENTS,
        steps: 1000,
        threads,
        unit: "steps/s",
      },
    },
    bar: null,
    warmUp: 2,
  }));

/** As `trpo.py`: 200 Adam steps of 250 rows for V, of 10 passes over the batch. */
const asPeer = [
  "fitValue.method=onPolicy",
  "fitValue.epochs=10",
  "fitValue.batchSize=250",
  "fitValue.lambda=0.97",
  "estimateGradient.advantage=gae",
  "estimateGradient.lambda=0.97",
  "trpoUpdate.conjugateGradientSteps=10",
  "trpoUpdate.maxKl=0.01",
];

const iterations = (task: keyof typeof gymnasium, { warmUpIterations: warmUp }: Effort): Row[] => {
  const peer = {
    process: `sb3-contrib on ${task}` as const,
    request: { case: "iteration", task: gymnasium[task] },
  };
  const ours = (pipeline: string, set: ReadonlyArray<string>, stage?: string) => ({
    process: `iterations of ${task}` as const,
    request: {
      case: "iteration",
      pipeline: `${task}_${pipeline}.yaml`,
      set,
      ...(stage === undefined ? {} : { stage }),
    },
  });
  const trpo: Row = {
    group: "iterations",
    name: `TRPO iteration, ${task}, 5000 steps, against sb3-contrib's`,
    unit: "s",
    ours: ours("trpo_paper", asPeer),
    peer,
    bar: { ratioAtLeast: 10 },
    warmUp: 2,
  };
  const mscv = ([[2, 200], [10, 200], [10, 100]] as const).map(([k, width]): Row => ({
    group: "iterations",
    name: `MSCV iteration, ${task}, 5000 steps, k = ${k}, model ${width} wide, against sb3-contrib's TRPO`,
    unit: "s",
    ours: ours("mscv", [`estimateGradient.horizon=${k}`, `networks.model.hidden=[${width},${width}]`]),
    peer,
    bar: { ratioAtLeast: k === 10 ? 2 : 1 },
    warmUp,
  }));
  const estimate: Row = {
    group: "iterations",
    name: `estimate of the gradient, ${task}, 1000 steps, k = 10`,
    unit: "s",
    ours: ours("mscv", ["collect.steps=1000", "estimateGradient.horizon=10"], "estimateGradient"),
    peer: null,
    bar: { oursBelow: 0.3 },
    warmUp: 2,
  };
  return [trpo, ...mscv, estimate];
};

const memory = ({ memoryIterations }: Effort): Row => ({
  group: "memory",
  name: `memory of an MSCV run, hopper, peak of ${memoryIterations} iterations, against sb3-contrib's TRPO`,
  unit: "MB",
  ours: {
    process: "iterations of hopper",
    request: { case: "memory", pipeline: "hopper_mscv.yaml", iterations: memoryIterations },
  },
  peer: { process: "sb3-contrib on hopper", request: { case: "memory", task: gymnasium.hopper, iterations: 3 } },
  bar: { oursBelow: 600 },
  warmUp: 0,
  once: true,
});

/** (effort) ⇒ all rows, in the order of the table. */
export const rows = (effort: Effort): Row[] => [
  ...physics(effort),
  ...networks(effort),
  ...vectors("hopper"),
  ...vectors("swimmer"),
  ...rollouts("hopper", effort),
  ...rollouts("swimmer", effort),
  ...iterations("hopper", effort),
  ...iterations("swimmer", effort),
  memory(effort),
];
