/**
 * Modules of one's own in pipelines: found, refused with the place, hashed.
 *
 * @module
 */
import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import * as Effect from "effect/Effect";
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { builtIn } from "../../src/config/built_in.ts";
import { resolveAblation } from "../../src/config/ablation.ts";
import { specifiersOf } from "../../src/config/module_graph.ts";
import { changedSources, sourceFiles } from "../../src/config/modules.ts";
import { hashPipeline, printPipeline } from "../../src/config/print.ts";
import { buildProgram, resolvePipeline } from "../../src/config/resolve.ts";
import { taskOf } from "../../src/config/task_in_pipeline.ts";
import { referenceOf, taskAt } from "../../src/tasks/reference.ts";
import { fakeCatalog } from "../program/fakes.ts";
import { temporaryFolder } from "../temporary.ts";

const stageModule = new URL("../../src/stages/stage.ts", import.meta.url).href;

/** (name, more) ⇒ text of a module with a stage that does nothing. */
const stageCalled = (name: string, more = "") =>
  `import { defineStage } from "${stageModule}";
import * as Schema from "effect/Schema";
import * as Effect from "effect/Effect";
${more}
export const ${name} = defineStage({
  name: "${name}", summary: "nothing", metrics: {},
  options: Schema.Struct({ amount: Schema.withDecodingDefaultKey(Effect.succeed(3))(Schema.Finite) }),
  make: () => ({ name: "${name}", reads: [], writes: [], run: () => Effect.succeed({ metrics: {} }) }),
});
`;

/** (files by name) ⇒ their folder. */
const folderWith = (files: Readonly<Record<string, string>>): string => {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
};

const pipeline = (use: string, stage: string) =>
  `use: ${use}\ntask: pendulum\nprogram: [collect, store, ${stage}, trpoUpdate]\n`;

const resolve = (file: string) => Effect.runPromise(resolvePipeline(file, [], fakeCatalog));
const refusal = async (file: string) =>
  (await Effect.runPromise(Effect.flip(resolvePipeline(file, [], fakeCatalog)))).problems.map((each) =>
    each.slice(each.lastIndexOf("/") < 0 ? 0 : each.search(/[^/ ]*\.yaml:/))
  );

Deno.test("a module's stage is a stage like the built-in ones, with its options and their defaults", async () => {
  const folder = folderWith({
    "parts/wait.ts": stageCalled("wait"),
    "own.yaml": pipeline("[./parts/wait.ts]", "wait: { amount: 5 }"),
    "by_default.yaml": pipeline("[./parts/wait.ts]", "wait"),
    "extending.yaml": "extends: own.yaml\nset: { wait: { amount: 7 } }\n",
  });
  const own = await resolve(join(folder, "own.yaml"));
  assertEquals(own.program[2], { stage: "wait", options: { amount: 5 } });
  assertEquals(own.use, [join(folder, "parts/wait.ts")]);
  assertEquals(buildProgram(own, fakeCatalog).map(({ name }) => name), ["collect", "store", "wait", "trpoUpdate"]);
  assertEquals((await resolve(join(folder, "by_default.yaml"))).program[2].options, { amount: 3 });
  assertEquals((await resolve(join(folder, "extending.yaml"))).program[2].options, { amount: 7 });
  // as a run's folder has it: the same pipeline, wherever it is read
  writeFileSync(join(temporaryFolder(), "pipeline.yaml"), printPipeline(own));
  const again = join(folderWith({ "pipeline.yaml": printPipeline(own) }), "pipeline.yaml");
  assertEquals(await resolve(again), own);
});

Deno.test("mistakes are told with line and column, and names to mean", async () => {
  const folder = folderWith({
    "wait.ts": stageCalled("wait"),
    "typo.yaml": pipeline("[./wait.ts]", "wiat"),
    "option.yaml": pipeline("[./wait.ts]", "wait: { amuont: 5 }"),
  });
  assertMatch(
    (await refusal(join(folder, "typo.yaml")))[0],
    /^typo.yaml:3:27 .*unknown stage "wiat", did you mean "wait"\?/,
  );
  assertMatch((await refusal(join(folder, "option.yaml")))[0], /^option.yaml:3:35 .*amuont.*did you mean "amount"/);
});

