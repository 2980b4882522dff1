import { assertEquals } from "@std/assert";
import * as Effect from "effect/Effect";
import { program } from "../../src/program/program.ts";
import type { SlotName, Stage } from "../../src/stages/stage.ts";

const stage = <Rd extends SlotName, Wr extends SlotName>(
  name: string,
  reads: ReadonlyArray<Rd>,
  writes: ReadonlyArray<Wr>,
): Stage<Rd, Wr> => ({ name, reads, writes, run: () => Effect.die("never run") });

const collect = stage("collect", ["policy", "envs"], ["batch", "envs"]);
const estimate = stage("estimate", ["policy", "batch"], ["gradient"]);
const update = stage("update", ["policy", "gradient"], ["policy"]);

Deno.test("a program in order compiles and keeps its order", () => {
  assertEquals(program(collect, estimate, update).stages.map((each) => each.name), ["collect", "estimate", "update"]);
});

Deno.test("a stage may come twice", () => {
  assertEquals(program(collect, estimate, estimate, update).stages.length, 4);
});

Deno.test("a misordered or empty program does not compile", () => {
  // @ts-expect-error: no earlier stage writes "batch"
  program(estimate, collect, update);
  // @ts-expect-error: no earlier stage writes "gradient"
  program(collect, update, estimate);
  // @ts-expect-error: no stage writes "gradient" at all
  program(update);
  // @ts-expect-error: at least one stage
  program();
});

Deno.test("errors and services of the stages are those of the program", () => {
  const failing: Stage<"policy", "policy", Error> = {
    ...stage("failing", ["policy"], ["policy"]),
    run: () => Effect.fail(new Error()),
  };
  const composed = program(collect, failing);
  // @ts-expect-error: the program fails as its stages do
  const _silent: Effect.Effect<unknown> = composed.stages[0].run({}, { high: 0, low: 0 });
  const _typed: Effect.Effect<unknown, Error> = composed.stages[0].run({}, { high: 0, low: 0 });
});
