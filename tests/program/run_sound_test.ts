import { assertEquals } from "@std/assert";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { makeKey } from "../../src/math/random.ts";
import { iterate } from "../../src/program/iterate.ts";
import type { ProgramStage } from "../../src/program/program.ts";
import { fakeState } from "./fakes.ts";

/** (what `run` of a stage is) ⇒ an iteration of that stage. */
const iteration = (run: ProgramStage<never, never>["run"]) =>
  iterate({ stages: [{ name: "mine", reads: [], writes: [], run }] }, fakeState(makeKey(2)), makeKey(1), 1);

const returning = (value: unknown) => () => value as never;
const must = "its run must return an Effect: current value is ";

const unsound: ReadonlyArray<readonly [what: string, run: ProgramStage<never, never>["run"], reason: string]> = [
  ["a plain object", returning({ metrics: {} }), `${must}a plain object, which Effect.succeed(…) makes an Effect of`],
  ["undefined", returning(undefined), `${must}undefined`],
  ["a Promise", returning(Promise.resolve({})), `${must}a Promise, which Effect.promise(() => …) makes an Effect of`],
  [
    "a Promise that is rejected",
    () => Promise.reject(new Error("late")) as never,
    `${must}a Promise, which Effect.promise(() => …) makes an Effect of`,
  ],
  [
    "a plain object within an Effect",
    () => Effect.flatMap(Effect.succeed(1), returning({ metrics: {} })),
    "every function that it gives to Effect.flatMap and the like must return an Effect: one does not",
  ],
];

for (const [what, run, reason] of unsound) {
  Deno.test(`a stage that returns ${what} is a typed error, and finalizers run`, async () => {
    let closed = false;
    const work = Effect.ensuring(iteration(run), Effect.sync(() => (closed = true)));
    const { stage, error } = await Effect.runPromise(Effect.flip(work));
    assertEquals([stage, (error as { _tag: string })._tag, closed], ["mine", "StageDefect", true]);
    assertEquals((error as Error).message, `Cannot finish stage "mine" as ${reason}`);
  });
}

Deno.test("an interrupted stage has cleaned up when the run goes on to", async () => {
  const order: string[] = [];
  const work = Effect.gen(function* () {
    const begun = yield* Deferred.make<void>();
    const stage = Effect.andThen(Deferred.succeed(begun, undefined), Effect.never);
    const run = () =>
      Effect.onInterrupt(stage, () => Effect.andThen(Effect.yieldNow, Effect.sync(() => order.push("stage"))));
    const fiber = yield* Effect.forkChild(
      Effect.onInterrupt(iteration(run), () => Effect.sync(() => order.push("run"))),
    );
    yield* Deferred.await(begun);
    yield* Fiber.interrupt(fiber);
  });
  await Effect.runPromise(work);
  assertEquals(order, ["stage", "run"]);
});