Deno.test("a module that is missing, exports nothing, throws or cannot be parsed is refused at its place", async () => {
  const folder = folderWith({
    "nothing.ts": "export const x = 1;\n",
    "throws.ts": "\nconst f = (): never => { throw new TypeError('no such thing'); };\nf();\n",
    "syntax.ts": "export const = 3;\n",
    "twice.ts": stageCalled("collect"),
    "wait.ts": stageCalled("wait"),
    "wait2.ts": stageCalled("wait"),
  });
  const use = (modules: string) => {
    const file = join(folder, "own.yaml");
    writeFileSync(file, pipeline(modules, "store"));
    return refusal(file);
  };
  assertMatch(
    (await use("[./gone.ts]"))[0],
    /^own.yaml:1:7 use.0: must be a module with definitions: there is no file \/.*\/gone\.ts$/,
  );
  assertMatch(
    (await use("[./nothing.ts]"))[0],
    /^own.yaml:1:7 use.0: .*it exports nothing that .* made \(it exports x\)$/,
  );
  assertMatch((await use("[./throws.ts]"))[0], /use.0: .*TypeError: no such thing \(at .*throws.ts:2:32\)$/);
  assertMatch((await use("[./syntax.ts]"))[0], /use.0: .*SyntaxError: .*syntax.ts:1/);
  assertMatch(
    (await use("[https://example.org/x.ts]"))[0],
    /use.0: must be a local file that begins with ".\/" or "..\/", or an npm: package/,
  );
  assertMatch((await use("[npm:left-pad]"))[0], /use.0: must name the version of the package/);
  assertMatch((await use("[3]"))[0], /use.0: must be the path of a module/);
  assertMatch(
    (await use("./wait.ts"))[0],
    /own.yaml:1:6 use: must be a list of modules: current value is "?.\/wait.ts/,
  );
  assertMatch(
    (await use("[./twice.ts]"))[0],
    /use.0: must define names that are new: of stages, "collect" is among the built-in ones/,
  );
  const twice = await use("[./wait.ts, ./../" + basename(folder) + "/wait.ts]"); // one file under two names
  assertEquals(twice, ['own.yaml:1:18 use.1: must name a module once: use.0 names "./wait.ts" already']);
  assertMatch((await use("[./wait.ts, ./wait2.ts]"))[0], /own.yaml:1:18 use.1: .*"wait" is among .*wait.ts already/);
});

Deno.test("the hash is that of the modules' files, wherever they lie; a change anywhere in the graph is another pipeline", async () => {
  const files = {
    "parts/wait.ts": stageCalled("wait", 'import { two } from "../shared/two.ts"; export { two };'),
    "shared/two.ts":
      'import table from "./table.json" with { type: "json" }; export const two: number = table.length;\n',
    "shared/table.json": "[1, 2]\n",
    "unrelated.ts": "export {};\n",
    "own.yaml": pipeline("[./parts/wait.ts]", "wait"),
  };
  const here = await resolve(join(folderWith(files), "own.yaml"));
  const there = await resolve(
    join(folderWith({ ...files, "unrelated.ts": "export const changed = 1;\n" }), "own.yaml"),
  );
  const other = await resolve(join(folderWith({ ...files, "shared/table.json": "[1, 2, 3]\n" }), "own.yaml"));
  // sha256sum of "[1, 2]\n"
  assertEquals(Object.keys(here.sources), ["parts/wait.ts", "shared/table.json", "shared/two.ts"]);
  assertEquals(here.sources["shared/table.json"], "1fb3ffcf3df89e31f56932d4a64a23eede8a2f6707898bf14d1fc42a78286868");
  assertEquals(hashPipeline(here, builtIn), hashPipeline(there, builtIn));
  assertNotEquals(hashPipeline(here, builtIn), hashPipeline(other, builtIn));
  assertEquals(changedSources(here.sources, there.use), []);
  assertEquals(changedSources(here.sources, other.use), ["shared/table.json"]);
  assertEquals(sourceFiles(here.use).map(({ name }) => name), Object.keys(here.sources));
});

