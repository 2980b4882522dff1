/**
 * Every command that opens a run works on the task, the networks and the program as the pipeline configures them.
 *
 * @module
 */
import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ended, logOf, real, start } from "./child.ts";
import { temporaryFolder } from "../temporary.ts";

const pipeline = (noise: number) =>
  `task: reacher
taskOptions: { processNoise: ${noise} }
iterations: 2
seed: 3
checkpoint: { every: 1, keep: 3 }
networks: { policy: { hidden: [8], logStd: -0.5 }, value: { hidden: [8] }, model: { hidden: [16], activation: tanh } }
program:
  - collect: { steps: 200, environments: 2 }
  - store
  - fitModel: { updates: 5 }
  - fitValue: { epochs: 1 }
  - estimateGradient: { horizon: 2, discount: 0.9, lambda: 0.8 }
  - trpoUpdate
`;

interface Place {
  readonly folder: string;
  readonly file: string;
  readonly run: string;
}

/** A run of two iterations on a task whose controls are disturbed. */
const trained = async (noise: number): Promise<Place> => {
  const folder = temporaryFolder(), file = join(folder, "noisy.yaml");
  writeFileSync(file, pipeline(noise));
  const { code, err } = await real("train", file, "--runs", folder, "--run", "a");
  assertEquals([code, err], [0, ""]);
  return { folder, file, run: join(folder, "a") };
};

const noisy = trained(0.4);

Deno.test("a cell of an ablation has the bits of train, task options included; they decide the numbers", async () => {
  const { folder, run } = await noisy, quiet = await trained(0);
  assertNotEquals(logOf(run), logOf(quiet.run));
  writeFileSync(join(folder, "study.yaml"), "base: noisy.yaml\naxes: { variant: { a: {} }, seed: [3] }\n");
  const { code, err } = await real(
    "ablate",
    join(folder, "study.yaml"),
    "--out",
    join(folder, "sweep"),
    "--slots",
    "1",
  );
  assertEquals([code, err], [0, ""]);
  const [cell] = readdirSync(join(folder, "sweep", "cells"));
  assertEquals(logOf(join(folder, "sweep", "cells", cell)), logOf(run));
});

Deno.test("resume refuses other task options", async () => {
  const { run } = await noisy, file = join(run, "pipeline.yaml"), text = readFileSync(file, "utf8");
  writeFileSync(file, text.replace("processNoise: 0.4", "processNoise: 0.1"));
  const { code, err } = await real("train", "--resume", run, "--iterations", "3");
  writeFileSync(file, text);
  assertEquals(code, 2);
  assertStringIncludes(err, "pipeline.yaml is not the one that its checkpoints were made with");
});

const budget = ["--steps", "40", "--batches", "4", "--reference", "400", "--states", "6", "--seed", "1"];

interface Measured {
  readonly estimators: ReadonlyArray<{ readonly label: string }>;
}

const measured = async (run: string, ...more: ReadonlyArray<string>): Promise<string> => {
  const json = join(temporaryFolder(), "panel.json");
  const { code, err } = await ended(start("src/cli/main.ts", ["lab", run, ...budget, "--json", json, ...more]));
  assertEquals([code, err], [0, ""]);
  const [{ estimators }] = JSON.parse(readFileSync(json, "utf8")) as ReadonlyArray<Measured>;
  const isTime = (key: string) => /seconds|relativeCost/i.test(key);
  return JSON.stringify(estimators, (key, value) => isTime(key) ? undefined : value);
};

Deno.test("the laboratory measures on the configured task, here and in its workers", async () => {
  const { run } = await noisy, panel = ["--estimators", "likelihoodRatio"];
  const here = await measured(run, ...panel);
  assert(here.length > 100);
  assertEquals(await measured(run, ...panel, "--workers", "2"), here);
  assertNotEquals(await measured(run, ...panel, "--set", "taskOptions.processNoise=0"), here);
});

Deno.test("report measures predictions on the configured task, eval acts on it", async () => {
  const { run, folder } = await noisy, file = join(run, "pipeline.yaml"), text = readFileSync(file, "utf8");
  const both = async () => {
    const report = await real("report", "--prediction", run, "--out", join(folder, "report"));
    const evaluation = await real("eval", run, "--episodes", "3", "--seed", "5");
    assertEquals([report.code, report.err, evaluation.code, evaluation.err], [0, "", 0, ""]);
    return [report.out, evaluation.out];
  };
  const configured = await both();
  writeFileSync(file, text.replace("processNoise: 0.4", "processNoise: 0"));
  const plain = await both();
  writeFileSync(file, text);
  assertNotEquals(configured[0], plain[0]);
  assertNotEquals(configured[1], plain[1]);
});
