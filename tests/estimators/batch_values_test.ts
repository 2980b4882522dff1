import { assertEquals, assertNotEquals } from "@std/assert";
import { batchValues } from "../../src/estimators/real_advantage.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { makeNormalizer, normalizeInto } from "../../src/nn/networks/normalizer.ts";
import { makeValue, predictValue } from "../../src/nn/networks/value.ts";
import { batchOf } from "../data/batch.ts";
import { assertClose, normals } from "../nn/reference.ts";

await startBackend();

const key = makeKey(21), observationSize = 3, steps = 6, environments = 2, n = steps * environments;
const value = makeValue({ observationSize, hidden: [5] }, fold(key, 1));
const normalizer = { ...makeNormalizer(observationSize), mean: new Float32Array([.1, .2, .3]) };
const observation = normals(fold(key, 2), n * observationSize);

/** Trajectories of two environments that go on, but for transition 4, which ends an episode elsewhere. */
const joined = new Float32Array(observation.length);
joined.set(observation.subarray(environments * observationSize));
joined.set(normals(fold(key, 3), environments * observationSize), (n - environments) * observationSize);
joined.set([7, -7, 7], 4 * observationSize);

for (
  const [name, nextObservation] of [["joined", joined], ["unrelated", normals(fold(key, 4), joined.length)]] as const
) {
  Deno.test(`V of every state and of the one after it, trajectories ${name}`, () => {
    const batch = batchOf({ steps, environments, observationSize, actionSize: 1 }, { observation, nextObservation });
    const found = batchValues(batch, normalizeInto(normalizer, batch.observation), value, normalizer);
    const direct = (s: Float32Array) => predictValue(value, normalizeInto(normalizer, s));
    assertEquals(found.value, direct(observation));
    assertClose(found.nextValue, direct(nextObservation), 1e-6);
    assertNotEquals(found.nextValue[4], found.value[4 + environments]);
  });
}

Deno.test("a state that is not a number has no value", () => {
  const batch = batchOf({ steps: 2, environments: 1, observationSize, actionSize: 1 }, {
    observation: new Float32Array(6).fill(NaN),
    nextObservation: new Float32Array(6).fill(NaN),
  });
  assertEquals(
    Array.from(batchValues(batch, normalizeInto(normalizer, batch.observation), value, normalizer).nextValue),
    [NaN, NaN],
  );
});
