import { oneFold } from "../../src/data/folds.ts";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import * as Effect from "effect/Effect";
import * as TestClock from "effect/testing/TestClock";
import type { Normalizer } from "../../src/data/parameters.ts";
import { makeKey, makeStream } from "../../src/math/random.ts";
import { nonFiniteQuantity } from "../../src/program/finite.ts";
import { iterate, StageFailure } from "../../src/program/iterate.ts";
import type { Program, ProgramStage } from "../../src/program/program.ts";
import type { Slots } from "../../src/stages/stage.ts";
import { collect, fakeState, fakeTask, store, trpoUpdate } from "./fakes.ts";

const root = makeKey(1);
const state = fakeState(makeKey(2));
const run = <E>(program: Program<E, never>, iteration = 1) =>
  Effect.runPromise(iterate(program, state, root, iteration));

const spy = (name: string, seen: Array<unknown>): ProgramStage<never, never> => ({
  name,
  reads: ["policy"],
  writes: ["policy"],
  run: (slots, key) => {
    seen.push({ slots, draw: makeStream(key).uniform() });
    return Effect.succeed({ policy: slots.policy, memory: "not declared", metrics: { x: 1 } });
  },
});

Deno.test("a stage gets the slots it reads and leaves the slots it writes, no more", async () => {
  const seen: Array<{ slots: Partial<Slots> }> = [];
  const { state: after } = await run({ stages: [spy("a", seen)] });
  assertEquals(Object.keys(seen[0].slots), ["policy"]);
  assertEquals(after.memory, state.memory);
});

Deno.test("a stage that comes twice has two keys and two names; removing it leaves the others' keys", async () => {
  const [twice, once]: [Array<{ draw: number }>, Array<{ draw: number }>] = [[], []];
  const { metrics } = await run({ stages: [spy("a", twice), spy("a", twice), spy("b", twice)] });
  await run({ stages: [spy("b", once), spy("a", once)] });
  assertEquals(Object.keys(metrics), ["a.x", "a#2.x", "b.x"]);
  assertNotEquals(twice[0].draw, twice[1].draw);
  assertEquals([twice[2].draw, twice[0].draw], [once[0].draw, once[1].draw]);
});

Deno.test("steps that a stage takes for itself count beside those of the batch", async () => {
  const aside: ProgramStage<never, never> = {
    name: "aside",
    reads: [],
    writes: [],
    run: () => Effect.succeed({ metrics: { steps: 7 } }),
  };
  const alone = await run({ stages: [aside, aside] });
  const both = await Effect.runPromise(iterate({ stages: [aside, collect(fakeTask)] }, state, root, 1));
  const batch = await Effect.runPromise(iterate({ stages: [collect(fakeTask)] }, state, root, 1));
  assertEquals([alone.steps, both.steps - batch.steps], [14, 7]);
});

Deno.test("iterations have different keys, the same iteration the same", async () => {
  const draws: Array<{ draw: number }> = [];
  for (const iteration of [1, 2, 1]) await run({ stages: [spy("a", draws)] }, iteration);
  assertNotEquals(draws[0].draw, draws[1].draw);
  assertEquals(draws[0].draw, draws[2].draw);
});

Deno.test("batch and gradient end with the iteration; steps and returns are read off the batch", async () => {
  const stages = [collect(fakeTask), store(fakeTask), trpoUpdate(fakeTask)];
  const result = await Effect.runPromise(iterate({ stages }, state, root, 1));
  assertEquals(Object.keys(result.state).sort(), [
    "control",
    "critic",
    "envs",
    "memory",
    "model",
    "normalizer",
    "policy",
    "value",
  ]);
  assertEquals([result.steps, result.episodes], [8, 2]); // 4 steps × 2 environments; the fake batch ends two episodes
  const first = result.state.memory.batches[0].episodeReturns[0];
  assertEquals(result.meanReturn, (first + 1.5) / 2);
  assertEquals(Object.keys(result.seconds), ["collect", "store", "trpoUpdate", "total"]);
});

Deno.test("seconds come from the clock", async () => {
  const slow: ProgramStage<never, never> = {
    name: "slow",
    reads: [],
    writes: [],
    run: () => Effect.as(TestClock.adjust("2500 millis"), { metrics: {} }),
  };
  const effect = Effect.provide(iterate({ stages: [slow] }, state, root, 1), TestClock.layer());
  assertEquals((await Effect.runPromise(effect)).seconds, { slow: 2.5, total: 2.5 });
});

Deno.test("a clock that is set back or forth by hours while a stage runs changes no seconds", async () => {
  const now = Date.now, hours = 3 * 3600e3;
  for (const jump of [-hours, hours]) {
    const jumping: ProgramStage<never, never> = {
      name: "jumping",
      reads: [],
      writes: [],
      run: () => {
        Date.now = () => now() + jump;
        return Effect.succeed({ metrics: {} });
      },
    };
    const { seconds } = await Effect.runPromise(iterate({ stages: [jumping] }, state, root, 1));
    Date.now = now;
    assert(seconds.total >= 0 && seconds.total < 3600, String(seconds.total));
  }
});

