/** `taskOptions`: decoded by the task, told with its place, part of the hash, and dropped with a task that is left. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import * as Effect from "effect/Effect";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { resolveAblation } from "../../src/config/ablation.ts";
import type { Catalog } from "../../src/config/catalog.ts";
import { type JsonSchema, pipelineJsonSchema } from "../../src/config/json_schema.ts";
import { hashPipeline, printPipeline } from "../../src/config/print.ts";
import { taskOf } from "../../src/config/task_in_pipeline.ts";
import type { Task } from "../../src/tasks/task.ts";
import { optionsOf, withTaskOptions } from "../../src/tasks/task_options.ts";
import { fakeCatalog } from "../program/fakes.ts";
import { lever } from "../tasks/lever.ts";
import { bad as badWith, resolveFiles } from "./files.ts";
import { temporaryFolder } from "../temporary.ts";

const plank = { ...lever, name: "plank" };
const catalog: Catalog = {
  ...fakeCatalog,
  tasks: { ...fakeCatalog.tasks, lever, plank: plank },
};
const program = "program: [collect: { steps: 6 }, store, trpoUpdate]\n";
const text = (options: string, task = "lever") => `task: ${task}\ntaskOptions: ${options}\n${program}`;
const resolve = (files: Record<string, string>, set: ReadonlyArray<string> = []) =>
  Effect.runSync(resolveFiles(files, set, catalog).effect);
const bad = (options: string, task?: string, set?: ReadonlyArray<string>) =>
  badWith({ "a.yaml": text(options, task) }, set, catalog);
const own = (options: object) => ({ processNoise: 0, gain: 0.5, reach: 10, senses: "place", ...options });

Deno.test("a resolved pipeline holds all options of its task, and its task has them", () => {
  const pipeline = resolve({ "a.yaml": text("{ gain: 2 }") }, ["taskOptions.processNoise=0.1", "taskOptions.reach=5"]);
  assertEquals(pipeline.taskOptions, own({ gain: 2, reach: 5, processNoise: 0.1 }));
  assertEquals(optionsOf(taskOf(pipeline, catalog)), pipeline.taskOptions);
  assertEquals(resolve({ "a.yaml": printPipeline(pipeline) }), { ...pipeline });
  assertEquals(resolve({ "a.yaml": `task: lever\n${program}` }).taskOptions, own({}));
});

Deno.test("what a task of the catalog was made with holds where a file says nothing of it", () => {
  const tasks = { lever: withTaskOptions(lever, { gain: 3, processNoise: 0.2 }) };
  const { effect } = resolveFiles({ "a.yaml": text("{ reach: 4 }") }, [], { ...fakeCatalog, tasks });
  assertEquals(Effect.runSync(effect).taskOptions, own({ gain: 3, reach: 4, processNoise: 0.2 }));
});

Deno.test("an option that the task does not have, or out of its range, is told with its place", () => {
  assertEquals(bad("{ gian: 1, processNoise: -1 }"), [
    'a.yaml:2:16 taskOptions.gian: unknown option "gian" of task lever, did you mean "gain"?',
    "a.yaml:2:39 taskOptions.processNoise: must be a value greater than or equal to 0: current value is -1",
  ]);
  assertEquals(bad("{ gain: 1 }", "pendulum"), [
    'a.yaml:2:16 taskOptions.gain: unknown option "gain" of task pendulum: lever, plank have it, known are processNoise',
  ]);
  assertEquals(bad("{ gain: 12 }").map((line) => line.replace(/.*: /, "")), ["current value is 12"]);
  assertEquals(bad("3").length, 1);
  assertEquals(bad("{ gian: 1 }", "lverr").length, 1, "of an unknown task, its name alone is told");
});

Deno.test("a stage is made on the task as it is configured", () => {
  const seen: number[] = [];
  const collect = Object.assign(
    (task: Task, options: object) => (seen.push(task.observationSize), fakeCatalog.stages.collect(task, options)),
    fakeCatalog.stages.collect,
  );
  const stages = { ...fakeCatalog.stages, collect };
  Effect.runSync(resolveFiles({ "a.yaml": text("{ senses: change }") }, [], { ...catalog, stages }).effect);
  assertEquals(seen, [2]);
});

Deno.test("options decide the hash, unless they are as the task has them", () => {
  const hash = (options: string) => hashPipeline(resolve({ "a.yaml": text(options) }), catalog);
  assertEquals(hash("{}"), hash("{ gain: 0.5, senses: place, processNoise: 0 }"));
  assertEquals(hash("{ gain: 2, reach: 5 }"), hash("{ reach: 5, gain: 2 }"));
  const all = ["{}", "{ gain: 2 }", "{ reach: 2 }", "{ senses: change }", "{ processNoise: 2 }"].map(hash);
  assertEquals(new Set(all).size, all.length);
  const bare = { ...resolve({ "a.yaml": text("{}") }), taskOptions: { processNoise: 0 } };
  assertEquals(hashPipeline(bare, catalog), hash("{}"), "as before the task owned options");
});

Deno.test("who names another task over a file takes over the options that both have", () => {
  const files = { "a.yaml": "extends: b.yaml\ntask: pendulum\n", "b.yaml": text("{ gain: 2, processNoise: 0.1 }") };
  assertEquals(resolve(files).taskOptions, { processNoise: 0.1 });
  assertEquals(resolve({ "a.yaml": files["b.yaml"] }, ["task=pendulum"]).taskOptions, { processNoise: 0.1 });
  assertEquals(resolve({ "a.yaml": files["b.yaml"] }, ["task=plank"]).taskOptions, own({ gain: 2, processNoise: 0.1 }));
  const set = { ...files, "a.yaml": "extends: b.yaml\nset: { taskOptions: { processNoise: 0.2 }, task: pendulum }\n" };
  assertEquals(resolve(set).taskOptions, { processNoise: 0.2 });
  assertEquals(bad("{ gain: 2 }", "lever", ["taskOptions.gain=3", "task=pendulum"]).length, 1);
});

Deno.test("an ablation over tasks leaves a base's options to the tasks that have them", () => {
  const folder = temporaryFolder(), file = join(folder, "study.yaml");
  writeFileSync(join(folder, "base.yaml"), text("{ gain: 2 }"));
  writeFileSync(file, "base: base.yaml\naxes: { task: [pendulum, plank], variant: { a: {} }, seed: [0] }\n");
  const { cells } = Effect.runSync(resolveAblation(file, catalog));
  assertEquals(cells.map(({ pipeline }) => pipeline.taskOptions), [{ processNoise: 0 }, own({ gain: 2 })]);
  const [first, second] = cells.map(({ pipeline }) => hashPipeline(pipeline, catalog));
  assertNotEquals(first, second);
});

Deno.test("the JSON Schema knows the options of a task by its name", () => {
  const { allOf = [], properties = {} } = pipelineJsonSchema(catalog) as JsonSchema;
  const of = (name: string) => allOf.find((each) => each.if?.properties?.task.enum?.includes(name))?.then?.properties;
  assertEquals(Object.keys(of("lever")?.taskOptions.properties ?? {}), ["processNoise", "gain", "reach", "senses"]);
  assertEquals(of("lever")?.taskOptions.properties?.gain.default, 0.5);
  assertEquals(of("pendulum")?.taskOptions.additionalProperties, false);
  assert(properties.taskOptions.anyOf?.length === Object.keys(catalog.tasks).length);
});
