import { assertEquals, assertStringIncludes } from "@std/assert";
import * as Effect from "effect/Effect";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { builtIn } from "../../src/config/built_in.ts";
import { hashPipeline, printPipeline } from "../../src/config/print.ts";
import { buildProgram, resolvePipeline } from "../../src/config/resolve.ts";
import { fakeCatalog } from "../program/fakes.ts";
import { bad, base, good, resolveFiles } from "./files.ts";
import { temporaryFolder } from "../temporary.ts";

Deno.test("defaults are written out, stages may be given without options", () => {
  const pipeline = good({ "a.yaml": base });
  assertEquals([pipeline.name, pipeline.seed, pipeline.iterations, pipeline.threshold], ["a", 0, 100, 2]);
  assertEquals(pipeline.networks.policy, { hidden: [64, 64], logStd: 0 });
  assertEquals(pipeline.checkpoint, { every: 10, keep: 3 });
  assertEquals(pipeline.program.map(({ stage }) => stage), ["collect", "store", "trpoUpdate"]);
  assertEquals(pipeline.program[0].options, { steps: 6, environments: 2, milliseconds: 0 });
  assertEquals(buildProgram(pipeline, fakeCatalog).map(({ name }) => name), [
    "collect",
    "store",
    "trpoUpdate",
  ]);
});

Deno.test("a printed pipeline resolves to itself, and its hash ignores how long it runs", () => {
  const pipeline = good({ "a.yaml": base });
  const again = good({ "pipeline.yaml": printPipeline(pipeline) });
  assertEquals(again, pipeline);
  const hash = (...overrides: ReadonlyArray<string>) => hashPipeline(good({ "a.yaml": base }, overrides), fakeCatalog);
  assertEquals(hash("iterations=7", "checkpoint.every=1"), hash());
  assertEquals(hash("seed=1") === hash(), false);
  assertEquals(hash("trpoUpdate.maxKl=0.5") === hash(), false);
});

Deno.test("extends takes the base, own keys and set change it", () => {
  const child = `extends: b.yaml
seed: 3
networks: { value: { hidden: [8] } }
set: { collect: { steps: 9 }, iterations: 5, networks: { policy: { logStd: -1 } } }
`;
  const pipeline = good({ "a.yaml": child, "b.yaml": base + "networks: { policy: { hidden: [7] } }\n" });
  assertEquals([pipeline.seed, pipeline.iterations, pipeline.name], [3, 5, "a"]);
  assertEquals(pipeline.program[0].options.steps, 9);
  assertEquals(pipeline.networks.policy, { hidden: [7], logStd: -1 });
  assertEquals(pipeline.networks.value.hidden, [8]);
});

Deno.test("overrides are YAML scalars and lists, and win over the file", () => {
  const pipeline = good({ "a.yaml": base }, [
    "trpoUpdate.maxKl=0.02",
    "networks.policy.hidden=[3, 4]",
    "seed=9",
    "name=x",
  ]);
  assertEquals(pipeline.program[2].options.maxKl, 0.02);
  assertEquals(pipeline.networks.policy.hidden, [3, 4]);
  assertEquals([pipeline.seed, pipeline.name], [9, "x"]);
});

Deno.test("the empty list of hidden layers and an anchor are fine", () => {
  const pipeline = good({ "a.yaml": `networks: { policy: { hidden: &h [] }, value: { hidden: *h } }\n${base}` });
  assertEquals(pipeline.networks.value.hidden, []);
});

