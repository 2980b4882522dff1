import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import * as Effect from "effect/Effect";
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expectedToGoOn } from "../../src/run/expected.ts";
import { resolvePipeline } from "../../src/config/resolve.ts";
import { listCheckpoints } from "../../src/run/checkpoint.ts";
import { readLatestCheckpoint } from "../../src/run/read_checkpoint.ts";
import { fakeCatalog } from "../program/fakes.ts";
import { ended, fake, logOf, start, untilLogged, workplace } from "./child.ts";

const latest = (run: string) =>
  resolvePipeline(join(run, "pipeline.yaml"), [], fakeCatalog).pipe(
    Effect.flatMap((pipeline) => expectedToGoOn(pipeline, fakeCatalog)),
    Effect.flatMap((expected) => readLatestCheckpoint(join(run, "checkpoints"), expected)),
    Effect.runSync,
  ).checkpoint;
const entry = "tests/cli/fake_main.ts";

Deno.test("train: run folder, plain lines, summary with the threshold and the next commands", async () => {
  const { folder, pipeline } = workplace("threshold: 0.5\n");
  const { code, out, err } = await fake("train", pipeline, "--runs", folder, "--run", "a", "--seed", "3");
  const run = join(folder, "a");
  assertEquals([code, err], [0, ""]);
  assertMatch(out, /^pendulum: pendulum, seed 3, 6 iterations, in /);
  assertMatch(
    out,
    /\n6\/6 · 48 steps · return \S+ [▁▂▃▄▅▆▇█]{6} · KL \S+ · 0 s left · 0\.0 s \(collect 0\.0 store 0\.0 trpoUpdate 0\.0\)\n/,
  );
  assertMatch(out, /Threshold 0\.5 met at iteration \d, after \d+ steps/);
  assertStringIncludes(out, `Run folder: ${run}\nNext: deno task eval ${run} --episodes 20`);
  assertEquals(logOf(run).length, 6);
  assertEquals(listCheckpoints(join(run, "checkpoints")), [4, 6]);
  const environment = JSON.parse(readFileSync(join(run, "environment.json"), "utf8"));
  assertEquals([environment.deno, environment.effect, environment.backend.kernels], [
    Deno.version.deno,
    "4.1.0",
    "none",
  ]);
  assertStringIncludes(readFileSync(join(run, "pipeline.yaml"), "utf8"), "seed: 3");
});

Deno.test("train: the name of a run holds pipeline and seed, and a second run of the same name is wrong usage", async () => {
  const { folder, pipeline } = workplace();
  const { code, out } = await fake("train", pipeline, "--runs", folder, "--set", "seed=8");
  assertEquals(code, 0);
  const [, name] = out.match(/Run folder: .*\/(pendulum-seed8-\d{4}-\d\d-\d\d-\d{6})\n/) ?? [];
  const again = await fake("train", pipeline, "--runs", folder, "--run", name);
  assertEquals(again.code, 2);
  const advice = `go on with it by deno task train --resume ${join(folder, name)}, or choose`;
  assertStringIncludes(again.err, `it exists already (${advice}`);
});

Deno.test("train: resuming for longer equals the uninterrupted run", async () => {
  const { folder, pipeline } = workplace();
  const [whole, parted] = [join(folder, "whole"), join(folder, "parted")];
  await fake("train", pipeline, "--runs", folder, "--run", "whole", "--iterations", "9");
  await fake("train", pipeline, "--runs", folder, "--run", "parted");
  const { code, out } = await fake("train", "--resume", parted, "--iterations", "9");
  assertEquals(code, 0);
  assertStringIncludes(out, "after iteration 6");
  assertEquals(logOf(parted), logOf(whole));
  assertEquals(latest(parted), latest(whole));
});

Deno.test("train: resuming to fewer iterations than are done is wrong usage and writes nothing", async () => {
  const { folder, pipeline } = workplace();
  const run = join(folder, "a"), written = () => readFileSync(join(run, "pipeline.yaml"), "utf8");
  await fake("train", pipeline, "--runs", folder, "--run", "a");
  const before = [written(), logOf(run)];
  const { code, err } = await fake("train", "--resume", run, "--iterations", "3");
  assertEquals(code, 2);
  assertStringIncludes(err, "its iterations must be at least the 6 that are done: current value is 3");
  assertEquals([written(), logOf(run)], before);
});

