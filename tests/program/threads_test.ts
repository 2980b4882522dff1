/** Stages of which none needs what another writes run at the same time, where there are threads for it. */
import { assertEquals, assertInstanceOf } from "@std/assert";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import { makeKey } from "../../src/math/random.ts";
import { iterate, StageFailure } from "../../src/program/iterate.ts";
import type { ProgramStage } from "../../src/program/program.ts";
import { TensorRuntime, type TensorRuntimeService } from "../../src/stages/tensor_runtime.ts";
import type { TrainState } from "../../src/stages/stage.ts";

type Run = Effect.Effect<{ readonly order: number }, Error>;

/** A stage that writes one slot: what it read, and its own number. */
const stage = (name: string, reads: ReadonlyArray<string>, write: string, run: Run): ProgramStage<Error, never> => ({
  name,
  reads,
  writes: [write],
  run: (slots) =>
    Effect.map(run, ({ order }) => ({ [write]: { read: Object.values(slots), order }, metrics: { order } })),
});

const state = { memory: { order: 0 } } as unknown as TrainState;

const runOn = (threads: number, stages: ReadonlyArray<ProgramStage<Error, never>>) =>
  iterate({ stages }, state, makeKey(1), 1).pipe(
    Effect.provideService(TensorRuntime, { threads } as TensorRuntimeService),
  );

Deno.test("two fits at the same time: the first waits for the second; what reads them comes after", async () => {
  for (const threads of [1, 2]) {
    const done = Deferred.makeUnsafe<void>();
    const counted = { ended: 0 };
    const end = Effect.sync(() => ({ order: ++counted.ended }));
    const first = threads === 1 ? end : Effect.andThen(Deferred.await(done), end);
    const program = [
      stage("fitModel", ["memory"], "dynamics", first),
      stage("fitValue", ["memory"], "critics", Effect.tap(end, () => Deferred.succeed(done, undefined))),
      stage("estimateGradient", ["dynamics", "critics"], "direction", end),
    ];
    const { state: after, metrics, seconds } = await Effect.runPromise(runOn(threads, program));
    const [model, value] = threads === 1 ? [1, 2] : [2, 1];
    assertEquals(metrics, { "fitModel.order": model, "fitValue.order": value, "estimateGradient.order": 3 });
    assertEquals((after as unknown as { direction: unknown }).direction, {
      read: [{ read: [{ order: 0 }], order: model }, { read: [{ order: 0 }], order: value }],
      order: 3,
    });
    assertEquals(Object.keys(seconds), ["fitModel", "fitValue", "estimateGradient", "total"]);
  }
});

Deno.test("of stages that fail at the same time the first in the program's order is told", async () => {
  const failed = Deferred.makeUnsafe<void>();
  const late = Effect.andThen(Deferred.await(failed), Effect.fail(new Error("first")));
  const early = Effect.andThen(Deferred.succeed(failed, undefined), Effect.fail(new Error("second")));
  const program = [stage("fitModel", ["memory"], "dynamics", late), stage("fitValue", ["memory"], "critics", early)];
  const failure = await Effect.runPromise(Effect.flip(runOn(2, program)));
  assertInstanceOf(failure, StageFailure);
  assertEquals([failure.stage, (failure.error as Error).message], ["fitModel", "first"]);
});
