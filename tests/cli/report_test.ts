import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fake, real, workplace } from "./child.ts";
import { temporaryFolder } from "../temporary.ts";

const readReport = (out: string) => JSON.parse(readFileSync(join(out, "report.json"), "utf8"));

Deno.test("report: run folders are grouped by variant and seed, other options are another variant", async () => {
  const { folder, pipeline } = workplace("threshold: 0.5\n");
  const runs = join(folder, "runs");
  const train = (run: string, ...more: ReadonlyArray<string>) =>
    fake("train", pipeline, "--runs", runs, "--run", run, ...more);
  await train("plain-seed0", "--seed", "0");
  await train("plain-seed1", "--seed", "1");
  await train("other-seed0", "--seed", "0", "--set", "collect.milliseconds=1");
  const { code, out, err } = await fake("report", runs);
  assertEquals([code, err], [0, ""]);
  assertStringIncludes(out, "3 of 3 runs done");
  const written = join(runs, "report");
  const { tasks: [{ task, threshold, cells }] } = readReport(written);
  assertEquals([task, threshold], ["pendulum", 0.5]);
  const found = cells.map(({ variant, runs }: { variant: string; runs: ReadonlyArray<{ seed: number }> }) => [
    variant,
    runs.map(({ seed }) => seed),
  ]);
  assertEquals(found, [["other", [0]], ["plain", [0, 1]]]);
  const names = readdirSync(written);
  for (const name of ["index.html", "learning_curves.svg", "learning_curves.png"]) assert(names.includes(name), name);
  assert(names.every((name) => !name.startsWith(".tmp")));

  writeFileSync(join(written, "mine.png"), "a picture of the user's own");
  writeFileSync(join(written, "old_figure.svg"), "of an earlier report");
  writeFileSync(join(written, "report.json"), JSON.stringify({ figures: ["old_figure", "../plain-seed0/pipeline"] }));
  await train("plain-seed2", "--seed", "2", "--set", "collect.milliseconds=2"); // same name, other options
  await train("plain-seed1-longer", "--seed", "1", "--iterations", "8"); // the options and the seed of plain-seed1
  mkdirSync(join(runs, "gone"));
  writeFileSync(join(runs, "gone", "pipeline.yaml"), "name: gone\ntask: pendulum\nprogram: [{ oldStage: {} }]\n");
  const second = await fake("report", runs);
  assertEquals(second.code, 0, second.err);
  assertStringIncludes(
    second.err,
    `${join(runs, "plain-seed1")} is left out, as ${join(runs, "plain-seed1-longer")} has the same`,
  );
  assertStringIncludes(second.err, `${join(runs, "gone")} is left out: `);
  assertStringIncludes(second.err, "oldStage");
  const variants = readReport(written).tasks[0].cells.map(({ variant }: { variant: string }) => variant);
  assertEquals(variants.sort(), ["other", "plain milliseconds 0", "plain milliseconds 2"]);
  assertEquals(readdirSync(written).filter((name) => /^(old_figure|mine)/.test(name)), ["mine.png"]);
  assert(existsSync(join(runs, "plain-seed0", "pipeline.yaml")));
});

/** A sweep in a new folder, whose first cell alone has been trained. */
const smallSweep = async (...more: ReadonlyArray<string>): Promise<string> => {
  const { folder, pipeline } = workplace();
  await fake("train", pipeline, "--runs", join(folder, "cells"), "--run", "a", ...more);
  const cell = (id: string, seed: number) => ({
    ...{ id, seed, task: "pendulum", variant: "plain", pipelineHash: "", iterations: 6, threshold: 1, attempt: 1 },
    folder: `cells/${id}`,
  });
  const manifest = {
    ...{ version: 1, sweep: "x", name: "small", file: "small.yaml", compare: [] },
    cells: [cell("a", 0), cell("b", 1), cell("c", 2)],
  };
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
  return folder;
};

Deno.test("report: a sweep is shown with its failed and its waiting cells", async () => {
  const folder = await smallSweep();
  mkdirSync(join(folder, "outcomes"));
  const outcome = (id: string, more: object) =>
    writeFileSync(
      join(folder, "outcomes", `${id}.json`),
      JSON.stringify({ id, attempt: 1, iterations: 6, steps: 0, host: "", error: null, state: "done", ...more }),
    );
  outcome("a", {});
  outcome("b", { state: "failed", error: { tag: "TrainingFailed", message: "the gradient is NaN", log: [] } });
  const { code, out, err } = await fake("report", folder);
  assertEquals([code, err], [0, ""]);
  assertStringIncludes(out, "small: 1 of 3 runs done, 1 failed, 1 waiting");
  assertStringIncludes(out, "the gradient is NaN");
  assert(existsSync(join(folder, "report", "index.html")));
});

Deno.test("report: of several sweeps, or of a sweep beside runs, the runs are single ones", async () => {
  const one = await smallSweep(), other = await smallSweep("--set", "collect.milliseconds=1"), out = join(one, "both");
  const { code, out: said, err } = await fake("report", one, other, "--out", out);
  assertEquals(code, 0, err);
  assertStringIncludes(said, "2 of 2 runs done");
  assertStringIncludes(err, `2 of 3 cells of ${other} are left out: no run of them is here`);
  const variants = readReport(out).tasks[0].cells.map(({ variant }: { variant: string }) => variant);
  assertEquals(variants.sort(), ["a milliseconds 0", "a milliseconds 1"]);
  assertStringIncludes((await fake("report", one, join(other, "cells", "a"), "--out", out)).out, "2 of 2 runs done");
});

Deno.test("report: what is no run, no sweep and no ablation is wrong usage, in one line", async () => {
  const { folder, pipeline } = workplace();
  for (const path of [join(folder, "nothing"), folder, pipeline]) {
    const { code, err } = await fake("report", path);
    assertEquals([code, err.trim().split("\n").length], [2, 1], err);
    assertStringIncludes(err, `Cannot report on ${path}`);
  }
});

Deno.test("report: predictions of a run's model, by step, and a run without a model is wrong usage", async () => {
  const folder = temporaryFolder(), small = ["--set", "collect.steps=300", "--iterations", "2", "--runs", folder];
  await real("train", "pipelines/swimmer_mscv.yaml", ...small, "--set", "fitModel.updates=2", "--run", "a");
  const run = join(folder, "a"), out = join(folder, "out");
  const ended = await real("report", "--prediction", run, "--out", out);
  assertEquals([ended.code, ended.err], [0, ""]);
  const { prediction: [{ task, iteration, state, reward }] } = readReport(out);
  assertEquals([task, iteration, state.length, reward.length], ["swimmer", 2, 15, 15]);
  for (const { starts, cosine, realNorm } of state) {
    assert(starts > 900 && Math.abs(cosine.mean) <= 1 && realNorm.mean > 0);
  }
  assert(existsSync(join(out, "prediction.png")));
  await real("train", "pipelines/swimmer_trpo.yaml", ...small, "--run", "b");
  const bare = await real("report", "--prediction", join(folder, "b"));
  assertEquals(bare.code, 2);
  assertStringIncludes(bare.err, "its model must have been fitted");
  await real("train", "pipelines/hopper_simulator.yaml", ...small, "--set", "networks.model.physics={}", "--run", "c");
  assertEquals((await real("report", "--prediction", join(folder, "c"), "--out", out)).code, 0);
  for (const { cosine } of readReport(out).prediction[0].state) assertAlmostEquals(cosine.mean, 1, 1e-6); // the true physics
  assertEquals((await real("report")).code, 2);
});
