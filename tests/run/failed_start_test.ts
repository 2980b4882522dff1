import { assertEquals, assertStringIncludes } from "@std/assert";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makePlace, startAblate, sweepOf } from "../sweep/processes.ts";
import { ended, fake, logOf, start, workplace } from "../cli/child.ts";

Deno.test("train: a new run that fails in its first iteration leaves nothing, and names no checkpoint", async () => {
  const { folder, pipeline } = workplace();
  const runs = join(folder, "runs");
  const failing = ["train", pipeline, "--runs", runs, "--run", "a", "--set", "trpoUpdate.failAfter=1"];
  const { code, err } = await fake(...failing);
  assertEquals(code, 1);
  assertEquals(
    err,
    'error: Cannot finish iteration 1 as stage "trpoUpdate" failed. ' +
      "Cannot estimate the gradient as G2 must be finite: it is not\n",
  );
  assertEquals(readdirSync(runs), []);
  assertEquals((await fake("train", pipeline, "--runs", runs, "--run", "a")).code, 0); // its name is free
});

Deno.test("train: a run that fails later stays, with what it has done", async () => {
  const { folder, pipeline } = workplace();
  const run = join(folder, "a");
  const { code, err } = await fake(
    "train",
    pipeline,
    "--runs",
    folder,
    "--run",
    "a",
    "--set",
    "trpoUpdate.failAfter=2",
  );
  assertEquals([code, logOf(run).length], [1, 1]);
  assertStringIncludes(err, `The last good checkpoint is ${join(run, "checkpoints", "000001")}`);
});

Deno.test("train: a run that is interrupted in its first iteration stays", async () => {
  const { folder, pipeline } = workplace();
  const run = join(folder, "a");
  const slow = ["--set", "collect.milliseconds=600000", "--set", "trpoUpdate.failAfter=1"];
  const child = start("tests/cli/fake_main.ts", ["train", pipeline, "--runs", folder, "--run", "a", ...slow]);
  while (!existsSync(join(run, "run.lock"))) await new Promise((done) => setTimeout(done, 10));
  child.kill("SIGINT");
  assertEquals((await ended(child)).code, 130);
  assertEquals(readdirSync(join(run, "checkpoints")), ["000000"]);
});

Deno.test("ablate: a cell that fails in its first iteration leaves no run folder, and its outcome tells why", async () => {
  const bad = "{ set: { trpoUpdate: { failAfter: 1 } } }";
  const place = makePlace(0, `axes: { variant: { good: {}, bad: ${bad} }, seed: [0] }\n`);
  assertEquals((await ended(startAblate(place))).code, 1);
  const cells = sweepOf(place).cells;
  assertEquals(cells.map(({ state, folder }) => [state, existsSync(folder)]), [["done", true], ["failed", false]]);
  assertEquals(
    cells[1].error?.message,
    'Cannot finish iteration 1 as stage "trpoUpdate" failed. Cannot estimate the gradient as G2 must be finite: it is not',
  );
  const { code, out } = await fake("report", place.out, "--out", join(place.out, "report"));
  assertEquals(code, 0);
  assertStringIncludes(out, "1 of 2 runs done, 1 failed");
});

Deno.test("train, report: lines of a log that are of another form are left out with one warning", async () => {
  const { folder, pipeline } = workplace("threshold: 0.5\n");
  const run = join(folder, "runs", "a"), log = join(run, "metrics.jsonl");
  await fake("train", pipeline, "--runs", join(folder, "runs"), "--run", "a");
  const whole = readFileSync(log, "utf8").trimEnd().split("\n");
  const { seconds: _, ...rest } = JSON.parse(whole[2]);
  const harmed = [...whole.slice(0, 2), JSON.stringify(rest), "null", ...whole.slice(3)];
  writeFileSync(log, harmed.join("\n") + "\n");
  const warning = `warning: ${log}: 2 lines are left out, from line 3 on: `;
  const report = await fake("report", run, "--out", join(folder, "report"));
  assertEquals([report.code, report.err.split("\n").length], [0, 2]);
  assertStringIncludes(report.err, warning);
  const resumed = await fake("train", "--resume", run, "--iterations", "8");
  assertEquals([resumed.code, resumed.err.split("\n").length], [0, 2]);
  assertStringIncludes(resumed.err, warning);
  assertEquals(logOf(run).map(({ iteration }) => iteration), [1, 2, 4, 5, 6, 7, 8]);
});

Deno.test("train: a disk that is full while a checkpoint is written leaves nothing of it, and the run goes on", async () => {
  const { folder, pipeline } = workplace();
  const [whole, run] = [join(folder, "whole"), join(folder, "run")];
  const wide = ["--set", "networks.policy.hidden=[500,500]"]; // 4·(3·500 + 500·500 + …) bytes, a megabyte
  const begin = (name: string) =>
    fake("train", pipeline, "--runs", folder, "--run", name, ...wide, "--iterations", "2");
  await begin("whole");
  await begin("run");
  await fake("train", "--resume", whole, "--iterations", "4");
  // no file may grow beyond 700 kB, which the operating system tells a writer as it tells of a full disk
  const limited = new Deno.Command("bash", {
    args: ["-c", 'trap "" XFSZ; ulimit -f 700; exec "$0" "$@"', Deno.execPath(), "run", "-A", "--no-check"].concat(
      ["tests/cli/fake_main.ts", "train", "--resume", run, "--iterations", "4"],
    ),
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  });
  const { code, stderr } = await limited.output();
  const err = new TextDecoder().decode(stderr);
  assertEquals(code, 1, err);
  assertStringIncludes(
    err,
    `error: Cannot write ${join(run, "checkpoints", "000004")} as it must be on a writable disk`,
  );
  assertEquals(readdirSync(join(run, "checkpoints")).sort(), ["000000", "000002", "memory"]);
  assertEquals(readdirSync(join(run, "checkpoints", "memory")).length, 2); // one of each iteration that is kept
  const resumed = await fake("train", "--resume", run);
  assertEquals([resumed.code, resumed.err], [0, ""]);
  assertEquals(logOf(run), logOf(whole));
});
