import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { type Batch, batchSize } from "../../src/data/batch.ts";
import { embeddedNoise } from "../../src/data/embedded_noise.ts";
import { sampleSegments } from "../../src/data/training_segments.ts";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";
import { batchOf, labelledBatch } from "./batch.ts";

const key = makeKey(11);

/** (batch, i) ⇒ steps that the episode still lasts from transition i on, within the batch. */
const stepsLeft = (batch: Batch, i: number): number => {
  let left = 1;
  for (; batch.terminated[i] === 0 && batch.truncated[i] === 0; i += batch.environments, left++) {
    if (i + batch.environments >= batchSize(batch)) return left;
  }
  return left;
};

Deno.test("embedded noise by hand: two environments, three steps, A terminates at its second", () => {
  const batch = batchOf({ steps: 3, environments: 2, observationSize: 1, actionSize: 2 }, {
    noise: Float32Array.from({ length: 12 }, (_, i) => 100 + i), // A0 100 101, B0 102 103, A1 104 105, B1 106 107 …
    terminated: Uint8Array.of(0, 0, 1, 0, 0, 0),
  });
  const noise = embeddedNoise(batch, 3, makeStream(key)); // [3, 6, 2]
  const at = (i: number, start: number) => [...noise.subarray((i * 6 + start) * 2, (i * 6 + start + 1) * 2)];
  assertEquals([at(0, 0), at(1, 0)], [[100, 101], [104, 105]]);
  assertEquals([at(0, 1), at(1, 1), at(2, 1)], [[102, 103], [106, 107], [110, 111]]); // B lasts
  const fresh = [at(2, 0), at(1, 2), at(2, 2), at(1, 4), at(2, 4), at(2, 3), at(1, 5), at(2, 5)].flat();
  assert(fresh.every((x) => Math.abs(x) < 6)); // beyond A's termination, and beyond the end of the batch
  assertEquals(new Set(fresh).size, fresh.length);
});

Deno.test("embedded noise is the real one while the episode lasts, and standard normal beyond", () => {
  const batch = labelledBatch(400, 5, key), horizon = 6, n = batchSize(batch);
  const marked = { ...batch, noise: batch.noise.map((x) => x - 10000) }; // far from any normal number
  const noise = embeddedNoise(marked, horizon, makeStream(key));
  const fresh: number[] = [];
  for (let start = 0; start < n; start++) {
    const left = stepsLeft(batch, start);
    for (let i = 0; i < horizon; i++) {
      const value = noise[i * n + start];
      if (i < left) assertEquals(value, marked.noise[start + i * batch.environments]);
      else fresh.push(value);
    }
  }
  const count = fresh.length; // about half of 12,000
  assert(count > 3000);
  const moment = (p: number) => fresh.reduce((sum, x) => sum + x ** p, 0) / count;
  // Var(x) = 1, Var(x²) = 3 − 1 = 2, Var(x⁴) = 105 − 9 = 96; four standard errors each.
  assertAlmostEquals(moment(1), 0, 4 / Math.sqrt(count));
  assertAlmostEquals(moment(2), 1, 4 * Math.sqrt(2 / count));
  assertAlmostEquals(moment(4), 3, 4 * Math.sqrt(96 / count));
  assertEquals(new Set(fresh).size, count); // never the same draw twice
});

Deno.test("segments follow one environment; masks end with the episode and with the batch", () => {
  const memory = { batches: [labelledBatch(30, 3, fold(key, 0)), labelledBatch(20, 3, fold(key, 1))] };
  const horizon = 4, count = 2000;
  const s = sampleSegments(memory, count, horizon, makeStream(key));
  assertEquals([s.observation.length, s.action.length, s.mask.length], [5 * count, 4 * count, 4 * count]);
  let masked = 0;
  for (let i = 0; i < count; i++) {
    const start = s.observation[i]; // 1000·n + t + ½, unique within a batch
    const environment = Math.floor(start / 1000), t = Math.floor(start) - 1000 * environment;
    const lengths = memory.batches.filter((b) => t < b.steps).map((b) =>
      Math.min(horizon, stepsLeft(b, t * 3 + environment))
    );
    const length = [0, 1, 2, 3].filter((h) => s.mask[h * count + i] === 1).length;
    assert(lengths.includes(length), `${length} steps from ${start}, not ${lengths}`);
    for (let h = 0; h < horizon; h++) {
      const at = h * count + i;
      assertEquals(s.mask[at], h < length ? 1 : 0); // ones, then zeros
      assertEquals(s.reward[at], h < length ? start - 0.5 + h : 0);
      assertEquals(s.action[at] === 0 ? 0 : s.action[at], h < length ? 0.5 - start - h : 0);
      // row h + 1 is s′ of step h, which is s of step h + 1
      if (h < length) assertEquals([s.observation[at], s.observation[at + count]], [start + h, start + h + 1]);
      else masked++;
    }
  }
  assert(masked > count / 10 && masked < 3 * count);
});

