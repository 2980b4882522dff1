import { assertEquals } from "@std/assert";
import * as Effect from "effect/Effect";
import { writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { isAblation, resolveAblation } from "../../src/config/ablation.ts";
import { builtIn } from "../../src/config/built_in.ts";
import { hashPipeline } from "../../src/config/print.ts";
import { resolvePipeline } from "../../src/config/resolve.ts";
import { temporaryFolder } from "../temporary.ts";

type Files = Readonly<Record<string, string>>;

const pipeline = (task: string) =>
  `task: ${task}
program:
  - collect: { steps: 100 }
  - store
  - estimateGradient: { horizon: 2 }
  - fitModel
  - fitValue
  - trpoUpdate
`;
const bases: Files = { "hopper.yaml": pipeline("hopper"), "swimmer.yaml": pipeline("swimmer") };

const write = (text: string, files: Files): string => {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries({ ...files, "study.yaml": text })) {
    writeFileSync(join(folder, name), content);
  }
  return join(folder, "study.yaml");
};

const good = (text: string, files = bases) => Effect.runSync(resolveAblation(write(text, files), builtIn));

/** Problems without the name of the folder. */
const bad = (text: string, files = bases): ReadonlyArray<string> => {
  const file = write(text, files);
  const folder = relative(".", join(file, ".."));
  const { problems } = Effect.runSync(Effect.flip(resolveAblation(file, builtIn)));
  return problems.map((problem) => problem.replaceAll(`${folder}/`, ""));
};

const both = "base: { hopper: hopper.yaml, swimmer: swimmer.yaml }\n";
const horizon = (cells: ReturnType<typeof good>["cells"]) =>
  cells.map(({ pipeline: { program } }) => program[2].options.horizon);

Deno.test("an ablation is tasks × variants × seeds, seed by seed", () => {
  const { name, cells } = good(`${both}axes:
  variant: { a: {}, b: { set: { estimateGradient: { horizon: 5 } } } }
  seed: { from: 3, count: 2 }
`);
  assertEquals(name, "study");
  assertEquals(cells.map(({ variant, task, seed }) => `${seed} ${variant} ${task}`), [
    "3 a hopper",
    "3 a swimmer",
    "3 b hopper",
    "3 b swimmer",
    "4 a hopper",
    "4 a swimmer",
    "4 b hopper",
    "4 b swimmer",
  ]);
  assertEquals(horizon(cells.slice(0, 4)), [2, 2, 5, 5]);
  assertEquals(cells[6].pipeline.seed, 4);
  assertEquals(cells[6].pipeline.name, "study-b");
});

Deno.test("seeds are five unless given, one base may serve many tasks, and a task axis picks from a mapping", () => {
  const one = good("base: hopper.yaml\naxes: { variant: { a: {} } }\n").cells;
  assertEquals(one.map(({ task, seed }) => `${task} ${seed}`), [0, 1, 2, 3, 4].map((seed) => `hopper ${seed}`));
  const tasks = (text: string) => good(text).cells.map(({ pipeline: { task } }) => task);
  assertEquals(tasks("base: hopper.yaml\naxes: { task: [swimmer, hopper], variant: { a: {} }, seed: [0] }\n"), [
    "swimmer",
    "hopper",
  ]);
  assertEquals(tasks(`${both}axes: { task: [swimmer], variant: { a: {} }, seed: [0] }\n`), ["swimmer"]);
});

Deno.test("a cell is what train would make of the base with the same changes", () => {
  const { cells } = good(`base: hopper.yaml
axes:
  variant: { a: { set: { estimateGradient: { horizon: 3 }, networks: { value: { hidden: [8] } } } }, b: {} }
  seed: [7]
iterations: 9
networks: { policy: { hidden: [16] } }
set: { collect: { steps: 200 } }
`);
  const changes = [
    "seed=7",
    "iterations=9",
    "networks.policy.hidden=[16]",
    "networks.value.hidden=[8]",
    "collect.steps=200",
    "estimateGradient.horizon=3",
  ];
  const file = write("", bases).replace("study", "hopper");
  const expected = Effect.runSync(resolvePipeline(file, changes, builtIn));
  assertEquals({ ...cells[0].pipeline, name: "hopper" }, expected);
  assertEquals(hashPipeline(cells[0].pipeline, builtIn), hashPipeline(expected, builtIn));
  assertEquals(cells[1].pipeline.networks.value.hidden, [64, 64]); // what one variant sets stays with it
});

Deno.test("a variant may have a base of its own", () => {
  const { cells } = good(
    `base: { hopper: hopper.yaml }
axes: { variant: { a: {}, b: { base: { hopper: other.yaml } }, c: { base: other.yaml } }, seed: [0] }
compare: [{ of: b, with: a }]
`,
    { ...bases, "other.yaml": "extends: hopper.yaml\nset: { estimateGradient: { horizon: 4 } }\n" },
  );
  assertEquals(horizon(cells), [2, 4, 4]);
});

