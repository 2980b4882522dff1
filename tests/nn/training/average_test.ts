import { assertAlmostEquals, assertEquals } from "@std/assert";
import { makeAverage } from "./plain_training.ts";

Deno.test("without averaging the last parameters are returned", () => {
  const average = makeAverage(Float32Array.of(1), 0);
  average.add(Float32Array.of(2), 3);
  assertEquals([...average.mean(Float32Array.of(5))], [5]);
});

Deno.test("the running mean counts every fourth update, with a decay that grows to the one given", () => {
  const average = makeAverage(Float32Array.of(0), 0.5);
  for (let i = 0; i < 8; i++) average.add(Float32Array.of(i === 3 ? 1 : i === 7 ? 2 : 100), i);
  // Update 4 of decay min(.5, 4/13) = 4/13 for four updates, then 8 of min(.5, 8/17) = 8/17.
  const first = 1 - (4 / 13) ** 4, second = 1 - (8 / 17) ** 4;
  assertAlmostEquals(average.mean(Float32Array.of(0))[0], first + second * (2 - first), 1e-6);
});

Deno.test("the running mean of a constant is that constant, and leaves what it starts from alone", () => {
  const start = Float32Array.of(3, -1), average = makeAverage(start, 0.99);
  for (let i = 0; i < 100; i++) average.add(start, i);
  assertEquals([...average.mean(Float32Array.of(0, 0))], [3, -1]);
  for (let i = 0; i < 100; i++) average.add(Float32Array.of(7, 7), i);
  assertEquals([...start], [3, -1]);
});