Deno.test("train: resuming with other kernels warns once, and every resume is recorded", async () => {
  const { folder, pipeline } = workplace();
  const run = join(folder, "a"), file = join(run, "environment.json");
  await fake("train", pipeline, "--runs", folder, "--run", "a");
  const { backend, ...rest } = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify({ ...rest, backend: { ...backend, kernels: "auto", blas: "libblas.so" } }));
  const other = await fake("train", "--resume", run, "--iterations", "7");
  assertEquals([other.code, other.err.split("\n").length], [0, 2]);
  assertMatch(
    other.err,
    /^warning: results may differ in rounding .*kernels auto, BLAS libblas.so.*kernels none, BLAS/,
  );
  const same = await fake("train", "--resume", run, "--iterations", "8");
  assertEquals([same.code, same.err], [0, ""]);
  const { resumed, backend: first } = JSON.parse(readFileSync(file, "utf8"));
  assertEquals(resumed.map((each: { readonly iteration: number }) => each.iteration), [6, 7]);
  assertEquals([first.blas, resumed[0].backend.kernels, resumed[1].deno], ["libblas.so", "none", Deno.version.deno]);
});

Deno.test("train: kill -9 at any moment, again and again, then resume equals the uninterrupted run", async () => {
  const { folder, pipeline } = workplace();
  const slow = ["--set", "collect.milliseconds=4", "--set", "checkpoint.every=3", "--iterations", "60"];
  const [whole, killed] = [join(folder, "whole"), join(folder, "killed")];
  await fake("train", pipeline, "--runs", folder, "--run", "whole", ...slow);
  let child = start(entry, ["train", pipeline, "--runs", folder, "--run", "killed", ...slow]);
  for (const [logged, wait] of [[1, 3], [10, 11], [25, 7], [40, 0]]) {
    await untilLogged(killed, logged);
    await new Promise((done) => setTimeout(done, wait));
    child.kill("SIGKILL");
    await ended(child);
    child = start(entry, ["train", "--resume", killed]);
  }
  const { code, err } = await ended(child);
  assertEquals([code, err], [0, ""]);
  assertEquals(logOf(killed), logOf(whole));
  assertEquals(latest(killed), latest(whole));
});

Deno.test("train: kill -9 while the run folder is made leaves a run to resume, or a name that is free", async () => {
  const { folder, pipeline } = workplace();
  const runs = join(folder, "runs"), run = join(runs, "a");
  for (const wait of [0, 1, 3, 6, 10]) {
    const child = start(entry, ["train", pipeline, "--runs", runs, "--run", "a"]);
    while (!existsSync(runs) || readdirSync(runs).length === 0) await new Promise((done) => setTimeout(done, 0));
    await new Promise((done) => setTimeout(done, wait));
    child.kill("SIGKILL");
    await ended(child);
    const how = existsSync(run) ? ["--resume", run] : [pipeline, "--runs", runs, "--run", "a"];
    const { code, err } = await fake("train", ...how);
    assertEquals([code, err], [0, ""]);
    assertEquals(readdirSync(runs), ["a"]);
    assertEquals(logOf(run).length, 6);
    rmSync(runs, { recursive: true });
  }
});

Deno.test("train: a run that trains is refused to a second process, one that was killed is not", async () => {
  const { folder, pipeline } = workplace();
  const run = join(folder, "a"), slow = ["--iterations", "100000", "--set", "collect.milliseconds=5"];
  const first = start(entry, ["train", pipeline, "--runs", folder, "--run", "a", ...slow]);
  await untilLogged(run, 2);
  const second = await fake("train", "--resume", run);
  assertEquals(second.code, 2);
  assertStringIncludes(second.err, `error: Cannot train in ${run} as it must be free of other processes: `);
  assertStringIncludes(second.err, `process ${first.pid} on `);
  first.kill("SIGKILL");
  await ended(first);
  assertEquals(existsSync(join(run, "run.lock")), true);
  const third = start(entry, ["train", "--resume", run]);
  const before = logOf(run).length;
  await untilLogged(run, before + 2);
  third.kill("SIGINT");
  assertEquals((await ended(third)).code, 130);
  assertEquals(existsSync(join(run, "run.lock")), false);
  assertEquals(logOf(run).map(({ iteration }) => iteration), logOf(run).map((_, i) => i + 1));
});

