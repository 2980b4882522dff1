import { assertEquals } from "@std/assert";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import { makeOnce } from "../../src/sweep/once.ts";

Deno.test("who asks for what is under way waits for its end; another key, and what is over, run of their own", async () => {
  const once = makeOnce<number, string>(), gate = Deferred.makeUnsafe<void>();
  let begun = 0;
  const slow = Effect.andThen(Effect.sync(() => ++begun), Effect.as(Deferred.await(gate), 7));
  const both = Effect.all([once("a", slow), once("a", slow), once("b", slow)], { concurrency: 3 });
  const ended = Effect.runPromise(both);
  Deferred.doneUnsafe(gate, Effect.void);
  assertEquals([await ended, begun], [[7, 7, 7], 2]);
  assertEquals([await Effect.runPromise(once("a", slow)), begun], [7, 3]);
  const failing = Effect.andThen(Effect.yieldNow, Effect.fail("no"));
  const failed = await Effect.runPromise(
    Effect.all([Effect.flip(once("a", failing)), Effect.flip(once("a", failing))], { concurrency: 2 }),
  );
  assertEquals(failed, ["no", "no"]);
});
