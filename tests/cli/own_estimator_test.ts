/** An estimator of one's own in a pipeline file: trained, measured in a worker, and clashes told. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { real } from "./child.ts";
import { temporaryFolder } from "../temporary.ts";

const module = fileURLToPath(new URL("../estimators/leave_one_out.ts", import.meta.url));

const program = (use: string) =>
  `use: [${use}]
task: reacher
iterations: 1
program:
  - collect: { steps: 40, environments: 2 }
  - estimateGradient: { estimator: leaveOneOut, discount: 0.8 }
  - trpoUpdate
`;

Deno.test("use: an estimator of one's own trains, is listed in the run's pipeline and is measured beside its comparator", async () => {
  const folder = temporaryFolder(), pipeline = join(folder, "own.yaml"), run = join(folder, "a");
  writeFileSync(pipeline, program(module));
  const trained = await real("train", pipeline, "--runs", folder, "--run", "a");
  assertEquals([trained.code, trained.err], [0, ""]);
  assertStringIncludes(readFileSync(join(run, "pipeline.yaml"), "utf8"), "leaveOneOut");
  const json = join(folder, "lab.json");
  const budget = [
    "--steps",
    "20",
    "--batches",
    "4",
    "--reference",
    "100",
    "--states",
    "4",
    "--workers",
    "1",
    "--quick",
  ];
  const measured = await real("lab", run, "--json", json, ...budget);
  assertEquals([measured.code, measured.err], [0, ""]);
  assertStringIncludes(
    measured.out,
    'without mbma, modelGradient, mscv, qprop, svg1, trajectoryControlVariate, learned model: no stage fits "value" or "model" or "critic"',
  );
  assertMatch(measured.out, /could remove \S+ of that with a perfect model/);
  assertEquals(/run's model|model: ρ|NaN/.exec(measured.out), null); // nothing fitted one
  assertStringIncludes(measured.out, "4 batches are few");
  const [{ own, estimators, leftOut }] = JSON.parse(readFileSync(json, "utf8"));
  assertEquals([own, leftOut], ["leaveOneOut MC, others", [
    "mbma",
    "modelGradient",
    "mscv",
    "qprop",
    "svg1",
    "trajectoryControlVariate",
  ]]);
  assertEquals(estimators.slice(0, 2).map(({ label, match }: Record<string, string>) => [label, match]), [
    ["likelihoodRatio MC", "likelihoodRatio MC"],
    ["leaveOneOut MC, others", "likelihoodRatio MC"],
  ]);
  const unknown = await real("lab", run, "--estimators", "leaveOneOt", ...budget);
  assertEquals(unknown.code, 2);
  assertStringIncludes(unknown.err, 'it must name an estimator: did you mean "leaveOneOut"?');
});

Deno.test("use: an estimator called as a built-in one is refused where its module is named", async () => {
  const folder = temporaryFolder(), own = join(folder, "mine.ts"), pipeline = join(folder, "own.yaml");
  const parts = new URL("../../src/estimators/", import.meta.url).href;
  writeFileSync(
    own,
    `import { defineEstimator } from "${parts}estimator.ts";\nimport { mscv } from "${parts}mscv.ts";\n` +
      'export const mine = defineEstimator({ name: "mscv", summary: "", reads: [], options: {}, estimate: mscv.estimate });\n',
  );
  writeFileSync(pipeline, program(own));
  const { code, err } = await real("check", pipeline);
  assertEquals(code, 2);
  assertStringIncludes(err, "own.yaml:1:7");
  assertStringIncludes(err, '"mscv"');
});