Deno.test("train: SIGINT writes a checkpoint, exits 130 and says how to go on", async () => {
  const { folder, pipeline } = workplace();
  const child = start(entry, [
    ...["train", pipeline, "--runs", folder, "--run", "a", "--iterations", "100000"],
    ...["--set", "collect.milliseconds=5", "--set", "checkpoint.every=100000"],
  ]);
  const run = join(folder, "a");
  await untilLogged(run, 5);
  child.kill("SIGINT");
  const { code, out, err } = await ended(child);
  assertEquals([code, err], [130, ""]);
  assertStringIncludes(out, `Interrupted. Go on by: deno task train --resume ${run}`);
  const { iteration } = latest(run);
  assert(iteration >= 5 && iteration >= logOf(run).length - 1);
});

Deno.test("train: NaN fails with stage and iteration, without a stack trace, and saves the iteration before", async () => {
  const { folder, pipeline } = workplace();
  const { code, err } = await fake("train", pipeline, "--runs", folder, "--run", "a", "--set", "trpoUpdate.nanAfter=6");
  assertEquals(code, 1);
  assertStringIncludes(err, 'error: Cannot finish iteration 6 as stage "trpoUpdate" failed.');
  assertStringIncludes(err, "policy.theta must be finite");
  assertStringIncludes(err, `. Go on by: deno task train --resume ${join(folder, "a")}\n`);
  assertEquals(err.includes("    at "), false);
  assertEquals(latest(join(folder, "a")).iteration, 5);
});

Deno.test("train: a damaged checkpoint is set aside and said, the one before is used", async () => {
  const { folder, pipeline } = workplace();
  const run = join(folder, "a");
  await fake("train", pipeline, "--runs", folder, "--run", "a");
  const whole = [latest(run), logOf(run)];
  truncateSync(join(run, "checkpoints", "000006", "state.safetensors"), 50);
  const { code, out, err } = await fake("train", "--resume", run);
  assertEquals(code, 0);
  assertStringIncludes(err, "000006 as state.safetensors has a wrong checksum");
  assertStringIncludes(err, "falling back to");
  assertStringIncludes(out, "after iteration 4");
  assertEquals([latest(run), logOf(run)], whole);
});

Deno.test("train: bad pipelines and arguments are wrong usage", async () => {
  const { folder, pipeline } = workplace("sead: 1\n");
  const bad = await fake("train", pipeline, "--runs", folder, "--run", "a", "--set", "collect.stps=1");
  assertEquals(bad.code, 2);
  assertStringIncludes(bad.err, `pendulum.yaml:5:1 sead: unknown key "sead", did you mean "seed"?`);
  assertStringIncludes(
    bad.err,
    `--set collect.stps=1 program.0.collect.stps: unknown key "stps", did you mean "steps"?`,
  );
  assertEquals(existsSync(join(folder, "a")), false);
  const nowhere = await fake("train", "--resume", join(folder, "nowhere"));
  assertEquals(nowhere.code, 2);
  assertStringIncludes(nowhere.err, "must be the folder of a run");
  const mixed = await fake("train", "--resume", folder, "--seed", "3");
  assertEquals(mixed.code, 2);
  assertStringIncludes(mixed.err, 'given together with "seed=3"');
});

Deno.test("train: a file where the run folder is wanted fails by its path", async () => {
  const { folder, pipeline } = workplace();
  writeFileSync(join(folder, "runs"), "a file");
  const { code, err } = await fake("train", pipeline, "--runs", join(folder, "runs"), "--run", "a");
  assertEquals(code, 1);
  assertStringIncludes(err, `Cannot write ${join(folder, "runs", "a")}`);
});

Deno.test("train: a pipeline.yaml that was edited is refused on resume", async () => {
  const { folder, pipeline } = workplace();
  await fake("train", pipeline, "--runs", folder, "--run", "a");
  const file = join(folder, "a", "pipeline.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replace("maxKl: 0.01", "maxKl: 0.5"));
  const { code, err } = await fake("train", "--resume", join(folder, "a"));
  assertEquals(code, 2);
  assertStringIncludes(err, "not the one that its checkpoints were made with");
});
