/** Programs, values and names that a run could not do with: refused in words, where they stand. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import * as Effect from "effect/Effect";
import { builtIn } from "../../src/config/built_in.ts";
import { bad, base, good, resolveFiles } from "./files.ts";

const flow = (...stages: ReadonlyArray<string>) =>
  `task: swimmer\nprogram:\n${stages.map((each) => `  - ${each}\n`).join("")}`;
const ratio = "estimateGradient: { estimator: likelihoodRatio }";

Deno.test("a program that would fail or learn nothing is refused where it stands: networks, memory, batches, update", () => {
  const problems = (...stages: ReadonlyArray<string>) => bad({ "a.yaml": flow(...stages) }, [], builtIn);
  assertEquals(problems("collect", "store", "fitValue", "estimateGradient", "trpoUpdate"), [
    'a.yaml:6:5 program.3.estimateGradient: Cannot run "estimateGradient" as it reads "model": no stage of the program fits it',
  ]);
  assertEquals(problems("collect", "store", "fitValue", "estimateGradient: { estimator: qprop }", "trpoUpdate"), [
    'a.yaml:6:5 program.3.estimateGradient: Cannot run "estimateGradient" as it reads "critic": no stage of the program fits it',
  ]);
  assertEquals(problems("collect", "fitValue", "store", ratio, "trpoUpdate"), [
    'a.yaml:4:5 program.1.fitValue: Cannot run "fitValue" as it reads "memory": no earlier stage writes it',
  ]);
  assertEquals(problems("collect", "fitValue", ratio, "trpoUpdate").length, 1);
  assertEquals(problems("collect", "collect", "store", "fitValue", ratio, "trpoUpdate"), [
    'a.yaml:3:5 program.0.collect: Cannot run "collect" as its "batch" must be read by a later stage: none does before ' +
    '"collect" overwrites it',
  ]);
  assertEquals(problems("collect").map((problem) => problem.slice(0, 60)), [
    "a.yaml:2:1 program: Cannot run a program as it must update t",
    'a.yaml:3:5 program.0.collect: Cannot run "collect" as its "b',
  ]);
  const sound = flow("collect", "store", "fitValue", ratio, "trpoUpdate");
  assertEquals(Effect.runSync(resolveFiles({ "a.yaml": sound }, [], builtIn).effect).program.length, 5);
});

Deno.test("a share of single steps cannot be held out", () => {
  const text = flow(
    "collect: { steps: 10, environments: 10 }",
    "store",
    "fitModel: { heldOut: 0.2 }",
    "fitValue",
    "estimateGradient",
    "trpoUpdate",
  );
  const of = (...overrides: ReadonlyArray<string>) => bad({ "a.yaml": text }, overrides, builtIn);
  const problem = "must leave a step and hold one out of the ";
  assertEquals(of(), [
    `a.yaml:5:26 program.2.fitModel.heldOut: ${problem}1 that an environment takes in a batch: current value is 0.2`,
  ]);
  assertEquals(of("collect.steps=40", "fitModel.heldOut=0.9"), [
    `--set fitModel.heldOut=0.9 program.2.fitModel.heldOut: ${problem}4 that an environment takes in a batch: current value is 0.9`,
  ]);
  for (const sound of ["collect.steps=50", "fitModel.heldOut=0.1"]) { // the default holds none out there
    assertEquals(Effect.runSync(resolveFiles({ "a.yaml": text }, [sound], builtIn).effect).program.length, 6);
  }
});

Deno.test("values are shown as they were written, in the file and on the command line", () => {
  const shown = (...overrides: ReadonlyArray<string>) =>
    bad({ "a.yaml": base }, overrides).map((text) => text.split(": ").at(-1));
  for (
    const [option, value] of [["trpoUpdate.maxKl", ".inf"], ["trpoUpdate.maxKl", "1e400"], ["seed", "9007199254740993"]]
  ) {
    assertEquals(shown(`${option}=${value}`), [`current value is ${value}`]);
  }
  assertEquals(
    bad({ "a.yaml": `${base}seed: 9007199254740993\n` })[0].split(": ").at(-1),
    "current value is 9007199254740993",
  );
});

Deno.test("an override that is no plain value is refused in words", () => {
  const of = (override: string) => bad({ "a.yaml": base }, [override])[0];
  assertEquals(
    of("collect.steps=*x"),
    '--set collect.steps=*x collect.steps: unknown anchor "x", there is none in this file',
  );
  assertEquals(
    of("collect.steps=&a [*a]"),
    '--set collect.steps=&a [*a] collect.steps: must not contain itself: "*a" is within its anchor',
  );
  for (
    const path of ["__proto__.steps=1", "constructor=1", "constructor.name=x", "collect.__proto__=1", "toString.a=1"]
  ) {
    const problem = of(path);
    assertStringIncludes(problem, "unknown");
    assertStringIncludes(problem, `--set ${path}`);
  }
});

Deno.test("a name that leaves the folder of runs, or is too long for one, is refused; a file's name is made one", () => {
  for (const name of ["../x", "a/../../b", ".hidden", "a b", '"a\\nb"', "x".repeat(101), '""']) {
    assertEquals(
      bad({ "a.yaml": `${base}name: ${name}\n` }).every((text) =>
        text.includes("it names folders") || text.includes("as it names folders")
      ),
      true,
      name,
    );
  }
  assertEquals(good({ "my pipeline (2).yaml": base }).name, "my-pipeline-2-");
});

Deno.test("what would colour a terminal or break a line is spelt out", () => {
  const [task, key] = bad(
    { "a.yaml": 'task: "swim\\x1b[31mmer"\nprogram: [collect]\n"k\\n\\x07ey": 1\n' },
    [],
    builtIn,
  );
  assertStringIncludes(task, 'unknown task "swim\\u001b[31mmer"');
  assertStringIncludes(key, 'unknown key "k\\u000a\\u0007ey"');
});