const cases: ReadonlyArray<readonly [string, string, ReadonlyArray<string>]> = [
  ["an unknown top-level key", `itertions: 5\n${base}`, [
    'a.yaml:1:1 itertions: unknown key "itertions", did you mean "iterations"?',
  ]],
  ["an unknown nested key", `${base}networks:\n  policy:\n    hiden: [4]\n`, [
    'a.yaml:8:5 networks.policy.hiden: unknown key "hiden", did you mean "hidden"?',
  ]],
  ["an unknown option", base.replace("steps", "stps"), [
    'a.yaml:3:16 program.0.collect.stps: unknown key "stps", did you mean "steps"?',
  ]],
  ["an unknown stage", base.replace("- store", "- stroe: { capacity: 3 }"), [
    'a.yaml:4:5 program.1.stroe: unknown stage "stroe", did you mean "store"?',
  ]],
  ["an unknown task", base.replace("pendulum", "pendulm"), [
    'a.yaml:1:7 task: unknown task "pendulm", did you mean "pendulum"?',
  ]],
  ["a task like none", base.replace("pendulum", "chess"), [
    'a.yaml:1:7 task: unknown task "chess", known are pendulum (one of your own: name its module in "use" of the ' +
    "pipeline, by --use where there is none, or give a catalog that has it)",
  ]],
  ["a wrong type", base.replace("6", "six"), [
    'a.yaml:3:23 program.0.collect.steps: must be number: current value is "six"',
  ]],
  ["numbers out of range", base.replace("6", "-1.5"), [
    "a.yaml:3:23 program.0.collect.steps: must be an integer: current value is -1.5",
    "a.yaml:3:23 program.0.collect.steps: must be a value greater than 0: current value is -1.5",
  ]],
  ["a word that is none of the choices", base.replace("trpoUpdate:", "trpoUpdate: { method: exct }"), [
    'a.yaml:5:27 program.2.trpoUpdate.method: must be "conjugateGradient" | "exact": current value is "exct" (did you mean "exact"?)',
  ]],
  ["a stage out of order", "task: pendulum\nprogram:\n  - store\n  - collect: {}\n  - trpoUpdate: {}\n", [
    'a.yaml:3:5 program.0.store: Cannot run "store" as it reads "batch": no earlier stage writes it',
  ]],
  ["an empty program", "task: pendulum\nprogram: []\n", [
    "a.yaml:2:1 program: Cannot run a program as it must hold at least one stage: it is empty",
  ]],
  ["missing keys", "seed: 1\n", [
    "a.yaml:1:1 task: must be given: it is missing",
    "a.yaml:1:1 program: must be given: it is missing",
  ]],
  ["two stages in one entry", "task: pendulum\nprogram:\n  - { collect: {}, store: {} }\n", [
    'a.yaml:3:5 program.0: must be one stage with its options, as in "collect: { steps: 5000 }"',
  ]],
  ["a file that is no map", "- collect\n", ["a.yaml:1:1: must be a map of keys such as task and program"]],
  ["a program that is no list", "task: pendulum\nprogram: collect\n", [
    'a.yaml:2:10 program: must be array: current value is "collect"',
  ]],
];

for (const [what, text, expected] of cases) {
  Deno.test(`${what} is reported where it stands`, () => {
    assertEquals(bad({ "a.yaml": text }), expected);
  });
}

Deno.test("options that do not go together are reported at the one to change", () => {
  const text = "task: hopper\nprogram:\n  - collect\n  - store\n  - fitModel\n  - fitValue\n" +
    "  - estimateGradient: { advantage: kStep, horizon: 0 }\n  - trpoUpdate\n";
  assertEquals(bad({ "a.yaml": text }, [], builtIn), [
    "a.yaml:7:52 program.4.estimateGradient.horizon: must be at least 1 with kStep advantages, which are 0 without a " +
    "step: current value is 0",
  ]);
});

Deno.test("a loss of several steps is refused for stochastic dynamics, in the file or by an override", () => {
  const text = "task: hopper\nprogram:\n  - collect\n  - store\n  - fitModel: { horizon: 3, averaging: 0.9 }\n" +
    "  - fitValue\n  - estimateGradient\n  - trpoUpdate\nnetworks: { model: { latent: 2 } }\n";
  const problem = "must be 1 where networks.model.latent is not 0, as stochastic dynamics are fitted on single steps: ";
  assertEquals(bad({ "a.yaml": text }, [], builtIn), [
    `a.yaml:5:26 program.2.fitModel.horizon: ${problem}current value is 3`,
  ]);
  const single = text.replace("3,", "1,");
  assertEquals(bad({ "a.yaml": single }, ["fitModel.horizon=2"], builtIn), [
    `--set fitModel.horizon=2 program.2.fitModel.horizon: ${problem}current value is 2`,
  ]);
  const { networks: { model } } = Effect.runSync(resolveFiles({ "a.yaml": single }, [], builtIn).effect);
  assertEquals(model.kind !== "simulator" && model.latent, 2);
});

Deno.test("all problems come at once, each with its place", () => {
  const text = `sed: 1
task: pendulum
program:
  - collect: { steps: 0 }
  - trpoUpdate: { maxKl: -1, nonsense: 1 }
  - stor
`;
  assertEquals(bad({ "a.yaml": text }), [
    'a.yaml:1:1 sed: unknown key "sed", did you mean "seed"?',
    "a.yaml:4:23 program.0.collect.steps: must be a value greater than 0: current value is 0",
    "a.yaml:5:26 program.1.trpoUpdate.maxKl: must be a value greater than 0: current value is -1",
    'a.yaml:5:30 program.1.trpoUpdate.nonsense: unknown key "nonsense", known are maxKl, nanAfter, failAfter, method',
    'a.yaml:6:5 program.2.stor: unknown stage "stor", did you mean "store"?',
  ]);
});