Deno.test("NaN that a stage writes is refused, by stage and quantity", async () => {
  const nan: ProgramStage<never, never> = {
    name: "bad",
    reads: ["value"],
    writes: ["value"],
    run: ({ value }) => {
      const { network } = value.first, first = network.adam.first.map(() => NaN);
      return Effect.succeed({ value: oneFold({ ...network, adam: { ...network.adam, first } }), metrics: {} });
    },
  };
  const failure = await Effect.runPromise(Effect.flip(iterate({ stages: [nan] }, state, root, 1)));
  assert(failure instanceof StageFailure);
  assertEquals(
    failure.error.message,
    'Cannot accept what "bad" wrote as value.first.network.adam.first must be finite: it is not',
  );
});

Deno.test("a bound may be infinite, the rest of a normaliser may not", async () => {
  const writing = (normalizer: Normalizer): ProgramStage<never, never> => ({
    name: "see",
    reads: [],
    writes: ["normalizer"],
    run: () => Effect.succeed({ normalizer, metrics: {} }),
  });
  const run = (normalizer: Normalizer) => iterate({ stages: [writing(normalizer)] }, state, root, 1);
  const bound = Float32Array.of(Infinity, 10, Infinity);
  const result = await Effect.runPromise(run({ ...state.normalizer, bound }));
  assertEquals(result.state.normalizer.bound, bound);
  const world = { normalizer: { ...state.normalizer, bound } }; // of the rollouts behind a gradient
  assertEquals(nonFiniteQuantity({ gradient: { surrogates: [{ world }] } }), null);
  assertEquals(nonFiniteQuantity({ gradient: { bound } }), "gradient.bound");
  const failure = await Effect.runPromise(Effect.flip(run({ ...state.normalizer, scale: bound })));
  assert(failure instanceof StageFailure);
  assertEquals(failure.error.message, 'Cannot accept what "see" wrote as normalizer.scale must be finite: it is not');
});

Deno.test("a metric that is not finite is refused by its name", async () => {
  for (const x of [NaN, Infinity, -Infinity]) {
    const stage: ProgramStage<never, never> = {
      name: "bad",
      reads: [],
      writes: [],
      run: () => Effect.succeed({ metrics: { fine: 1, words: "NaN", loss: x } }),
    };
    const failure = await Effect.runPromise(Effect.flip(iterate({ stages: [stage] }, state, root, 1)));
    assertEquals(failure.error.message, 'Cannot accept what "bad" wrote as metric loss must be finite: it is not');
  }
});

Deno.test("an array that does not fit is told from a fault of the stage's code", async () => {
  const throwing = (make: () => unknown): ProgramStage<never, never> => ({
    name: "large",
    reads: [],
    writes: [],
    run: () => Effect.sync(() => ({ made: make(), metrics: {} })),
  });
  const lengths = [() => new Float64Array(2 ** 53 - 1), () => new Float32Array(-1), () => new ArrayBuffer(2 ** 52)];
  for (const make of lengths) {
    const failure = await Effect.runPromise(Effect.flip(iterate({ stages: [throwing(make)] }, state, root, 1)));
    assertEquals([failure.stage, failure.error._tag], ["large", "TensorsExhausted"]);
  }
  const fault = throwing(() => (1).toFixed(1000));
  const { error } = await Effect.runPromise(Effect.flip(iterate({ stages: [fault] }, state, root, 1)));
  assertEquals(error._tag, "StageDefect"); // also a RangeError
});

const failureOf = (run: ProgramStage<never, never>["run"]) => {
  const stage: ProgramStage<never, never> = { name: "mine", reads: ["policy"], writes: ["policy"], run };
  return Effect.runPromise(Effect.flip(iterate({ stages: [stage] }, state, root, 1)));
};

Deno.test("a stage that throws, at once, later or in a promise, is a typed error of one line with stage and place", async () => {
  const crash = (): never => {
    const nothing: { readonly field?: { readonly x: number } } = {};
    return nothing.field!.x as never;
  };
  const runs = [
    crash,
    () => Effect.sync(crash),
    () => Effect.promise(() => Promise.reject(new TypeError("in a promise"))),
    () => Effect.die("only words\nand more"),
  ];
  for (const run of runs) {
    const { stage, error } = await failureOf(run);
    assertEquals([stage, (error as { _tag: string })._tag], ["mine", "StageDefect"]);
    const { message } = error as Error;
    assert(message.startsWith('Cannot finish stage "mine" as it threw '), message);
    assertEquals(message.includes("\n"), false);
    if (run !== runs[3]) assert(/\(at .*iterate_test\.ts:\d+:\d+\)$/.test(message), message);
  }
});

Deno.test("a stage that returns too little is a typed error that names what is missing", async () => {
  for (
    const [returned, lacking] of [[undefined, "metrics"], [{ metrics: {} }, "policy"], [{ policy: {} }, "metrics"], [{
      policy: {},
      metrics: null,
    }, "metrics"], [
      { policy: null, metrics: {} },
      "policy",
    ]]
  ) {
    const { error } = await failureOf(() => Effect.succeed(returned));
    assertEquals(
      (error as Error).message,
      `Cannot finish stage "mine" as it must return "${lacking}", as it declares: there is none in ` +
        "what it returned",
    );
  }
});
