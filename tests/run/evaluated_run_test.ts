/**
 * Runs that are evaluated while they train, and the checkpoint that evaluated best.
 *
 * @module
 */
import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import * as Effect from "effect/Effect";
import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fold, makeKey } from "../../src/math/random.ts";
import { Sampler, type SamplerService } from "../../src/rollout/sampler.ts";
import { bestPath, iterationOfBest, settleBest } from "../../src/run/best_checkpoint.ts";
import type { Checkpoint } from "../../src/run/checkpoint.ts";
import { runEpisodes } from "../../src/run/evaluation.ts";
import { readWhich } from "../../src/run/read_checkpoint.ts";
import { cleanRunFolder, createRunFolder, type RunFolder } from "../../src/run/run_folder.ts";
import { type IterationRecord, readLog, truncateLog } from "../../src/run/run_log.ts";
import { train } from "../../src/run/train.ts";
import { collect, expectedLike, fakeSampler, fakeState, fakeTask, store, trpoUpdate } from "../program/fakes.ts";
import { temporaryFolder } from "../temporary.ts";

const seed = 14; // of which the fourth iteration is the best: neither the first nor the last, nor one that is kept
const start: Checkpoint = { iteration: 0, steps: 0, seed, pipelineHash: "h", state: fakeState(makeKey(seed)) };
const description = { pipeline: "task: pendulum\n", environment: {}, checkpoint: start, use: [] };

const newFolder = async (): Promise<RunFolder> => {
  const path = join(temporaryFolder(), "run");
  return (await Effect.runPromise(Effect.scoped(createRunFolder(path, description)))).folder;
};

interface Options {
  readonly every?: number | null;
  readonly sampler?: SamplerService;
  readonly observe?: (record: IterationRecord) => void;
}

const running = (folder: RunFolder, from: Checkpoint, iterations: number, options: Options = {}) => {
  const { every = 2, sampler = fakeSampler, observe = () => {} } = options, root = fold(makeKey(seed), "evaluation");
  return train({
    program: { stages: [collect(fakeTask), store(fakeTask), trpoUpdate(fakeTask, { maxKl: 0.3 })] },
    folder,
    lock: { stillOurs: Effect.void },
    start: from,
    iterations,
    checkpoint: { every: 3, keep: 2 },
    evaluation: every === null ? null : {
      every,
      run: (state, iteration) =>
        runEpisodes({ task: fakeTask, state, episodes: 2, actions: "mean", key: fold(root, iteration) }),
    },
    observe,
  }).pipe(Effect.provideService(Sampler, sampler));
};

const read = (folder: RunFolder, which: "latest" | "best") =>
  Effect.runSync(readWhich(folder.checkpoints, which, expectedLike(start.state, seed))).checkpoint;
const logOf = (folder: RunFolder) => readLog(folder.metrics).records.map(({ seconds: _, ...record }) => record);
const isOfEvaluation = (name: string): boolean => name.startsWith("evaluation.");
const evaluations = (folder: RunFolder) =>
  logOf(folder).flatMap(({ iteration, metrics }) =>
    typeof metrics["evaluation.return"] === "number" ? [[iteration, metrics["evaluation.return"]] as const] : []
  );
const bestInLog = (folder: RunFolder): number =>
  evaluations(folder).reduce((best, each) => each[1] > best[1] ? each : best)[0];

/** Nine iterations, uninterrupted. */
const whole = (async () => {
  const folder = await newFolder();
  return { folder, end: await Effect.runPromise(running(folder, start, 9)) };
})();

Deno.test("an evaluation is logged after every second iteration and the last one: episodes from reset to end", async () => {
  const { folder, end } = await whole;
  assertEquals(evaluations(folder).map(([iteration]) => iteration), [2, 4, 6, 8, 9]);
  const last = readLog(folder.metrics).records.at(-1)!, theta = end.state.policy.theta[0];
  // every step earns θ₀: one episode of 1 step, one of all 10 of the time limit; standard error |10 θ₀ − θ₀|/2
  const [short, long] = [theta, Array(10).fill(theta).reduce((sum, x) => sum + x, 0)];
  const { "evaluation.returnError": error, ...others } = Object.fromEntries(
    Object.entries(last.metrics).filter(([name]) => isOfEvaluation(name)),
  );
  assertEquals(others, {
    "evaluation.return": (short + long) / 2,
    "evaluation.returnMin": Math.min(short, long),
    "evaluation.returnMax": Math.max(short, long),
    "evaluation.length": 5.5,
    "evaluation.episodes": 2,
  });
  assertGreater(1e-12, Math.abs((error as number) - 4.5 * Math.abs(theta)));
  const { total, evaluation, ...stages } = last.seconds;
  assertEquals(Object.keys(stages), ["collect", "store", "trpoUpdate"]);
  assertGreater(1e-9, Math.abs(total - stages.collect - stages.store - stages.trpoUpdate));
  assertGreater(evaluation, 0);
});

