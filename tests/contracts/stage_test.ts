/**
 * What every stage owes, whatever it does.
 *
 * @module
 */
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import * as Schema from "effect/Schema";
import { ensembleOf, networksOf, oneFold } from "../../src/data/folds.ts";
import type { Batch } from "../../src/data/batch.ts";
import { fold } from "../../src/math/random.ts";
import { tensorCount } from "../../src/nn/kernels/backend.ts";
import { stages } from "../../src/stages/registry.ts";
import { tasks } from "../../src/tasks/registry.ts";
import { failureOf, meetingOf, meetings, runStage, tiny } from "../stages/program.ts";

Deno.test("every stage of the registry is part of the tiny program and bears its own name", () => {
  assertEquals(tiny.map(([name]) => name).sort(), Object.keys(stages));
  for (const [name, definition] of Object.entries(stages)) {
    assertEquals([definition.stageName, definition(tasks.hopper).name], [name, name]);
    assert(definition.summary.length > 0);
  }
});

/** (slots, names) ⇒ these slots alone, so that reading any other one fails. */
const pick = (slots: object, names: ReadonlyArray<string>) =>
  Object.fromEntries(Object.entries(slots).filter(([name]) => names.includes(name)));

/** Records, lists and arrays anew; functions, which the task behind a gradient's rollouts has, as they are. */
const copyOf = <A>(value: A): A => {
  if (value === null || typeof value !== "object") return value;
  if (ArrayBuffer.isView(value)) return structuredClone(value);
  if (Array.isArray(value)) return value.map(copyOf) as A;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, copyOf(inner)])) as A;
};

for (const task of ["hopper", "reacher"]) {
  for (const [name] of tiny) {
    Deno.test(`${task}, ${name}: same key same bits, inputs unmutated, no tensor left, writes what it declares`, async () => {
      const { stage, slots, key } = await meetingOf(task, name);
      const given = pick(slots, stage.reads);
      assertEquals(Object.keys(given).sort(), [...stage.reads].sort()); // all that it reads is there
      const before = copyOf(given), tensors = tensorCount();
      const written = await runStage(stage.run(given, key));
      assertEquals(given, before);
      assertEquals(tensorCount(), tensors);
      assertEquals(Object.keys(written).sort(), ["metrics", ...stage.writes].sort());
      assertEquals(await runStage(stage.run(copyOf(before), key)), written);
    });

    Deno.test(`${task}, ${name}: metrics are documented and finite`, async () => {
      const documented = stages[name].metrics;
      for (const iterations of [1, 2]) {
        const { stage, slots, key } = (await meetings(task, iterations)).find((x) => x.stage.name === name)!;
        const { metrics } = await runStage(stage.run(slots, key));
        assert(Object.keys(metrics).length > 0);
        for (const [metric, value] of Object.entries(metrics)) {
          assert(metric in documented, `${metric} is not documented`);
          assert(typeof value === "string" || Number.isFinite(value), `${metric} is ${value}`);
        }
      }
    });
  }
}

Deno.test("stages that draw random numbers heed their key", async () => {
  for (const name of ["collect", "fitModel", "fitValue", "estimateGradient"]) {
    const { stage, slots, key } = await meetingOf("hopper", name);
    const one = await runStage(stage.run(slots, key)), other = await runStage(stage.run(slots, fold(key, 1)));
    assertNotEquals(one, other, name);
  }
});

/** Schemas of every stage's options: of one with tagged options, one for each tag. */
const schemas = Object.entries(stages).flatMap(([name, { options, tagged }]) =>
  tagged === undefined
    ? [{ name, what: name, options, tag: {} }]
    : Object.entries(tagged.variants).map(([value, variant]) => ({
      name,
      what: `${name}, ${value}`,
      options: variant,
      tag: { [tagged.tag]: value },
    }))
);