Deno.test("an ablation's modules are there for all of its cells, a variant's own for its cells alone", async () => {
  const folder = folderWith({
    "wait.ts": stageCalled("wait"),
    "rest.ts": stageCalled("rest"),
    "a.yaml": pipeline("[./wait.ts]", "wait"),
    "b.yaml": pipeline("[./rest.ts]", "rest"),
    "study.yaml":
      "axes: { variant: { a: { base: a.yaml }, b: { base: b.yaml, set: { rest: { amount: 2 } } } }, seed: [0] }\n",
    "shared.yaml":
      "use: [./rest.ts]\nbase: a.yaml\naxes: { variant: { a: {}, b: { set: { wait: { amount: 2 } } } }, seed: [0] }\n",
  });
  const { cells } = await Effect.runPromise(resolveAblation(join(folder, "study.yaml"), fakeCatalog));
  assertEquals(cells.map(({ pipeline: { use } }) => use), [[join(folder, "wait.ts")], [join(folder, "rest.ts")]]);
  const shared = await Effect.runPromise(resolveAblation(join(folder, "shared.yaml"), fakeCatalog));
  const both = [join(folder, "wait.ts"), join(folder, "rest.ts")];
  assertEquals(shared.cells.map(({ pipeline: { use } }) => use), [both, both]);
});

const taskCalled = (name: string) =>
  `import { defineTask } from "${new URL("../../src/tasks/define_task.ts", import.meta.url).href}";
export const own = defineTask({
  name: "${name}", stateSize: 1, timeLimit: 5, observationSize: 1, controlRange: [[0, 3]],
  reset: (_stream, state) => state.fill(0), step: (state, [u]) => state[0] += u,
  observe: (state, out) => out.set(state), reward: () => 1,
});
`;

Deno.test("a module's task is a task like the built-in ones, and knows where workers find it", async () => {
  const yaml = (use: string, task: string) =>
    `use: [${use}]\ntask: ${task}\ntaskOptions: { processNoise: 0.5 }\nprogram: [collect, store, fitValue, estimateGradient: {estimator: likelihoodRatio}, trpoUpdate]\n`;
  const folder = folderWith({
    "cart.ts": taskCalled("cart"),
    "hopper.ts": taskCalled("hopper"),
    "own.yaml": yaml("./cart.ts", "cart"),
    "typo.yaml": yaml("./cart.ts", "catr"),
    "clash.yaml": yaml("./hopper.ts", "hopper"),
  });
  const own = await Effect.runPromise(resolvePipeline(join(folder, "own.yaml"), [], builtIn));
  assertEquals([own.task, own.threshold, "threshold" in own], ["cart", undefined, false]);
  const task = taskOf(own, builtIn), reference = referenceOf(task);
  const [address] = reference.modules;
  assertEquals(reference, { name: "cart", options: { processNoise: 0.5 }, modules: [address] });
  assertEquals(fileURLToPath(address), join(folder, "cart.ts"));
  assertEquals((await taskAt(reference)).controlRange, [[0, 3]]);
  assertMatch(
    (await refusal(join(folder, "typo.yaml")))[0],
    /^typo.yaml:2:7 task: unknown task "catr", did you mean "cart"/,
  );
  const clash = await Effect.runPromise(Effect.flip(resolvePipeline(join(folder, "clash.yaml"), [], builtIn)));
  assertMatch(clash.problems[0], /clash.yaml:1:7 use.0: .* of tasks, "hopper" is among the built-in ones already/);
});

Deno.test("imports are found in TypeScript as it is written", () => {
  const text = `import type { A } from "./types.ts"; import { b } from "./b.ts"; export * from "./c.ts";
// import "./comment.ts"
const text = 'import "./text.ts"'; enum Z { One = 1 }
const later = async () => [await import("./d.ts"), await import(\`./\${text}.ts\`)];
const worker = new URL("./worker.ts", import.meta.url);
export const f = <T,>(a: T) => [a as T, b, later, worker, Z.One];`;
  assertEquals([...specifiersOf(text)].sort(), ["./b.ts", "./c.ts", "./d.ts", "./worker.ts"]);
});