Deno.test("any number of axes are crossed; an axis may list the values of one option", () => {
  const { cells, compare } = good(
    `base: hopper.yaml
axes:
  k: { estimateGradient.horizon: [0, 5] }
  method: { mscv: {}, other: { base: other.yaml, set: { collect: { steps: 300 } } } }
  width: { networks.policy.hidden: [[8], [16, 16]] }
  seed: [0]
compare: [{ of: mscv, with: other }, { of: k5-mscv-width8, with: k0-mscv-width8 }]
`,
    { ...bases, "other.yaml": "extends: hopper.yaml\nset: { estimateGradient: { horizon: 4 } }\n" },
  );
  const said = cells.map(({ variant, axes, pipeline: { program, networks } }) => [
    ...[variant, axes.k, axes.method, axes.width],
    ...[program[2].options.horizon, program[0].options.steps, networks.policy.hidden],
  ]);
  assertEquals(said.length, 8);
  assertEquals(said[0], ["k0-mscv-width8", "k0", "mscv", "width8", 0, 100, [8]]);
  assertEquals(said[7], ["k5-other-width16-16", "k5", "other", "width16-16", 5, 300, [16, 16]]); // the last axis fastest
  assertEquals(compare, [ // all else equal
    { of: "k0-mscv-width8", with: "k0-other-width8" },
    { of: "k0-mscv-width16-16", with: "k0-other-width16-16" },
    { of: "k5-mscv-width8", with: "k5-other-width8" },
    { of: "k5-mscv-width16-16", with: "k5-other-width16-16" },
    { of: "k5-mscv-width8", with: "k0-mscv-width8" },
  ]);
  const seedsAlone = good("base: hopper.yaml\naxes: { seed: [4, 2] }\n").cells;
  assertEquals(seedsAlone.map(({ variant, seed }) => [variant, seed]), [["base", 4], ["base", 2]]);
});

Deno.test("an axis that is none, or whose values cannot be told apart, is refused where it stands", () => {
  const problems = (axes: string) => bad(`base: hopper.yaml\naxes:\n${axes}`);
  assertEquals(problems("  seeds: [0, 1]\n"), [
    "study.yaml:3:3 axes.seeds: must be a map of variants, or values of an option as in { collect.steps: [1000, 5000] }, " +
    'or did you mean "seed"?',
  ]);
  assertEquals(problems("  k: { estimateGradient.horizon: [2, 2] }\n"), [
    "study.yaml:3:38 axes.k.estimateGradient.horizon.1: must be another value: k2 is there already",
  ]);
  assertEquals(problems("  k: { estimateGradient.horizon: [] }\n"), [
    "study.yaml:3:34 axes.k.estimateGradient.horizon: must list values: there is none",
  ]);
  assertEquals(problems("  k: { estimateGradient.horizon: [2, -1] }\n").map((each) => each.slice(0, 60)), [
    "study.yaml:3:38 program.2.estimateGradient.horizon: must be ",
  ]);
  assertEquals(problems("  k: { estimateGradient.horizn: [2] }\n"), [
    'study.yaml:3:34 program.2.estimateGradient.horizn: unknown option "horizn" of estimator mscv, did you mean "horizon"?',
  ]);
  const name = (letter: string) => `  ${letter}: { ${letter.repeat(60)}: {} }\n`;
  assertEquals(problems(name("x") + name("y")).map((each) => each.replace(/: together.*/, "")), [
    `study.yaml:4:8 axes.y.${"y".repeat(60)}: must have at most 100 characters, as it names folders: it has 121`,
  ]);
});

Deno.test("bases and what they extend may be absolute paths", () => {
  const folder = dirname(write("", bases));
  const extending = { "more.yaml": `extends: ${join(folder, "hopper.yaml")}\nseed: 3\n` };
  const axes = "axes: { variant: { a: {} }, seed: [0] }\n";
  for (const base of [join(folder, "hopper.yaml"), "more.yaml"]) {
    assertEquals(good(`base: ${base}\n${axes}`, extending).cells[0].task, "hopper");
  }
});

Deno.test("every problem is told with its place: of the ablation, of each cell's pipeline, of a base", () => {
  assertEquals(
    bad(`${both}axes:
  task: [hopper, hoper, hopper]
  variant:
    a: { set: { estimateGradient: { horizn: 3 } } }
    b/c: { set: { fitCritic: { updates: 1 } } }
  seed: [1, 1]
iterations: 0
compare: { of: a, with: d }
`),
    [
      `study.yaml:1:7 base: must name a pipeline for hoper: it has none`,
      'study.yaml:3:25 axes.task.2: must be given once: "hopper" is there already',
      'study.yaml:5:37 program.2.estimateGradient.horizn: unknown option "horizn" of estimator mscv, did you mean "horizon"?',
      'study.yaml:6:5 axes.variant.b/c: must be made of letters, digits, ".", "_" and "-", the first a letter ' +
      "or a digit: it names folders",
      'study.yaml:6:19 axes.variant.b/c.set.fitCritic: must be a stage of this program: it holds no "fitCritic"',
      "study.yaml:7:13 axes.seed.1: must be given once: 1 is there already",
      "study.yaml:8:13 iterations: must be a value greater than 0: current value is 0",
      'study.yaml:9:25 compare.with: unknown variant "d", did you mean "a"?',
    ],
  );
});