Deno.test("a segment ends on the observation before a reset, not on the one after it", () => {
  const batch = batchOf({ steps: 2, environments: 1, observationSize: 1, actionSize: 1 }, {
    observation: Float32Array.of(1, 7), // 7: first observation of the next episode
    nextObservation: Float32Array.of(2, 8),
    truncated: Uint8Array.of(1, 0),
  });
  const { observation, mask } = sampleSegments({ batches: [batch] }, 50, 2, makeStream(key));
  for (let i = 0; i < 50; i++) {
    if (observation[i] === 1) {
      assertEquals([mask[i], mask[50 + i], observation[50 + i], observation[100 + i]], [1, 0, 2, 0]);
    } else assertEquals([mask[i], mask[50 + i], observation[50 + i], observation[100 + i]], [1, 0, 8, 0]);
  }
});

Deno.test("starts are uniform over all transitions of all batches", () => {
  const base = { environments: 1, observationSize: 1, actionSize: 1 };
  const sizes = [4, 1, 5],
    memory = {
      batches: sizes.map((steps, b) =>
        batchOf({ steps, ...base }, { observation: Float32Array.from({ length: steps }, (_, t) => 10 * b + t) })
      ),
    };
  const draws = 20000, counts = new Map<number, number>();
  for (const x of sampleSegments(memory, draws, 1, makeStream(key)).observation.subarray(0, draws)) {
    counts.set(x, (counts.get(x) ?? 0) + 1);
  }
  assertEquals([...counts.keys()].sort((a, b) => a - b), [0, 1, 2, 3, 10, 20, 21, 22, 23, 24]);
  const chi = [...counts.values()].reduce((sum, c) => sum + (c - draws / 10) ** 2 / (draws / 10), 0);
  assertLess(chi, 33.7); // χ² with 9 degrees of freedom exceeds 33.7 with probability 1e-4
});

Deno.test("a part of every batch's steps holds whole segments, and the other part the rest", () => {
  const batches = [10, 4].map((steps, b) =>
    batchOf({ steps, environments: 2, observationSize: 1, actionSize: 1 }, {
      observation: Float32Array.from({ length: 2 * steps }, (_, i) => 100 * b + (i >> 1)),
      nextObservation: Float32Array.from({ length: 2 * steps }, (_, i) => 100 * b + (i >> 1) + 1),
    })
  );
  const draw = (part: readonly [number, number]) => sampleSegments({ batches }, 500, 2, makeStream(key), { part });
  const starts = (part: readonly [number, number]) => new Set(draw(part).observation.subarray(0, 500));
  assertEquals([...starts([0, 0.5])].sort((a, b) => a - b), [0, 1, 2, 3, 4, 100, 101]);
  assertEquals([...starts([0.5, 1])].sort((a, b) => a - b), [5, 6, 7, 8, 9, 102, 103]);
  const { observation, mask } = draw([0, 0.5]);
  // The last start of the first part has one step in it: what follows belongs to the other part.
  for (let i = 0; i < 500; i++) assertEquals(mask[500 + i], observation[i] === 4 || observation[i] === 101 ? 0 : 1);
  assertThrows(() => draw([0.5, 0.5]), RangeError, "Cannot draw segments");
});

Deno.test("recency 2 draws half of the segments from the newest quarter", () => {
  const steps = 400, observation = Float32Array.from({ length: steps }, (_, t) => t);
  const batch = batchOf({ steps, environments: 1, observationSize: 1, actionSize: 1 }, { observation });
  const drawn = sampleSegments({ batches: [batch] }, 10000, 1, makeStream(key), { recency: 2 }).observation;
  const newest = drawn.subarray(0, 10000).filter((t) => t >= 300).length;
  assertAlmostEquals(newest, 5000, 250); // binomial deviation 50: five of them
});

Deno.test("segments cannot be drawn beyond the memory", () => {
  const batch = batchOf({ steps: 1, environments: 1, observationSize: 1, actionSize: 1 });
  const stream = { ...makeStream(key), uniform: () => -1 };
  assertThrows(() => sampleSegments({ batches: [batch] }, 1, 1, stream), RangeError, "current value is 1");
});