for (const { name, what, options, tag } of schemas) {
  const decode = (value: object) => Schema.decodeUnknownSync(options)({ ...tag, ...value });
  const make = (value: object) => stages[name](tasks.hopper, { ...tag, ...value });

  Deno.test(`${what}: defaults decode, and what they decode to decodes to itself`, () => {
    const defaults = decode({});
    assert(Object.keys(defaults).length > 0);
    assertEquals(decode(defaults), defaults);
    assertEquals(Schema.encodeUnknownSync(options)(defaults), defaults);
    make(defaults);
    stages[name](tasks.hopper);
  });

  Deno.test(`${what}: an unknown option and every option of a wrong type are refused by name`, () => {
    assertThrows(() => make({ nonsense: 1 }), Error, "nonsense");
    for (const option of Object.keys(decode({}))) {
      for (const wrong of [null, true, { a: 1 }, "nonsense", NaN, -1, Infinity, [-1]]) {
        assertThrows(() => make({ [option]: wrong }), Error, option);
      }
    }
  });

  Deno.test(`${what}: every option and every metric says what it means`, () => {
    const { properties } = Schema.toJsonSchemaDocument(options).schema as { properties: Record<string, unknown> };
    for (const option of Object.keys(decode({}))) {
      assert(/"description":".+?"/.test(JSON.stringify(properties[option])), option);
    }
    for (const [metric, meaning] of Object.entries(stages[name].metrics)) assert(meaning.length > 5, metric);
  });
}

Deno.test("ranges end where they say", () => {
  const make = (name: string, options: unknown) => () => stages[name](tasks.hopper, options);
  for (
    const [name, options] of [
      ["collect", { steps: 0 }],
      ["collect", { steps: 2.5 }],
      ["collect", { steps: 10, environments: 4 }], // not a multiple
      ["pretrainModel", { steps: 10, environments: 4 }],
      ["store", { capacity: 0 }],
      ["fitModel", { learningRate: 0 }],
      ["fitModel", { decay: 1.01 }],
      ["fitValue", { method: "td" }],
      ["fitValue", { lambda: 1.01 }],
      ["estimateGradient", { horizon: 21 }],
      ["estimateGradient", { maxHorizon: 21 }],
      ["estimateGradient", { terms: [] }],
      ["estimateGradient", { terms: ["g3"] }],
      ["estimateGradient", { terms: ["g1", "g1"] }],
      ["trpoUpdate", { maxKl: 0 }],
      ["trpoUpdate", { backtrackSteps: 0 }],
    ] as const
  ) assertThrows(make(name, options), Error, Object.keys(options)[0]);
  make("estimateGradient", { horizon: 20, lambda: 1, discount: 0 })();
  make("fitModel", { decay: 1, rewardWeight: 0 })();
});

const spoil = (x: Float32Array): Float32Array => x.map((v, i) => (i === 3 ? NaN : v));

Deno.test("NaN in the batch, the model or the value is a typed error that names the quantity", async () => {
  const gradient = await meetingOf("hopper", "estimateGradient"), { slots } = gradient;
  const batch: Batch = { ...slots.batch, reward: spoil(slots.batch.reward) };
  const [member] = networksOf(slots.model.first.network, "").members, own = slots.value.first.network;
  const model = oneFold(ensembleOf({ ...member, theta: spoil(member.theta) }));
  const value = oneFold({ ...own, theta: spoil(own.theta) });
  const fit = await meetingOf("hopper", "fitModel"), fitValue = await meetingOf("hopper", "fitValue");
  const memory = { batches: [batch] };
  const cases = [
    [gradient, { batch }, "NonFiniteGradient", "advantage"],
    [gradient, { value }, "NonFiniteGradient", "advantage"],
    [gradient, { model }, "NonFiniteGradient", "g1"],
    [fit, { memory }, "ModelFitDiverged", "loss"],
    [fit, { model }, "ModelFitDiverged", "loss"],
    [fitValue, { memory }, "ValueFitDiverged", "loss"],
    [fitValue, { value }, "ValueFitDiverged", "loss"],
  ] as const;
  const tensors = tensorCount();
  for (const [{ stage, slots, key }, broken, tag, quantity] of cases) {
    const error = await failureOf(stage, { ...slots, ...broken }, key);
    assertEquals(
      [error._tag, "quantity" in error ? error.quantity : ""],
      [tag, quantity],
      `${stage.name} ${Object.keys(broken)}`,
    );
    assert(error.message.startsWith("Cannot ") && error.message.includes(quantity), error.message);
  }
  assertEquals(tensorCount(), tensors);
});
