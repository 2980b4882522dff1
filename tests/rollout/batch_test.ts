/**
 * What a collected batch holds, recomputed from its definition.
 *
 * @module
 */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { fold } from "../../src/math/random.ts";
import { inlineSampler } from "../../src/rollout/inline.ts";
import type { Sample, SampleRequest } from "../../src/rollout/sampler.ts";
import { tasks } from "../../src/tasks/registry.ts";
import { replay } from "../../src/tasks/replay.ts";
import { joinState, splitState } from "../../src/tasks/simulator.ts";
import { boundObservation } from "../../src/tasks/task.ts";
import { reference, rows } from "../nn/reference.ts";
import { collectWith, requestFor } from "./collection.ts";

const STEPS = 60, ENVIRONMENTS = 3;

/** Two collections in a row, the second from where the first stopped. */
const twice = async (name: string): Promise<{ request: SampleRequest; first: Sample; second: Sample }> => {
  const request = requestFor(tasks[name], ENVIRONMENTS, STEPS);
  const [first] = await collectWith(inlineSampler, [request]);
  const next = { ...request, envs: first.envs, key: fold(request.key, "next") };
  const [second] = await collectWith(inlineSampler, [next]);
  return { request, first, second };
};

for (const [name, task] of Object.entries(tasks)) {
  const { observationSize: no, actionSize: na } = task;

  Deno.test(`${name}: environments go on where the last batch stopped`, async () => {
    const { first, second } = await twice(name);
    for (let n = 0; n < ENVIRONMENTS; n++) {
      const { simulator } = task, data = simulator.make(), observation = new Float64Array(no);
      simulator.write(data, first.envs.state.subarray(n * simulator.stateSize, (n + 1) * simulator.stateSize));
      task.observe(data, observation);
      assertEquals(second.batch.observation.slice(n * no, (n + 1) * no), Float32Array.from(observation));
    }
  });

  Deno.test(`${name}: a = μ(s) + σε, log π is the Gaussian density`, async () => {
    const { request: { policy, normalizer }, second: { batch } } = await twice(name);
    const logStd = policy.theta.subarray(policy.theta.length - na);
    let beyond = 0;
    rows(batch.observation, no).forEach((s, i) => {
      const normalized = Array.from(
        boundObservation(task, s),
        (x, j) => Math.min(10, Math.max(-10, (x - normalizer.mean[j]) * normalizer.scale[j])),
      );
      const mean = reference(policy.shape, policy.theta, normalized);
      let logProb = 0;
      for (let j = 0; j < na; j++) {
        const a = batch.action[i * na + j], sigma = Math.exp(logStd[j]);
        // observations and actions are stored as float32: relative 6e-8, of velocities up to 10 and gains of about 1
        assertAlmostEquals(a, mean[j] + sigma * batch.noise[i * na + j], 2e-5);
        logProb -= ((a - mean[j]) / sigma) ** 2 / 2 + Math.log(sigma * Math.sqrt(2 * Math.PI));
        if (Math.abs(a) > 1) beyond++;
      }
      assertAlmostEquals(batch.logProb[i], logProb, 2e-4);
    });
    assert(beyond > STEPS / 4, "actions are stored before they are clipped");
  });

  Deno.test(`${name}: rewards and observations are those of the clipped actions replayed from the first state`, async () => {
    const { first, second: { batch } } = await twice(name);
    const { simulator, simulator: { stateSize } } = task;
    const data = simulator.make(), observation = new Float64Array(no);
    const { laggingEntries: _, ...present } = task; // a batch has all in its states, Gymnasium's poses lag
    let compared = 0;
    for (let n = 0; n < ENVIRONMENTS; n++) {
      const start = splitState(simulator, first.envs.state.slice(n * stateSize, (n + 1) * stateSize));
      const clipped = rows(batch.action, na).filter((_, i) => i % ENVIRONMENTS === n)
        .map((a) => a.map((x, j) => Math.min(task.controlRange[j][1], Math.max(task.controlRange[j][0], x))));
      let i = n;
      for (const { state, obs, reward, terminated } of replay(present, start, clipped)) {
        assertEquals(batch.reward[i], Math.fround(reward));
        const next = batch.nextObservation.slice(i * no, (i + 1) * no);
        assertEquals(Float32Array.from(boundObservation(task, next)), Float32Array.from(obs));
        simulator.write(data, joinState(simulator, state, "compare"));
        task.observe(data, observation);
        assertEquals(next, Float32Array.from(observation));
        assertEquals(batch.terminated[i] === 1, terminated);
        compared++;
        if (batch.terminated[i] === 1 || batch.truncated[i] === 1) break;
        i += ENVIRONMENTS;
      }
    }
    assert(compared > (name.startsWith("inverted") ? 3 : 10)); // pendulums fall at once
  });

  Deno.test(`${name}: endings exclude each other, successors follow, episode returns and lengths add up`, async () => {
    const { first, second } = await twice(name);
    const returns: number[] = [], lengths: number[] = [];
    const sums = new Float64Array(ENVIRONMENTS), steps = new Int32Array(ENVIRONMENTS);
    for (const { batch } of [first, second]) {
      const found: Array<{ t: number; n: number; sum: number; length: number }> = [];
      for (let i = 0; i < STEPS * ENVIRONMENTS; i++) {
        const n = i % ENVIRONMENTS, ended = batch.terminated[i] + batch.truncated[i];
        assert(ended <= 1);
        sums[n] += batch.reward[i];
        steps[n]++;
        assertEquals(batch.truncated[i] === 1, ended === 1 && batch.terminated[i] === 0 && steps[n] === task.timeLimit);
        const next = batch.nextObservation.slice(i * no, (i + 1) * no);
        const then = batch.observation.slice((i + ENVIRONMENTS) * no, (i + ENVIRONMENTS + 1) * no);
        if (then.length > 0 && ended === 0) assertEquals(then, next);
        if (then.length > 0 && ended === 1) assert(then.some((x, j) => x !== next[j]), "a reset begins elsewhere");
        if (ended === 0) continue;
        found.push({ t: Math.floor(i / ENVIRONMENTS), n, sum: sums[n], length: steps[n] });
        sums[n] = steps[n] = 0;
      }
      returns.push(...found.map((x) => x.sum));
      lengths.push(...found.map((x) => x.length));
    }
    const reported = [first, second].flatMap(({ batch }) => [...batch.episodeReturns]);
    assertEquals([first, second].flatMap(({ batch }) => [...batch.episodeLengths]), lengths);
    returns.forEach((x, i) => assertAlmostEquals(reported[i], x, 1e-4)); // rewards are stored as float32
    assertEquals(reported.length, returns.length);
    assertEquals([...second.envs.elapsed], [...steps]);
    sums.forEach((x, n) => assertAlmostEquals(second.envs.episodeReturn[n], x, 1e-4));
    const begun = ENVIRONMENTS + returns.length;
    assertEquals(second.envs.resets.reduce((a, b) => a + b, 0), begun);
  });
}
