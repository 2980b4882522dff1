import { assertEquals } from "@std/assert";
import { emptyMemory, memorySize, storeBatch } from "../../src/data/memory.ts";
import { batchOf } from "./batch.ts";

const batch = (steps: number) => batchOf({ steps, environments: 2, observationSize: 1, actionSize: 1 });

Deno.test("an empty memory has no transitions", () => assertEquals(memorySize(emptyMemory), 0));

Deno.test("the newest batch comes last, the oldest go whole, and nothing is changed in place", () => {
  const [a, b, c] = [batch(5), batch(3), batch(2)]; // 10, 6 and 4 transitions
  const one = storeBatch(emptyMemory, a, 16), two = storeBatch(one, b, 16), three = storeBatch(two, c, 16);
  assertEquals([memorySize(one), memorySize(two), memorySize(three)], [10, 16, 10]); // 20 > 16: a goes, 6 + 4 stay
  assertEquals(three.batches.map((x) => x.steps), [3, 2]);
  assertEquals(three.batches[1] === c, true);
  assertEquals([emptyMemory.batches.length, one.batches.length, two.batches.length], [0, 1, 2]);
});

Deno.test("as many go as have to, but never the newest", () => {
  const memory = [batch(5), batch(3), batch(2)].reduce((m, b) => storeBatch(m, b, 100), emptyMemory);
  assertEquals(memorySize(memory), 20);
  assertEquals(storeBatch(memory, batch(4), 12).batches.map((x) => x.steps), [2, 4]); // 4 + 8 = 12
  assertEquals(storeBatch(memory, batch(4), 11).batches.map((x) => x.steps), [4]);
  assertEquals(storeBatch(memory, batch(9), 1).batches.map((x) => x.steps), [9]); // 18 transitions though 1 is allowed
});
