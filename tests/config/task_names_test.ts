/** Gymnasium's ids are names of tasks: wherever one is said, and never in what is made of it. */
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import * as Effect from "effect/Effect";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { resolveAblation } from "../../src/config/ablation.ts";
import type { Catalog } from "../../src/config/catalog.ts";
import { clashes, loadModules } from "../../src/config/modules.ts";
import { hashPipeline } from "../../src/config/print.ts";
import { getTask, tasks } from "../../src/tasks/registry.ts";
import { fakeCatalog } from "../program/fakes.ts";
import { lever } from "../tasks/lever.ts";
import { bad, resolveFiles } from "./files.ts";
import { temporaryFolder } from "../temporary.ts";

const known = { ...lever, gymnasium: { id: "Lever-v1", threshold: 3 } };
const catalog: Catalog = { ...fakeCatalog, tasks: { ...fakeCatalog.tasks, lever: known } };
const text = (task: string) =>
  `task: ${task}\ntaskOptions: { processNoise: 0.1 }\nprogram: [collect: { steps: 6 }, store, trpoUpdate]\n`;
const resolve = (task: string, set: ReadonlyArray<string> = []) =>
  Effect.runSync(resolveFiles({ "a.yaml": text(task) }, set, catalog).effect);

Deno.test("a pipeline may say Gymnasium's id: it is resolved to the task's own name, and hashed by that", () => {
  const [own, theirs, set] = [resolve("lever"), resolve("Lever-v1"), resolve("pendulum", ["task=Lever-v1"])];
  assertEquals([theirs, set], [own, own]);
  assertEquals([own.task, hashPipeline(theirs, catalog)], ["lever", hashPipeline(own, catalog)]);
});

Deno.test("an id of another version is told with the one that there is", () => {
  assertEquals(bad({ "a.yaml": text("Lever-v0") }, [], catalog), [
    'a.yaml:1:7 task: unknown task "Lever-v0", did you mean "Lever-v1"?',
  ]);
});

Deno.test("an ablation takes ids as tasks, and both names of one task once", () => {
  const cellsOf = (tasks: string) => {
    const folder = temporaryFolder(), file = join(folder, "study.yaml");
    writeFileSync(join(folder, "base.yaml"), text("pendulum"));
    writeFileSync(file, `base: base.yaml\naxes: { task: [${tasks}], variant: { a: {} }, seed: [0] }\n`);
    return resolveAblation(file, catalog);
  };
  assertEquals(Effect.runSync(cellsOf("pendulum, Lever-v1")).cells.map(({ task }) => task), ["pendulum", "lever"]);
  const { problems } = Effect.runSync(Effect.flip(cellsOf("lever, Lever-v1")));
  assertEquals(problems.map((each) => each.replace(/^\S+ /, "")), [
    'axes.task.1: must be given once: "Lever-v1" is there already',
  ]);
});

Deno.test("every task that follows an environment of Gymnasium is found by its id, no other is", () => {
  for (const task of Object.values(tasks)) assertStrictEquals(getTask(task.gymnasium!.id), task);
  assertThrows(() => getTask("Hopper-v4"), RangeError, 'current value is "Hopper-v4"');
});

Deno.test("a task of one's own cannot take Gymnasium's id of a task that is there", async () => {
  const module = join(temporaryFolder(), "mine.ts"),
    address = (file: string) => new URL(file, import.meta.url).href;
  writeFileSync(
    module,
    `import { defineTask } from "${address("../../src/tasks/define_task.ts")}";
import { pendulum } from "${address("../tasks/pendulum.ts")}";
const { simulator, reset, observe, reward } = pendulum;
export const mine = defineTask({
  ...{ name: "Lever-v1", simulator, timeLimit: 9, observationSize: 3, controlRange: [[-2, 2]], reset, observe, reward },
});
`,
  );
  const position = { source: "a.yaml", line: 1, column: 1 };
  await Effect.runPromise(loadModules([{ module, position, path: ["use", 0] }]));
  assertEquals(clashes(catalog, [module]).map(({ kind, name, other }) => [kind, name, other]), [[
    "tasks",
    "Lever-v1",
    null,
  ]]);
  assertEquals(clashes(fakeCatalog, [module]), []);
});
