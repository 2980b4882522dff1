/** Options of the estimator that a pipeline names: whose they are, and what becomes of them when another one is named. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import * as Effect from "effect/Effect";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { resolveAblation } from "../../src/config/ablation.ts";
import { builtIn } from "../../src/config/built_in.ts";
import { describeEstimator, describeStage } from "../../src/config/describe.ts";
import { type JsonSchema, pipelineJsonSchema } from "../../src/config/json_schema.ts";
import { estimators } from "../../src/estimators/registry.ts";
import { bad, resolveFiles } from "./files.ts";
import { temporaryFolder } from "../temporary.ts";

const program = (options: string) =>
  `task: hopper
program:
  - collect
  - store
  - fitModel
  - fitValue
  - estimateGradient: { ${options} }
  - trpoUpdate
`;
const resolved = (files: Readonly<Record<string, string>>, overrides: ReadonlyArray<string> = []) =>
  Effect.runSync(resolveFiles(files, overrides, builtIn).effect).program[4].options;
const refused = (files: Readonly<Record<string, string>>, overrides: ReadonlyArray<string> = []) =>
  bad(files, overrides, builtIn);

Deno.test("an option of another estimator is refused where it stands: who has it, and what does it here", () => {
  assertEquals(refused({ "a.yaml": program("estimator: likelihoodRatio, rollouts: 3") }), [
    'a.yaml:7:53 program.4.estimateGradient.rollouts: unknown option "rollouts" of estimator likelihoodRatio: ' +
    "modelGradient, mscv, svg1 have it, known are discount, advantage, lambda, advantageSteps, fitOn, baseline",
  ]);
  assertEquals(refused({ "a.yaml": program("estimator: likelihoodRatio, horizon: 3") }), [
    'a.yaml:7:53 program.4.estimateGradient.horizon: unknown option "horizon" of estimator likelihoodRatio: ' +
    'mbma, modelGradient, mscv have it, did you mean "advantageSteps"?',
  ]);
  assertEquals(refused({ "a.yaml": program("horizn: 3") }), [
    'a.yaml:7:25 program.4.estimateGradient.horizn: unknown option "horizn" of estimator mscv, did you mean "horizon"?',
  ]);
  assertEquals(refused({ "a.yaml": program("estimator: mcsv, horizn: 3") }), [
    'a.yaml:7:36 program.4.estimateGradient.estimator: unknown estimator "mcsv", did you mean "mscv"?',
  ]);
  const [wrong] = refused({ "a.yaml": program("estimator: 3") });
  assertStringIncludes(wrong, "a.yaml:7:36 program.4.estimateGradient.estimator: must be");
});

const base = program("estimator: mscv, horizon: 7, lambda: 0.5, rollouts: 4");

Deno.test("who names another estimator takes over the options that it has, and may say only its own", () => {
  const child = (options: string) => ({
    "a.yaml": `extends: b.yaml\nset: { estimateGradient: { ${options} } }\n`,
    "b.yaml": base,
  });
  const svg1 = resolved(child("estimator: svg1"));
  assertEquals([svg1.lambda, svg1.rollouts, "horizon" in svg1], [0.5, 4, false]);
  assertEquals(resolved(child("lambda: 0.6")).horizon, 7); // the same estimator: nothing is left out
  assertEquals(resolved(child("estimator: mscv")).horizon, 7);
  assertEquals(refused(child("estimator: svg1, horizon: 2")), [
    'a.yaml:2:45 program.4.estimateGradient.horizon: unknown option "horizon" of estimator svg1: mbma, ' +
    "modelGradient, mscv have it, known are discount, advantage, lambda, imaginedReturn, imaginedGradient, termination, rollouts, " +
    "imaginedBound, coefficient, fitOn, baseline, laterResiduals, laterHorizon, terms",
  ]);
  // what neither has is a slip in the base, and stays one
  const slip = { ...child("estimator: svg1"), "b.yaml": program("estimator: mscv, horizn: 7") };
  assertStringIncludes(refused(slip)[0], 'b.yaml:7:42 program.4.estimateGradient.horizn: unknown option "horizn"');
});

Deno.test("--set: the estimator is chosen first, in whatever order the changes come", () => {
  assertEquals("horizon" in resolved({ "a.yaml": base }, ["estimateGradient.estimator=svg1"]), false);
  for (const order of [[0, 1], [1, 0]]) {
    const changes = ["estimateGradient.horizon=3", "estimateGradient.estimator=svg1"];
    assertStringIncludes(
      refused({ "a.yaml": base }, order.map((i) => changes[i]))[0],
      '--set estimateGradient.horizon=3 program.4.estimateGradient.horizon: unknown option "horizon" of estimator svg1',
    );
  }
  const free = resolved({ "a.yaml": base }, [
    "estimateGradient.lambda=0.1",
    "estimateGradient.estimator=likelihoodRatio",
  ]);
  assertEquals([free.lambda, free.estimator], [0.1, "likelihoodRatio"]);
});

Deno.test("an ablation over estimators: shared changes go to those that have them by way of the base", () => {
  const folder = temporaryFolder(), file = join(folder, "study.yaml");
  writeFileSync(join(folder, "base.yaml"), base);
  const study = (set: string, variants: string) =>
    `base: base.yaml\nset: { estimateGradient: { ${set} } }\naxes: { variant: { ${variants} }, seed: [0] }\n`;
  writeFileSync(
    file,
    study(
      "horizon: 9, lambda: 0.25",
      "plain: {}, svg1: { set: { estimateGradient: { estimator: svg1, rollouts: 2 } } }",
    ),
  );
  const { cells } = Effect.runSync(resolveAblation(file, builtIn));
  const [plain, svg1] = cells.map(({ pipeline }) => pipeline.program[4].options);
  assertEquals([plain.horizon, plain.lambda, plain.rollouts], [9, 0.25, 4]);
  assertEquals([svg1.horizon, svg1.lambda, svg1.rollouts], [undefined, 0.25, 2]);
  writeFileSync(file, study("lambda: 0.25", "svg1: { set: { estimateGradient: { estimator: svg1, horizon: 2 } } }"));
  const { problems: [problem] } = Effect.runSync(Effect.flip(resolveAblation(file, builtIn)));
  assertStringIncludes(
    problem,
    'study.yaml:3:72 program.4.estimateGradient.horizon: unknown option "horizon" of estimator svg1',
  );
});

/** (JSON Schema, value) ⇒ whether it holds; the keywords that the options' schema uses. */
const holds = (schema: JsonSchema, value: unknown): boolean => {
  const record = value as Readonly<Record<string, unknown>>, { properties = {}, required = [] } = schema;
  const object = value !== null && typeof value === "object" && !Array.isArray(value);
  return (schema.const === undefined || schema.const === value) &&
    (schema.enum === undefined || schema.enum.includes(value)) &&
    (schema.type !== "object" || object) && (schema.type !== "integer" || Number.isInteger(value)) &&
    (schema.anyOf === undefined || schema.anyOf.some((each) => holds(each, value))) &&
    (schema.allOf === undefined || schema.allOf.every((each) => holds(each, value))) &&
    (schema.if === undefined || !holds(schema.if, value) || holds(schema.then!, value)) &&
    (!object || (required.every((name) => name in record) &&
      Object.entries(properties).every(([name, inner]) => !(name in record) || holds(inner, record[name])) &&
      (schema.additionalProperties !== false || Object.keys(record).every((name) => name in properties))));
};

