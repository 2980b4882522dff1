/**
 * A small share of `deno task fuzz`: what it has found, and some new inputs of every subject.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";
import { runWithinBounds } from "./bounds.ts";
import { corpusOf, readInput } from "./corpus.ts";
import { mutateTree } from "./mutate.ts";
import { makeRunner } from "./runner.ts";
import { Broken, bytesOf, typed } from "./subject.ts";
import { subjects } from "./subjects.ts";

const slack = 20; // bounds are for a machine that does nothing else, as `deno task fuzz` has it

for (const subject of subjects) {
  Deno.test(`${subject.name}: what once broke its promise keeps it, and so do new inputs`, async () => {
    for (const path of corpusOf(subject.name)) await runWithinBounds(subject, readInput(path), slack);
    const key = fold(makeKey(3), subject.name), outcomes = new Set<string>();
    for (let i = 0; i < 250; i++) {
      const input = subject.make(makeStream(fold(key, i)));
      try {
        outcomes.add((await runWithinBounds(subject, input, slack)).outcome);
      } catch (error) {
        throw new Error(`${subject.name}, input ${i}: ${new TextDecoder().decode(input).slice(0, 2000)}`, {
          cause: error,
        });
      }
    }
    assert(outcomes.size > 1 || subject.name === "outcome", `${[...outcomes]}`); // mutations are neither all sound nor all refused
  });
}

Deno.test("the thread of the long task answers", async () => {
  const { ask, end } = makeRunner(), [subject] = subjects;
  const told = await ask({ subject: subject.name, input: subject.make(makeStream(makeKey(1))) });
  await end();
  assert("outcome" in told || told.broken.startsWith("slow"), JSON.stringify(told)); // on a busy machine
});

Deno.test("the promise is broken by what is thrown untyped, by words of the machine, by time and by memory", async () => {
  const subject = (run: () => string) => ({ name: "broken", make: () => bytesOf(""), run });
  const broken = (run: () => string) => assertRejects(() => runWithinBounds(subject(run), bytesOf("")), Broken);
  await broken(() => typed(new TypeError("x"), ["ConfigInvalid"]));
  await broken(() => typed(Object.assign(new Error("Cannot read properties of undefined"), { _tag: "A" }), ["A"]));
  const kept: unknown[] = [];
  await broken(() => {
    kept.push(new Float64Array(40e6).fill(1));
    return "";
  });
  await broken(() => {
    for (const until = performance.now() + 1100; performance.now() < until;);
    return "";
  });
});

Deno.test("a mutation leaves the original alone, and the same key gives the same one", () => {
  const tree = { a: [1, 2, { b: "c" }], d: null };
  const mutated = (i: number) =>
    JSON.stringify(mutateTree(tree, makeStream(fold(makeKey(1), i))), (_, x) => typeof x === "bigint" ? `${x}` : x);
  const all = Array.from({ length: 50 }, (_, i) => mutated(i));
  assertEquals(Array.from({ length: 50 }, (_, i) => mutated(i)), all);
  assertEquals(tree, { a: [1, 2, { b: "c" }], d: null });
  assert(new Set(all).size > 30);
});
