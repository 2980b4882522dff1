/**
 * Where nothing fitted a model, or nothing sees the task's ends, no learned model is spoken of.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import * as Effect from "effect/Effect";
import { estimators } from "../../src/estimators/registry.ts";
import { drawMeasurement } from "../../src/laboratory/figures.ts";
import { measure, type MeasureRequest } from "../../src/laboratory/measure.ts";
import { printMeasurement } from "../../src/laboratory/measurement_table.ts";
import { makeKey } from "../../src/math/random.ts";
import { unknownSurvival } from "../../src/tasks/survival.ts";
import { unbiasedOptions } from "../estimators/world.ts";
import { frozenAt } from "./frozen.ts";
import { specOf } from "./specs.ts";

const options = { ...unbiasedOptions, discount: 0.8, horizon: 2 };
const frozen = await frozenAt("reacher"), { task } = frozen;
const blind = { ...frozen, task: { ...task, imagined: { ...task.imagined, survival: unknownSurvival } } };

const request: MeasureRequest = {
  frozen,
  refit: null,
  estimators,
  modules: [],
  bounds: [2],
  unfitted: [],
  own: specOf("likelihoodRatio", options),
  specs: [],
  damping: 0.1,
  budget: {
    steps: 40,
    environments: 2,
    batches: 4,
    reference: 400,
    branches: { states: 6, actions: 2, continuations: 2 },
    floor: { firstActions: 2, laterNoise: 2 },
    fisherStates: 50,
    projections: 4,
    replicates: 20,
  },
  key: makeKey(12),
  workers: 0,
  observe: () => {},
};

const measured = (changes: Partial<MeasureRequest>) => Effect.runPromise(measure({ ...request, ...changes }));

Deno.test("a learned model stands beside the perfect one only where it was fitted and the task's ends are seen", async () => {
  const [whole, unfitted, unseen] = [
    await measured({}),
    await measured({ unfitted: ["model", "critic"] }),
    await measured({ frozen: blind }),
  ];
  assertEquals(whole.sources[0].natural.learned.map(({ horizon }) => horizon), [2]);
  assert(printMeasurement(whole, "").includes("the run's model removes"));
  for (const one of [unfitted, unseen]) {
    const sources = whole.sources.map((row) => ({
      ...row,
      natural: { ...row.natural, learned: [] },
      euclidean: { ...row.euclidean, learned: [] },
    }));
    assertEquals(one.sources, sources); // the rest is the same
    const text = printMeasurement(one, "");
    assert(text.includes("of that with a perfect model.") && !text.includes("learned"), text);
    const horizon = (await drawMeasurement(one, "")).find(({ name }) => name === "horizon")!;
    assert(horizon.svg.includes("perfect model") && !horizon.svg.includes("learned model"));
  }
});

Deno.test("a row that imagines a task whose ends are not seen is refused before anything is sampled", async () => {
  const parts: string[] = [], observe = (part: string) => void parts.push(part);
  const refused = measure({ ...request, frozen: blind, specs: [specOf("mscv", options)], observe });
  const error = await Effect.runPromise(Effect.flip(refused));
  assertEquals([error.part, parts], ["the panel", []]);
  assert(error.message.includes('Cannot run "mscv" as task "reacher" must say by "imagined.survival"'), error.message);
});
