/**
 * The hash of a pipeline holds whatever decides a number of its training, and nothing else.
 *
 * @module
 */
import { assert, assertEquals, assertGreater, assertNotEquals } from "@std/assert";
import * as Effect from "effect/Effect";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { resolveAblation } from "../../src/config/ablation.ts";
import { builtIn } from "../../src/config/built_in.ts";
import { optionsSchema } from "../../src/config/json_schema.ts";
import type { Pipeline } from "../../src/config/pipeline.ts";
import { decidesNoNumbers, hashPipeline, printPipeline } from "../../src/config/print.ts";
import { resolvePipeline } from "../../src/config/resolve.ts";
import { topLevelKeys } from "../../src/config/sources.ts";
import { temporaryFolder } from "../temporary.ts";

const files = ["hopper_mscv.yaml", "hopper_qprop.yaml", "hopper_mscv_pretrained.yaml"];

const resolved = (file: string, overrides: ReadonlyArray<string> = []): Pipeline | null => {
  const result = Effect.runSync(Effect.result(resolvePipeline(file, overrides, builtIn)));
  return result._tag === "Success" ? result.success : null;
};

/** (record) ⇒ paths of its values that are no records. */
const leaves = (value: unknown, path: ReadonlyArray<string> = []): ReadonlyArray<ReadonlyArray<string>> =>
  value !== null && typeof value === "object" && !Array.isArray(value)
    ? Object.entries(value).flatMap(([name, inner]) => leaves(inner, [...path, name]))
    : [path];

/** Options of a pipeline as `--set` names them; modules are those of the files. */
const optionsOf = ({ program, use: _, sources: __, ...top }: Pipeline): ReadonlyArray<string> => [
  ...leaves(top).map((path) => path.join(".")),
  ...program.flatMap(({ stage, options }) => Object.keys(options).map((name) => `${stage}.${name}`))
    .filter((option) => option !== "fitModel.identify"), // of simulators alone: see simulator_test.ts
];

/** Every word of every option, and numbers of all kinds: one of them is another value for any option. */
const words = Object.values(builtIn.stages).flatMap((stage) =>
  JSON.stringify(optionsSchema(stage)).match(/(?<="enum":\[)[^\]]*/g)?.flatMap((list) => JSON.parse(`[${list}]`)) ?? []
);
const values = [
  7,
  8,
  0,
  1,
  1000,
  0.25,
  0.5,
  "[3]",
  "[0.5, 2]",
  "[g1]",
  "other",
  true,
  false,
  "tanh",
  "learned",
  "reacher",
  "sampled",
  ...new Set(words),
];

for (const name of files) {
  Deno.test(`${name}: another value of any option is another hash and another cell, unless it is listed as deciding nothing`, () => {
    const file = `pipelines/${name}`, evaluated = ["evaluation={}"], before = resolved(file, evaluated)!;
    const seen = new Set<string>();
    for (const option of optionsOf(before)) {
      const changed = values.map((value) => resolved(file, [...evaluated, `${option}=${value}`]))
        .find((each) => each !== null && printPipeline(each) !== printPipeline(before));
      assert(changed, `no other value of ${option} was found`);
      const [key] = option.split("."), free = (decidesNoNumbers as ReadonlyArray<string>).includes(key);
      assertEquals(hashPipeline(changed, builtIn) === hashPipeline(before, builtIn), free, option);
      seen.add(key);
    }
    for (const key of topLevelKeys) {
      assert(seen.has(key) || ["program", "use", "sources"].includes(key), `${key} has no value`);
    }
    assertGreater(seen.size, topLevelKeys.length - 2);
  });
}

Deno.test("a cell's hash is that of train, with every key that a pipeline has changed in its base", () => {
  const folder = temporaryFolder(), file = join(folder, "base.yaml");
  const overrides = ["taskOptions.processNoise=0.3", "networks.policy.hidden=[5]", "collect.steps=100", "seed=4"];
  const pipeline = resolved("pipelines/swimmer_mscv.yaml", overrides)!;
  writeFileSync(file, printPipeline(pipeline));
  writeFileSync(join(folder, "study.yaml"), "base: base.yaml\naxes: { variant: { a: {} }, seed: [4] }\n");
  const { cells: [cell] } = Effect.runSync(resolveAblation(join(folder, "study.yaml"), builtIn));
  assertEquals({ ...cell.pipeline, name: "" }, { ...pipeline, name: "" });
  assertEquals(hashPipeline(cell.pipeline, builtIn), hashPipeline(pipeline, builtIn));
  assertNotEquals(
    hashPipeline(pipeline, builtIn),
    hashPipeline({ ...pipeline, taskOptions: { processNoise: 0 } }, builtIn),
  );
});

Deno.test("options of the task at their defaults leave the hash as it was before there were any", () => {
  const { task, seed, networks, program, taskOptions } = resolved("pipelines/hopper_mscv.yaml")!;
  const bare = { use: [], sources: {}, task, seed, networks, program } as unknown as Pipeline;
  assertEquals(
    hashPipeline({ ...bare, taskOptions }, builtIn),
    hashPipeline({ ...bare, taskOptions: {} as never }, builtIn),
  );
});
