/**
 * Branching from saved states.
 *
 * @module
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { fold, makeStream } from "../../src/math/random.ts";
import { makeContinue } from "../../src/rollout/continuation.ts";
import { runEnvironment } from "../../src/rollout/environment.ts";
import { environmentState } from "../../src/rollout/envs.ts";
import { makeStateRecord } from "../../src/rollout/state_record.ts";
import { prepareTask } from "../../src/tasks/prepare.ts";
import { tasks } from "../../src/tasks/registry.ts";
import { requestFor } from "./collection.ts";

const STEPS = 60;

for (const task of Object.values(tasks)) {
  await prepareTask(task);
  const { observationSize: no, actionSize: na } = task;
  const { policy, normalizer, envs, key } = requestFor(task, 1, STEPS);
  const record = makeStateRecord(task, STEPS);
  const real = runEnvironment(task, policy, normalizer, environmentState(task, envs, 0), STEPS, key, record);
  const go = makeContinue(task, policy, normalizer);
  const stream = () => makeStream(fold(key, "branch"));

  Deno.test(`${task.name}: a branch with the same noise is the real trajectory bit for bit, to the end of its episode`, () => {
    let compared = 0;
    for (const t of [0, 1, 7, 20, 41]) {
      const found = go({ state: record.state(t), noise: real.noise.subarray(t * na) }, STEPS - t, stream());
      let last = t;
      while (last < STEPS - 1 && !real.terminated[last] && !real.truncated[last]) last++;
      const length = last + 1 - t;
      if (real.truncated[last]) assert(found.length > length || found.terminated, "the time limit ends no branch");
      else assertEquals([found.length, found.terminated], [length, real.terminated[last] === 1]);
      assertEquals(found.observation.slice(0, length * no), real.observation.slice(t * no, (last + 1) * no));
      assertEquals(
        found.observation.slice(length * no, (length + 1) * no),
        real.nextObservation.slice(last * no, (last + 1) * no),
      );
      assertEquals(found.action.slice(0, length * na), real.action.slice(t * na, (last + 1) * na));
      assertEquals(found.reward.slice(0, length), real.reward.slice(t, last + 1));
      compared += length;
    }
    assert(compared > (task.name.startsWith("inverted") ? 5 : 20)); // pendulums fall at once
  });

  Deno.test(`${task.name}: a branch of a given action takes it, then follows the policy with noise of its own`, () => {
    const t = 5, action = real.action.slice(t * na, (t + 1) * na);
    const state = record.state(t);
    const found = go({ state, action, noise: real.noise.slice(t * na, (t + 1) * na) }, 12, stream());
    assertEquals(found.action.slice(0, na), action);
    assertEquals(found.reward[0], real.reward[t]);
    assertNotEquals(found.noise.slice(na, 2 * na), real.noise.slice((t + 1) * na, (t + 2) * na));
    const other = go({ state, action: action.map((a) => -a) }, 12, stream());
    assertNotEquals(other.observation.slice(no, 2 * no), found.observation.slice(no, 2 * no));
    assertEquals(go({ state, action }, 12, stream()), go({ state, action }, 12, stream())); // same stream, same bits
  });

  Deno.test(`${task.name}: the record names the age of the episode`, () => {
    let age = 0;
    for (let t = 0; t < STEPS; t++) {
      assertEquals(record.elapsed[t], age);
      age = real.terminated[t] || real.truncated[t] ? 0 : age + 1;
    }
  });
}

Deno.test("a state that is not a number ends the branch and is named", () => {
  const { policy, normalizer } = requestFor(tasks.hopper, 1, 1);
  const go = makeContinue(tasks.hopper, policy, normalizer);
  const state = new Float64Array(12).fill(NaN, 0, 1); // x, which is not observed
  const found = go({ state }, 5, makeStream(fold(requestFor(tasks.hopper, 1, 1).key, 1)));
  assertEquals(found.length, 0);
  const quantity = { quantity: "qpos[0]", value: NaN, limit: "within ±1e10" };
  assertEquals(found.fault, { kind: "diverged", step: 0, ...quantity });
});
