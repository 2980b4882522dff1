import { assertEquals } from "@std/assert";
import { batchSize } from "../../src/data/batch.ts";
import { makeKey } from "../../src/math/random.ts";
import { batchOf, labelledBatch } from "./batch.ts";

Deno.test("a batch of T steps in N environments holds T·N transitions", () => {
  const batch = batchOf({ steps: 3, environments: 4, observationSize: 5, actionSize: 2 });
  assertEquals(batchSize(batch), 12);
  assertEquals([batch.observation.length, batch.action.length, batch.truncated.length], [60, 24, 12]);
});

Deno.test("labels of a labelled batch are time-major and its endings exclude each other", () => {
  const batch = labelledBatch(50, 2, makeKey(1));
  assertEquals([...batch.reward.subarray(0, 4)], [0, 1000, 1, 1001]);
  assertEquals([...batch.nextObservation.subarray(0, 4)], [1.5, 1001.5, 2.5, 1002.5]);
  assertEquals(batch.terminated.some((x, i) => x === 1 && batch.truncated[i] === 1), false);
  assertEquals([batch.terminated.includes(1), batch.truncated.includes(1)], [true, true]);
});