Deno.test("broken YAML is reported where it breaks", () => {
  const [problem] = bad({ "a.yaml": "task: pendulum\nprogram: [ {\n" });
  assertStringIncludes(problem, "a.yaml:3:1");
  const [twice] = bad({ "a.yaml": `seed: 1\nseed: 2\n${base}` });
  assertStringIncludes(twice, "a.yaml:2:1: must be given once: it is there already");
});

Deno.test("a missing file and a folder in its place are named", () => {
  const error = Effect.runSync(Effect.flip(resolvePipeline("nowhere.yaml", [], fakeCatalog)));
  assertEquals(error.problems, ["nowhere.yaml: must be a readable file: there is no such file"]);
  const folder = Effect.runSync(Effect.flip(resolvePipeline("src", [], fakeCatalog)));
  assertStringIncludes(folder.problems[0], "src: must be a readable file: it is a folder");
});

Deno.test("extends: missing base, cycle, two levels, wrong type, at the line that says so", () => {
  assertEquals(
    bad({ "a.yaml": "seed: 1\nextends: gone.yaml\n" })[0],
    "a.yaml:2:10 extends: must be a readable file: there is no such file (gone.yaml)",
  );
  const cycle = "must not lead back to a file that extends this one: current value is a.yaml, a cycle";
  assertEquals(bad({ "a.yaml": `extends: a.yaml\n${base}` }), [`a.yaml:1:10 extends: ${cycle}`]);
  assertEquals(bad({ "a.yaml": "extends: b.yaml\n", "b.yaml": `extends: a.yaml\n${base}` }), [
    `b.yaml:1:10 extends: ${cycle}`,
  ]);
  assertEquals(bad({ "a.yaml": "extends: b.yaml\n", "b.yaml": `extends: c.yaml\n${base}`, "c.yaml": base }), [
    "b.yaml:1:10 extends: must not be used in a file that is extended itself: a.yaml extends this one",
  ]);
  assertEquals(bad({ "a.yaml": `extends: 3\n${base}` }), [
    "a.yaml:1:10 extends: must be the path of a file: current value is 3",
  ]);
});

Deno.test("a problem in the base is reported there, one in set where set is written", () => {
  const files = {
    "a.yaml": "extends: b.yaml\nset:\n  collect:\n    steps: -2\n  colect: {}\n",
    "b.yaml": base + "sead: 1\n",
  };
  assertEquals(bad(files), [
    "a.yaml:4:12 program.0.collect.steps: must be a value greater than 0: current value is -2",
    'a.yaml:5:3 set.colect: unknown stage or key "colect", did you mean "collect"?',
    'b.yaml:6:1 sead: unknown key "sead", did you mean "seed"?',
  ]);
});

Deno.test("set on a stage that the program lacks is refused", () => {
  const text = "task: hopper\nprogram:\n  - collect\n  - store\n  - fitValue\n" +
    "  - estimateGradient: { estimator: likelihoodRatio }\n  - trpoUpdate\nset: { fitModel: { updates: 3 } }\n";
  assertEquals(bad({ "a.yaml": text }, [], builtIn), [
    'a.yaml:8:8 set.fitModel: must be a stage of this program: it holds no "fitModel"',
  ]);
});

Deno.test("bad overrides are reported as they were given", () => {
  assertEquals(
    bad({ "a.yaml": base }, ["trpoUpdate.maxKI=1", "collect.steps=x", "colect.steps=1", "seed", "store=3"]),
    [
      '--set colect.steps=1 colect: unknown stage or key "colect", did you mean "collect"?',
      "--set seed: must look like stage.option=value or key=value",
      "--set store=3 store: must be a map of options, or one option as in collect.steps",
      '--set collect.steps=x program.0.collect.steps: must be number: current value is "x"',
      '--set trpoUpdate.maxKI=1 program.2.trpoUpdate.maxKI: unknown key "maxKI", did you mean "maxKl"?',
    ],
  );
});

Deno.test("the file is not changed by resolving it", () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "a.yaml"), base);
  Effect.runSync(resolvePipeline(join(folder, "a.yaml"), ["seed=3"], fakeCatalog));
  assertEquals(readFileSync(join(folder, "a.yaml"), "utf8"), base);
});

Deno.test("a large file that extends a large one is worked in key by key", () => {
  const keys = (value: number) => Array.from({ length: 2000 }, (_, i) => `k${i}: ${value}\n`).join("");
  const problems = bad({ "a.yaml": `extends: b.yaml\n${keys(1)}`, "b.yaml": `${base}${keys(2)}` });
  assertEquals(problems.length, 2000); // unknown keys, each in the file that says it last
  assertStringIncludes(problems[0], "a.yaml:2:1 k0: unknown key");
});
