/** Rollouts that step a task's own physics: the true one reproduces what really happened. */
import { assert, assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { batchSize } from "../../src/data/batch.ts";
import { embeddedNoise } from "../../src/data/embedded_noise.ts";
import { kStepAdvantage } from "../../src/data/returns.ts";
import { batchValues } from "../../src/estimators/real_advantage.ts";
import { embedSimulated } from "../../src/imagination/simulated.ts";
import { tallied } from "../../src/imagination/tally.ts";
import { fold, makeStream } from "../../src/math/random.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { alone, type Threads, withThreads } from "../../src/parallel/threads.ts";
import { openWebThreads } from "../../src/parallel/web_threads.ts";
import { startThread } from "../../src/stages/start_thread.ts";
import { initializeMlp } from "../../src/nn/networks/mlp.ts";
import { normalizeInto } from "../../src/nn/networks/normalizer.ts";
import { makeValue } from "../../src/nn/networks/value.ts";
import { inlineSampler } from "../../src/rollout/inline.ts";
import { workerSampler } from "../../src/rollout/workers.ts";
import type { Data } from "../../src/physics/physics.ts";
import { getTask } from "../../src/tasks/registry.ts";
import { simulatedBy } from "../../src/tasks/simulation.ts";
import type { Task } from "../../src/tasks/task.ts";
import { withTaskOptions } from "../../src/tasks/task_options.ts";
import { othersOf } from "../parallel/jobs.ts";
import { collectWith, key, requestFor } from "../rollout/collection.ts";

const form = { discount: 0.97, weighting: "kStep", lambda: 1, termination: "soft" } as const, k = 5;

/** A batch of the task, what it is imagined with, and V of some size. */
const situation = async (task: Task, steps = 120) => {
  const { policy, normalizer, ...rest } = requestFor(task, 3, steps);
  const [{ batch }] = await collectWith(inlineSampler, [{ policy, normalizer, ...rest }]);
  const value = makeValue({ observationSize: task.observationSize, hidden: [8] }, fold(key, "value"));
  const steep = { ...value, theta: initializeMlp(value.shape, fold(key, "value"), 3) };
  const factors = Float64Array.from(task.imagined.simulation!.factors);
  const model = { factors, spread: new Float64Array(factors.length) };
  const world = { task: task.imagined, policy, normalizer, value: steep, model };
  const noise = embeddedNoise(batch, k, makeStream(fold(key, "beyond")));
  const [imagined, tally] = tallied(() => embedSimulated(world, batch, noise, k, form));
  return { batch, world, noise, imagined, tally };
};

/** (batch) ⇒ (i) ⇒ whether the k steps from i are real: neither the batch's end nor the time limit cuts them. */
const isReal =
  ({ environments: n, terminated, truncated, reward }: Awaited<ReturnType<typeof situation>>["batch"]) =>
  (i: number): boolean => {
    for (let h = 0, at = i; h < k; h++, at += n) {
      if (at >= reward.length || truncated[at]) return false;
      if (terminated[at]) return true;
    }
    return true;
  };

Deno.test("the true physics, embedded, is the real k-step advantage, to the end of an episode as well", async () => {
  await startBackend();
  const heavy = simulatedBy(withTaskOptions(getTask("walker2d"), { physics: { mass: 1.3 } }), { mass: 1.3 });
  for (const task of [simulatedBy(getTask("hopper")), simulatedBy(getTask("reacher")), heavy]) {
    const { batch, world, imagined, tally } = await situation(task);
    const values = batchValues(
      batch,
      normalizeInto(world.normalizer, batch.observation),
      world.value,
      world.normalizer,
    );
    const real = kStepAdvantage(batch, values, { discount: form.discount, horizon: k });
    const rows = Array.from({ length: batchSize(batch) }, (_, i) => i).filter(isReal(batch));
    for (const i of rows) {
      assertAlmostEquals(imagined[k - 1][i], real[i], 2e-5 * (1 + Math.abs(real[i])), `${task.name} ${i}`);
    }
    assertGreater(rows.length, 100);
    assertEquals(rows.some((i) => batch.terminated[i]), task.name !== "reacher");
    assertEquals(tally, { rollouts: batchSize(batch), diverged: 0, thrown: null });
  }
});

Deno.test("another physics leaves a residual: factors are of the nominal figures, whatever the real task's are", async () => {
  await startBackend();
  const real = withTaskOptions(getTask("hopper"), { physics: { mass: 1.3 } });
  const [same, nominal] = await Promise.all(
    [simulatedBy(real, { mass: 1.3 }), simulatedBy(real)].map((t) => situation(t)),
  );
  assertEquals(same.batch, nominal.batch); // the simulator decides nothing real
  const far = same.imagined[k - 1].filter((x, i) => Math.abs(x - nominal.imagined[k - 1][i]) > 0.01);
  assertGreater(far.length, batchSize(same.batch) / 2);
});

Deno.test("states are recorded where a simulator imagines, the same by workers, and nowhere else", async () => {
  const hopper = getTask("hopper"), task = simulatedBy(hopper, { friction: 0.8 });
  const requests = [requestFor(task, 3, 40), requestFor(hopper, 3, 40)];
  const [[inline, plain], [there]] = await Promise.all([
    collectWith(inlineSampler, requests),
    collectWith(workerSampler(2), requests),
  ]);
  assertEquals(there, inline);
  const { state, ...rest } = inline.batch;
  assertEquals(rest, plain.batch);
  assertEquals(state!.length, 40 * 3 * 12);
  // A state holds what its observation shows: [x, z, …] beside [z, …], to single precision.
  for (const i of [0, 7, 119]) {
    assertEquals(
      Float32Array.from(state!.subarray(12 * i + 1, 12 * i + 12)),
      plain.batch.observation.slice(11 * i, 11 * i + 11),
    );
  }
});

Deno.test("a physics that diverges is bounded and counted", async () => {
  await startBackend();
  const { imagined, tally } = await situation(simulatedBy(getTask("hopper"), { gear: 1e12 }));
  assertGreater(tally.diverged, 100);
  for (const advantage of imagined) assert(advantage.every(Number.isFinite));
});

Deno.test("an engine that throws ends its rollout as a divergence does, and the first reason is kept", async () => {
  await startBackend();
  const hopper = getTask("hopper"), { simulator } = hopper;
  const frail: Task = {
    ...hopper,
    simulator: {
      ...simulator,
      step: (data, control) => {
        if ((data as Data).qpos[1] < 1.2) throw new Error("joint limit");
        return simulator.step(data, control);
      },
    },
  };
  const [lost, whole] = [await situation(simulatedBy(hopper, {}, frail)), await situation(simulatedBy(hopper))];
  assertGreater(lost.tally.diverged, 10);
  assertEquals([lost.tally.rollouts, lost.tally.thrown], [360, "it threw Error: joint limit"]);
  assertEquals([whole.tally.diverged, whole.tally.thrown], [0, null]);
  for (const advantage of lost.imagined) assert(advantage.every(Number.isFinite));
  const unentered = await situation(simulatedBy(hopper, {}, {
    ...hopper,
    simulator: {
      ...simulator,
      write: () => {
        throw new Error("no such state");
      },
    },
  }));
  assertEquals([unentered.tally.diverged, unentered.tally.thrown], [360, "it threw Error: no such state"]);
});

Deno.test("what throws in a reward or an observation ends its rollout alone; so does what single precision cannot hold", async () => {
  await startBackend();
  const hopper = getTask("hopper"), isLow = (data: unknown) => (data as Data).qpos[1] < 1.2;
  const changes: ReadonlyArray<readonly [string | null, Partial<Task>]> = [
    ["it threw Error: no reward", {
      reward: (before, action, after) => {
        if (isLow(after)) throw new Error("no reward");
        return hopper.reward(before, action, after as Data);
      },
    }],
    ["it threw Error: not seen", {
      observe: (data, into) => {
        if (isLow(data)) throw new Error("not seen");
        hopper.observe(data as Data, into);
      },
    }],
    [null, {
      observe: (data, into) => {
        hopper.observe(data as Data, into);
        if (isLow(data)) into[0] = 1e39; // float32 ends at 3.4e38
      },
    }],
  ];
  for (const [thrown, change] of changes) {
    const { tally, imagined } = await situation(simulatedBy(hopper, {}, { ...hopper, ...change } as Task));
    assertGreater(tally.diverged, 10);
    assertEquals(tally.thrown, thrown);
    for (const advantage of imagined) assert(advantage.every(Number.isFinite));
  }
});

Deno.test("no unit of reward makes a sound physics diverge", async () => {
  await startBackend();
  const hopper = getTask("hopper");
  const scaled: Task = {
    ...hopper,
    reward: (before, action, after) => 1e8 * hopper.reward(before, action, after as Data),
  };
  const { imagined: [first], tally, batch } = await situation(simulatedBy(scaled));
  assertEquals(tally.diverged, 0);
  batch.reward.forEach((real, i) => assertAlmostEquals(first[i] / real, 1, 1e-5)); // beside them V is next to nothing
});

Deno.test("MuJoCo's engine imagines as well, from states that it had", async () => {
  await startBackend();
  const task = simulatedBy(getTask("pusher")), { batch, world, imagined } = await situation(task, 12);
  const values = batchValues(batch, normalizeInto(world.normalizer, batch.observation), world.value, world.normalizer);
  const real = kStepAdvantage(batch, values, { discount: form.discount, horizon: k });
  for (let i = 0; i < 3 * 8; i++) {
    assertAlmostEquals(imagined[k - 1][i], real[i], 1e-4 * (1 + Math.abs(real[i])));
  }
  const light = await situation(simulatedBy(getTask("pusher"), { mass: 0.3 }), 12);
  assertEquals(light.batch, batch);
  assertGreater(Math.abs(light.imagined[k - 1][0] - real[0]), 1e-3);
});

const imaginedBy = (threads: Threads, { world, batch, noise }: Awaited<ReturnType<typeof situation>>) =>
  withThreads(threads, () => embedSimulated(world, batch, noise, k, form));

Deno.test("threads share the starts: the same bits for any number, and by the others alone", async () => {
  const { kernels } = await startBackend();
  const hopper = getTask("hopper"), other = withTaskOptions(hopper, { healthyZRange: [0.6, 2] });
  const tasks = [
    ...[simulatedBy(hopper, { mass: 0.9 }), simulatedBy(hopper, { gear: 1e12 }), simulatedBy(hopper, {}, other)],
    simulatedBy(getTask("pusher"), { mass: 0.3 }),
  ];
  const several: (readonly [Awaited<ReturnType<typeof situation>>, ReturnType<typeof imaginedBy>])[] = [];
  for (const task of tasks) {
    const found = await situation(task, 100);
    several.push([found, imaginedBy(alone, found)]);
  }
  for (const count of [2, 3]) {
    const threads = await openWebThreads(count);
    try {
      await threads.everywhere(startThread, { kernels });
      for (const [found, expected] of several) {
        assertEquals(imaginedBy(threads, found), expected);
        assertEquals(imaginedBy(othersOf(threads), found), expected);
      }
    } finally {
      threads.close();
    }
  }
});

Deno.test("a task that other threads cannot make is stepped here", async () => {
  await startBackend();
  const hopper = getTask("hopper"), own = simulatedBy({ ...hopper, reward: () => 1 });
  const found = await situation(own), expected = imaginedBy(alone, found);
  const never: Threads = {
    ...alone,
    count: 2,
    each: () => {
      throw new Error("nobody is asked");
    },
  };
  assertEquals(imaginedBy(never, found), expected);
});
