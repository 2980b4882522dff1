import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as Cause from "effect/Cause";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import { tensorCount } from "../../src/nn/kernels/backend.ts";
import { OutOfMemory } from "../../src/nn/passes/out_of_memory.ts";
import { TensorsExhausted } from "../../src/stages/errors.ts";
import { TensorRuntime, tensorRuntime } from "../../src/stages/tensor_runtime.ts";

/** (work) ⇒ how it ends as the stage "example". */
const exitOf = <A>(work: () => A) =>
  Effect.gen(function* () {
    const { scoped } = yield* TensorRuntime;
    return yield* scoped("example", work);
  }).pipe(Effect.provide(tensorRuntime), Effect.runPromiseExit);

/** The defect or the error of a failed exit. */
const thrown = (exit: Exit.Exit<unknown, unknown>): unknown => {
  assert(Exit.isFailure(exit));
  return Cause.squash(exit.cause);
};

Deno.test("work that frees its tensors returns its result", async () => {
  const exit = await exitOf(() => tf.tidy(() => tf.sum(tf.tensor1d([1, 2, 3])).dataSync()[0]));
  assertEquals(Exit.isSuccess(exit) ? exit.value : null, 6);
});

Deno.test("a leak dies, naming the stage and the number of tensors", async () => {
  const kept: tf.Tensor[] = [];
  const exit = await exitOf(() => kept.push(tf.scalar(1), tf.scalar(2)));
  const error = thrown(exit);
  assertInstanceOf(error, Error);
  assertEquals(error.message, 'Cannot leave "example" as it must leak no tensor: it leaked 2');
  assert(Exit.isFailure(exit) && !Cause.hasFails(exit.cause), "a defect, not a typed error");
  tf.dispose(kept);
});

Deno.test("freeing what belongs to others dies as well", async () => {
  await exitOf(() => 0); // starts the backend
  const other = tf.scalar(1);
  const error = thrown(await exitOf(() => other.dispose()));
  assertEquals((error as Error).message.endsWith("it leaked -1"), true);
});

Deno.test("an exhausted heap is a typed error with the stage and the bytes", async () => {
  const before = tensorCount();
  const exit = await exitOf(() =>
    tf.tidy(() => {
      tf.scalar(1);
      throw new OutOfMemory(4096);
    })
  );
  const error = thrown(exit);
  assertInstanceOf(error, TensorsExhausted);
  assert(Exit.isFailure(exit) && Cause.hasFails(exit.cause));
  assertEquals([error._tag, error.stage], ["TensorsExhausted", "example"]);
  assert(error.message.startsWith('Cannot run "example"') && error.message.includes("4096 bytes"), error.message);
  assertEquals(tensorCount(), before);
});

Deno.test("any other exception is a defect and stays what it was", async () => {
  const cause = new RangeError("elsewhere");
  const exit = await exitOf(() => {
    throw cause;
  });
  assertEquals(thrown(exit) === cause, true);
  assert(Exit.isFailure(exit) && !Cause.hasFails(exit.cause));
});