Deno.test("the JSON Schema knows the options of the estimator that an entry names, and of any where changes name none", () => {
  const { properties } = pipelineJsonSchema(builtIn) as { properties: Record<string, JsonSchema> };
  const entry = properties.program.items!.anyOf!.find((each) => each.required?.includes("estimateGradient"))!;
  const inProgram = (options: object) => holds(entry, { estimateGradient: options });
  const inSet = (options: object) => holds(properties.set, { estimateGradient: options });
  const cases: ReadonlyArray<readonly [object, boolean, boolean]> = [
    [{}, true, true],
    [{ horizon: 3 }, true, true], // of mscv, the default
    [{ horizon: "dynamic", estimator: "modelGradient" }, true, true],
    [{ advantageSteps: 3 }, false, true], // whose it is, the changed file says
    [{ estimator: "likelihoodRatio", advantageSteps: 3 }, true, true],
    [{ estimator: "likelihoodRatio", horizon: 3 }, false, false],
    [{ estimator: "nonsense" }, false, false],
    [{ horizon: 2.5 }, false, false],
    [{ nonsense: 1 }, false, false],
  ];
  for (const [options, program, set] of cases) {
    assertEquals([inProgram(options), inSet(options)], [program, set], JSON.stringify(options));
  }
});

Deno.test("stages lists every estimator with its options, estimators tells what they mean and what is reported", () => {
  const text = describeStage(builtIn.stages.estimateGradient);
  for (const [name, { summary, options }] of Object.entries(estimators)) {
    const [, listed] = text.split(summary)[1].split("\n");
    for (const option of Object.keys(options)) assertStringIncludes(listed, option, name);
  }
  assert(!text.split("svg1")[1].split("\n")[1].includes("horizon ")); // nor has it any
  const one = describeEstimator(estimators.qprop);
  assertStringIncludes(one, "networks: policy, value, critic");
  assertStringIncludes(one, "    advantageSteps: integer > 0; default 2\n      real steps of kStep advantages");
  assertStringIncludes(one, "estimateGradient.correlation: ρ(A, Ã)");
});