Deno.test("what cannot be read as an ablation is told by its place", () => {
  assertEquals(bad("axes: { variants: {}, seed: { from: 0, count: 0 } }\nbases: a.yaml\n").length >= 3, true);
  assertEquals(bad("axes: { variant: {} }\nbase: hopper.yaml\n"), [
    "study.yaml:1:18 axes.variant: must name a variant: there is none",
  ]);
  assertEquals(bad("axes: { variant: { a: {} } }\n"), [
    "study.yaml:1:20 axes.variant.a: must have a base: there is none",
  ]);
  assertEquals(bad("base: nowhere.yaml\naxes: { variant: { a: {} } }\n"), [
    "study.yaml:1:7 base: must be a readable file: there is no such file (nowhere.yaml)",
  ]);
  assertEquals(bad("base: { hopper: swimmer.yaml }\naxes: { variant: { a: {} } }\n"), [
    "study.yaml:1:17 base.hopper: must be a pipeline for hopper: it is one for swimmer",
  ]);
  const broken = { ...bases, "hopper.yaml": "task: hopper\nprogram: [trpoUpdate]\n" };
  assertEquals(bad("base: hopper.yaml\naxes: { variant: { a: {}, b: {} } }\n", broken).length > 0, true);
});

Deno.test("an ablation that no machine could train is refused before its cells are made", () => {
  const cells = (axes: string) => bad(`base: hopper.yaml\naxes:\n${axes}`);
  assertEquals(cells("  variant: { a: {} }\n  seed: { from: 0, count: 1000000000 }\n"), [
    "study.yaml:4:27 axes.seed.count: must be a value between 1 and 10000: current value is 1000000000",
  ]);
  assertEquals(cells("  variant: { a: {}, b: {} }\n  seed: { from: 0, count: 6000 }\n"), [
    "study.yaml:3:3 axes: must make at most 10000 cells: it makes 12000",
  ]);
  assertEquals(cells("  variant: { a: {} }\n  seed: { from: 9007199254740990, count: 4 }\n").length, 1); // not exact
  assertEquals(good("base: hopper.yaml\naxes: { variant: { a: {} }, seed: { from: 0, count: 9 } }\n").cells.length, 9);
});

Deno.test("a name that every object inherits is a name like any other: unknown", () => {
  for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty"]) {
    const of = (text: string) =>
      bad(text).every((problem) => /^study.yaml:\d+:\d+ /.test(problem)) && bad(text).length > 0;
    assertEquals(of(`${both}axes: { task: [${name}], variant: { a: {} } }\n`), true, name);
    assertEquals(of(`${both}axes: { variant: { a: {} } }\ncompare: { of: a, with: ${name} }\n`), true, name);
    assertEquals(of(`${both}axes: { variant: { a: { set: { ${name}: { steps: 1 } } } } }\n`), true, name);
  }
});

Deno.test("a name too long for a folder is refused where it stands, and what is not a name", () => {
  const long = "a".repeat(101);
  assertEquals(bad(`base: hopper.yaml\naxes: { variant: { ${long}: {} } }\n`), [
    `study.yaml:2:20 axes.variant.${long}: must have at most 100 characters, as it names folders: it has 101`,
  ]);
  for (const name of [long, "../x", "a/b", ".hidden", "a b", '"a\\nb"']) {
    assertEquals(bad(`name: ${name}\nbase: hopper.yaml\naxes: { variant: { a: {} } }\n`).length, 1, name);
  }
});

Deno.test("an ablation is told from a pipeline by its axes", () => {
  assertEquals(isAblation(write("base: hopper.yaml\naxes: {}\n", {})), true);
  assertEquals(isAblation(write("extends: hopper.yaml\nset: {}\n", {})), false);
  assertEquals(isAblation("nowhere.yaml"), false);
});

Deno.test("options of a base that a variant's estimator does not have are left out, and told once for all seeds and tasks", () => {
  const { cells, leftOut } = good(`${both}axes:
  variant:
    mscv: {}
    trpo: { set: { estimateGradient: { estimator: likelihoodRatio } } }
    same: { set: { estimateGradient: { horizon: 3 } } }
  seed: [0, 1]
`);
  assertEquals(cells.length, 12);
  assertEquals("horizon" in cells.find(({ variant }) => variant === "trpo")!.pipeline.program[2].options, false);
  assertEquals(leftOut.map((line) => line.slice(line.indexOf("study.yaml"))), [
    "study.yaml:5:51 axes.variant.trpo.set.estimateGradient.estimator: leaves out horizon, which likelihoodRatio does not have",
  ]);
});