Deno.test("evaluations leave every other number of a run as it is without them", async () => {
  const { folder, end } = await whole, plain = await newFolder();
  assertEquals(await Effect.runPromise(running(plain, start, 9, { every: null })), end);
  const without = logOf(folder).map(({ metrics, ...record }) => ({
    ...record,
    metrics: Object.fromEntries(Object.entries(metrics).filter(([name]) => !isOfEvaluation(name))),
  }));
  assertEquals(logOf(plain), without);
  assertEquals(existsSync(bestPath(plain.checkpoints)), false);
});

Deno.test("the best checkpoint is that of the best evaluation, whole, and no newer one pushes it out", async () => {
  const { folder } = await whole, best = bestInLog(folder);
  assertEquals([best, readdirSync(folder.checkpoints).sort()], [4, ["000006", "000009", "best", "memory"]]);
  const until = await newFolder();
  assertEquals(read(folder, "best"), await Effect.runPromise(running(until, start, best, { every: null })));
});

Deno.test("a kill after an iteration is logged and before the best is kept: resumed, both are as uninterrupted", async () => {
  const { folder: through, end } = await whole, folder = await newFolder();
  const killed = (iteration: number) => {
    if (iteration === bestInLog(through)) throw new Error("killed");
  };
  const options = { observe: ({ iteration }: IterationRecord) => killed(iteration) };
  await Effect.runPromise(Effect.exit(running(folder, start, 9, options)));
  assertEquals([evaluations(folder).at(-1)![0], iterationOfBest(folder.checkpoints)], [4, 2]);
  const from = read(folder, "latest");
  Effect.runSync(truncateLog(folder.metrics, from.iteration));
  assertEquals(await Effect.runPromise(running(folder, from, 9)), end);
  assertEquals([logOf(folder), read(folder, "best")], [logOf(through), read(through, "best")]);
});

Deno.test("a run that stopped with its best not kept yet keeps it when it goes on", async () => {
  const folder = await newFolder(), end = await Effect.runPromise(running(folder, start, 4));
  rmSync(bestPath(folder.checkpoints), { recursive: true });
  assertEquals((await Effect.runPromise(running(folder, end, 5))).iteration, 5);
  assertEquals(read(folder, "best"), end);
});

Deno.test("a kill while the best takes the place of the one before it leaves one of them whole, and the new one is settled", async () => {
  const folder = await newFolder(), { checkpoints } = folder, other = await newFolder();
  await Effect.runPromise(running(folder, start, 4));
  await Effect.runPromise(running(other, start, 2));
  const [own, next] = [join(checkpoints, "best"), join(checkpoints, "best.new")], best = read(folder, "best");
  renameSync(own, next); // killed after the old one was moved away
  assertEquals(read(folder, "best"), best);
  Effect.runSync(cleanRunFolder(folder));
  assertEquals([read(folder, "best"), existsSync(next)], [best, false]);
  renameSync(own, next); // killed before that
  renameSync(join(other.checkpoints, "best"), own);
  assertEquals(iterationOfBest(checkpoints), 2);
  settleBest(checkpoints);
  assertEquals([iterationOfBest(checkpoints), readdirSync(checkpoints).filter((name) => name.startsWith(".tmp"))], [
    4,
    [],
  ]);
});

Deno.test("an evaluation that fails is told as such, and the iteration before it is saved", async () => {
  const folder = await newFolder(), failure = { _tag: "PhysicsDiverged", quantity: "qpos", message: "diverged" };
  const sampler: SamplerService = { sample: () => Effect.fail(failure as never) };
  const error = await Effect.runPromise(Effect.flip(running(folder, start, 9, { sampler })));
  assertStringIncludes(error.message, 'Cannot finish iteration 2 as stage "evaluation" failed.');
  assertEquals(read(folder, "latest").iteration, 1);
});
