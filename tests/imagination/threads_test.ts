/** Imagined rollouts over threads: the same bits, whoever rolls out which chunk of starts. */
import { pathDerivative } from "./path_value.ts";
import { assert, assertEquals, assertGreater } from "@std/assert";
import type { ReturnForm } from "../../src/data/gradient.ts";
import { embed } from "../../src/imagination/embed.ts";
import { rollPath } from "../../src/imagination/path.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { doOne, type Job } from "../../src/parallel/job.ts";
import { alone, type Threads, withThreads } from "../../src/parallel/threads.ts";
import { openWebThreads } from "../../src/parallel/web_threads.ts";
import { startThread } from "../../src/stages/start_thread.ts";
import { tasks } from "../../src/tasks/registry.ts";
import { othersOf } from "../parallel/jobs.ts";
import { randomBatch, randomPath, randomWorldOf } from "./worlds.ts";

const { kernels } = await startBackend();

const root = makeKey(91), n = 700; // chunks of 64 starts and a last one of fewer
const form: ReturnForm = { discount: 0.97, weighting: "lambdaWeighted", lambda: 0.9, termination: "soft" };
const world = randomWorldOf({ ...tasks.hopper, latentSize: 2 }, "known", "tanh", fold(root, "world"));
const path = randomPath(world, n, 6, form, root), batch = randomBatch(world, n, root);

/** (threads) ⇒ all that is imagined, and the number of pieces of each job. */
const imagined = (threads: Threads) => {
  const shared: number[] = [];
  const counted: Threads = {
    ...threads,
    each: <S, P, O>(job: Job<S, P, O>, of: S, pieces: ReadonlyArray<P>) => {
      shared.push(pieces.length);
      return threads.each(job, of, pieces);
    },
  };
  return withThreads(counted, () => {
    const { gradient } = pathDerivative(path);
    return {
      gradient,
      rolled: rollPath(path),
      embedded: embed(path.world, batch, path.noise, 6, form, path.latent),
      shared,
    };
  });
};

/** Each piece as by a thread that has done none before. */
const apart: Threads = { ...alone, each: (job, shared, pieces) => pieces.map((piece) => doOne(job, shared, piece)) };

/** The last piece first. */
const backwards: Threads = {
  ...alone,
  each: (job, shared, pieces) => [...job.work(shared, [...pieces].reverse())].reverse(),
};

Deno.test("what a chunk gives does not depend on the chunks before it", () => {
  const expected = imagined(alone);
  for (const threads of [apart, backwards]) assertEquals(imagined(threads), expected);
});

Deno.test("rollouts over two and three threads, and by the others alone, have the bits of one thread", async () => {
  const expected = imagined(alone);
  expected.shared.forEach((pieces) => assertGreater(pieces, 7));
  assert(expected.gradient.some((x) => x !== 0) && expected.gradient.every(Number.isFinite));
  for (const count of [2, 3]) {
    const threads = await openWebThreads(count);
    try {
      await threads.everywhere(startThread, { kernels });
      assertEquals(imagined(threads), expected);
      assertEquals(imagined(othersOf(threads)), expected);
    } finally {
      threads.close();
    }
  }
});
