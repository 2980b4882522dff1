/**
 * Slots of one's own: begun, kept, checkpointed, resumed and refused like the built-in ones.
 *
 * @module
 */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Catalog } from "../../src/config/catalog.ts";
import { resolvePipeline, stateBefore } from "../../src/config/resolve.ts";
import { makeKey } from "../../src/math/random.ts";
import { checkFlow } from "../../src/program/flow_check.ts";
import { iterate } from "../../src/program/iterate.ts";
import { program } from "../../src/program/program.ts";
import { pack, stateShape, unpack } from "../../src/run/checkpoint_tensors.ts";
import { writeCheckpoint } from "../../src/run/checkpoint.ts";
import { expectedToGoOn } from "../../src/run/expected.ts";
import { readLatestCheckpoint } from "../../src/run/read_checkpoint.ts";
import { hashPipeline } from "../../src/config/print.ts";
import { defineSlot, type OwnSlots } from "../../src/stages/slot.ts";
import { defineStage, type Stage } from "../../src/stages/stage.ts";
import { collect, fakeCatalog, fakeTask, store, trpoUpdate } from "../program/fakes.ts";
import { temporaryFolder } from "../temporary.ts";

const counter = defineSlot({
  name: "counter",
  summary: "iterations, and the sum of all policies",
  initial: ({ state: { policy } }) => ({ step: 0, sum: new Float64Array(policy.theta.length), nested: { scale: -1 } }),
});

/** Adds each policy to the sum; a non-finite one where it is told to. */
const count = defineStage({
  name: "count",
  summary: "adds up",
  options: Schema.Struct({ nan: Schema.optionalKey(Schema.Boolean) }),
  metrics: {},
  slots: [counter],
  make: (_task, { nan = false }): Stage<"policy" | "counter", "counter", never, never, OwnSlots<typeof counter>> => ({
    name: "count",
    reads: ["policy", "counter"],
    writes: ["counter"],
    run: ({ policy, counter: { step, sum, nested } }) =>
      Effect.succeed({
        counter: { step: step + 1, sum: sum.map((x, i) => nan ? NaN : x + policy.theta[i]), nested },
        metrics: {},
      }),
  }),
});

const catalog: Catalog = { ...fakeCatalog, stages: { ...fakeCatalog.stages, count } };

const resolved = (text = "task: pendulum\nprogram: [collect, store, trpoUpdate, count]\n") => {
  const file = join(temporaryFolder(), "own.yaml");
  writeFileSync(file, text);
  return Effect.runSync(resolvePipeline(file, [], catalog));
};

const stages = () => [collect(fakeTask), store(fakeTask), trpoUpdate(fakeTask), count(fakeTask)];

Deno.test("a slot of one's own begins with the run, and lives on from iteration to iteration", async () => {
  const begun = stateBefore(resolved(), catalog, makeKey(3));
  const first = await Effect.runPromise(iterate({ stages: stages() }, begun, makeKey(3), 1));
  const second = await Effect.runPromise(iterate({ stages: stages() }, first.state, makeKey(3), 2));
  const [before, one, two] = [begun, first.state, second.state] as unknown as ReadonlyArray<
    OwnSlots<typeof counter> & typeof begun
  >;
  assertEquals([before.counter.step, one.counter.step, two.counter.step], [0, 1, 2]);
  assertEquals(two.counter.sum, Float64Array.from(one.policy.theta, (x, i) => x + two.policy.theta[i]));
  assertEquals(Object.keys(two).includes("batch"), false);
});

Deno.test("a checkpoint holds it bit for bit, its own names notwithstanding", async () => {
  const pipeline = resolved(), folder = temporaryFolder();
  const begun = stateBefore(pipeline, catalog, makeKey(pipeline.seed));
  const { state, steps } = await Effect.runPromise(iterate({ stages: stages() }, begun, makeKey(0), 1));
  const checkpoint = { iteration: 1, steps, seed: 0, pipelineHash: hashPipeline(pipeline, catalog), state };
  Effect.runSync(writeCheckpoint(folder, checkpoint, 3));
  const expected = Effect.runSync(expectedToGoOn(pipeline, catalog));
  assertEquals(Effect.runSync(readLatestCheckpoint(folder, expected)).checkpoint, checkpoint);
  // one that lacks the slot, or holds another form of it, is another run's
  const { counter: own, ...without } = state as typeof state & OwnSlots<typeof counter>;
  const wrongs = [without, { ...state, counter: { ...own, sum: new Float64Array(2) } }, {
    ...state,
    counter: { ...own, more: 1 },
  }];
  const words = ["counter must be given: it is missing", "counter.sum must have shape", "counter.more must not be"];
  for (const [i, wrong] of wrongs.entries()) {
    const place = temporaryFolder();
    Effect.runSync(writeCheckpoint(place, { ...checkpoint, state: wrong }, 3));
    const { message } = Effect.runSync(Effect.flip(readLatestCheckpoint(place, expected)));
    assertStringIncludes(message, words[i]);
  }
  const { structure, tensors } = pack({ counter: own }, "", stateShape(2));
  assertEquals(unpack(structure, tensors), { counter: own });
});

Deno.test("what is not finite in it stops the run and names it", async () => {
  const begun = stateBefore(resolved(), catalog, makeKey(3));
  const bad = { stages: [collect(fakeTask), store(fakeTask), trpoUpdate(fakeTask), count(fakeTask, { nan: true })] };
  const { error } = await Effect.runPromise(Effect.flip(iterate(bad, begun, makeKey(3), 1)));
  assertStringIncludes(String(error), 'Cannot accept what "count" wrote as counter.sum must be finite');
});

Deno.test("the flow check knows slots that a definition names, and no others", () => {
  assertEquals(checkFlow(stages()), []);
  const undeclared = { ...count(fakeTask), origin: { ...count(fakeTask).origin!, definition: collect } };
  assertEquals(
    checkFlow([...stages().slice(0, 3), undeclared]).map(({ message }) => message),
    ['Cannot run "count" as its definition must name the slot "counter" among its slots: it does not'],
  );
  const other = { ...counter }, twin = { ...count(fakeTask).origin!.definition, slots: [other] };
  const second = { ...count(fakeTask), name: "other", origin: { ...count(fakeTask).origin!, definition: twin } };
  assertEquals(
    checkFlow([...stages(), second as never]).map(({ message }) => message),
    ['Cannot run "other" as its slot "counter" must be the only one of that name: another stage defines one as well'],
  );
});

Deno.test("the compiler takes slots of one's own as there from the start", () => {
  program(collect(fakeTask), store(fakeTask), trpoUpdate(fakeTask), count(fakeTask));
  const reads: Stage<"counter" | "gradient", "policy"> = {
    name: "x",
    reads: ["counter", "gradient"],
    writes: ["policy"],
    run: () => Effect.die("never run"),
  };
  // @ts-expect-error: no stage writes a gradient
  program(collect(fakeTask), store(fakeTask), trpoUpdate(fakeTask), reads);
});

Deno.test("a name that no slot can have is refused", () => {
  for (const name of ["policy", "batch", "metrics", "", "two words", "a.b", "__proto__", "9lives", "x".repeat(65)]) {
    const refused = () => defineSlot({ name, summary: "", initial: () => ({}) });
    assertThrows(refused, RangeError, "Cannot define a slot as its name must be made of");
  }
});
