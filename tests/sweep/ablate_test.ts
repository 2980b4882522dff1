import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ended, logOf } from "../cli/child.ts";
import { iterationsLogged, makePlace, recordedKeys, startAblate, startCommand, sweepOf, until } from "./processes.ts";

const axes = `axes:
  variant: { good: {}, bad: { set: { trpoUpdate: { failAfter: 5 } } } }
  seed: [0, 1]
compare: { of: good, with: bad }
`;

Deno.test("ablate: a dry run shows the cells and writes nothing; a bad file is wrong usage before anything runs", async () => {
  const place = makePlace(0);
  const { code, out } = await ended(startAblate(place, "--dry-run", "--only", "variant=a", "--only", "seed=0,2"));
  assertEquals(code, 0);
  assertMatch(
    out,
    /^study: 2 of 6 cells, 2 to do, in .*\nto do {2}pendulum-a-s0-\w+ {2}12 iterations\nto do {2}pendulum-a-s2/,
  );
  assertEquals(existsSync(place.out), false);
  const only = await ended(startAblate(place, "--only", "variant=c"));
  assertEquals([only.code, existsSync(place.out)], [2, false]);
  assertStringIncludes(only.err, `--only "variant=c" as "c" must be a variant of this ablation`);
  writeFileSync(place.file, "base: base.yaml\naxes: { variant: { a: { set: { collect: { stps: 1 } } } } }\n");
  const bad = await ended(startAblate(place));
  assertEquals([bad.code, existsSync(place.out)], [2, false]);
  assertStringIncludes(bad.err, `study.yaml:2:43 program.0.collect.stps: unknown key "stps", did you mean "steps"?`);
});

Deno.test("ablate: cells that fail stop no other, their errors are in status, and they are retried when asked", async () => {
  const place = makePlace(0, axes);
  const first = await ended(startAblate(place));
  assertEquals(first.code, 1);
  assertStringIncludes(first.err, "error: Cannot finish 2 of 4 cells: see deno task status");
  assertStringIncludes(first.out, "Done: 2 of 4 cells");
  assertEquals(sweepOf(place).cells.map(({ state }) => state), ["done", "failed", "done", "failed"]);
  const [, failed] = sweepOf(place).cells;
  assertEquals(failed.error?.tag, "TrainingFailed");
  const status = await ended(startCommand(place, ["status", place.file, "--out", place.out]));
  assertEquals(status.code, 0);
  assertMatch(status.out, /pendulum good +2 +0 +0 +0\npendulum bad +0 +0 +2 +0\nall +2 +0 +2 +0\n/);
  assertStringIncludes(status.out, `failed: ${failed.id} (`);
  assertStringIncludes(status.out, '  TrainingFailed: Cannot finish iteration 5 as stage "trpoUpdate" failed');
  assertStringIncludes(status.out, "  | Starting from iteration 0: there is no run in ");
  const again = await ended(startAblate(place)); // nothing to do: what failed stays failed
  assertStringIncludes(again.out, "4 cells, 0 to do");
  assertEquals(again.code, 1);
  const retried = await ended(startAblate(place, "--retry-failed", "--only", "seed=1"));
  assertStringIncludes(retried.out, "2 of 4 cells, 1 to do");
  assertEquals(sweepOf(place).cells.map(({ attempt }) => attempt), [1, 1, 1, 2]);
  assertEquals(recordedKeys(place).map((key) => key.slice(key.indexOf("/") + 1).replace(/-\w+\//, "/")), [
    "pendulum-bad-s0/12/1",
    "pendulum-bad-s1/12/1",
    "pendulum-bad-s1/12/2",
    "pendulum-good-s0/12/1",
    "pendulum-good-s1/12/1",
  ]);
});

Deno.test("ablate: a trial of some cells by --iterations and --set; status knows what was asked for and how far it is", async () => {
  const place = makePlace(0, "axes: { maxKl: { trpoUpdate.maxKl: [0.01, 0.02] }, seed: [0, 1] }\n");
  const status = async () => (await ended(startCommand(place, ["status", place.file, "--out", place.out]))).out;
  const trial = await ended(startAblate(place, "--iterations", "4", "--only", "maxKl=0.02", "--only", "seed=1"));
  assertEquals([trial.code, trial.err], [0, ""]);
  const [, , , cell] = sweepOf(place).cells;
  assertEquals([cell.variant, cell.axes, cell.iterations], ["maxKl0.02", { maxKl: "maxKl0.02" }, 4]);
  const told = await status();
  assertStringIncludes(told, "1 of them chosen by --only maxKl=0.02 --only seed=1\n");
  assertMatch(told, /left out\npendulum maxKl0.01 +0 +0 +0 +0 +2\npendulum maxKl0.02 +1 +0 +0 +0 +1\n/);
  writeFileSync(join(place.out, "outcomes", `${cell.id}.json`), ""); // as of a command that was killed before the end
  assertStringIncludes(await status(), `interrupted: ${cell.id}: 4/4 iterations`);
  const other = await ended(startAblate(place, "--dry-run", "--set", "trpoUpdate.failAfter=3"));
  assertEquals(other.out.match(/^to do/gm)?.length, 4);
  assertEquals(other.out.includes(cell.id), false); // another option, another cell
  const bad = await ended(startAblate(place, "--set", "trpoUpdate.maxLK=3"));
  assertEquals(bad.code, 2);
  assertStringIncludes(bad.err, '--set trpoUpdate.maxLK=3 program.2.trpoUpdate.maxLK: unknown key "maxLK"');
});

Deno.test("train and ablate say which of the two a file is for", async () => {
  const place = makePlace(0), base = place.file.replace("study", "base");
  const trained = await ended(startCommand(place, ["train", place.file]));
  assertEquals(trained.code, 2);
  assertStringIncludes(trained.err, `it is an ablation. Try: deno task ablate ${place.file}`);
  const ablated = await ended(startCommand(place, ["ablate", base, "--out", place.out]));
  assertEquals([ablated.code, existsSync(place.out)], [2, false]);
  assertStringIncludes(ablated.err, `it is a pipeline. Try: deno task train ${base}`);
});

Deno.test("ablate: a finished cell is not run again, a longer one goes on, a changed one is new", async () => {
  const place = makePlace(0, "axes: { variant: { a: {} }, seed: [0, 1] }\n");
  const log = (cell: number) => readFileSync(join(sweepOf(place).cells[cell].folder, "metrics.jsonl"), "utf8");
  await ended(startAblate(place, "--only", "seed=0"));
  const first = log(0);
  assertEquals(sweepOf(place).cells.map(({ state }) => state), ["done", "waiting"]);
  await ended(startAblate(place));
  assertEquals([log(0), sweepOf(place).cells[1].state], [first, "done"]);
  writeFileSync(place.file, readFileSync(place.file, "utf8") + "iterations: 15\n");
  const longer = await ended(startAblate(place));
  assertEquals(longer.code, 0);
  assertEquals([log(0).startsWith(first), log(0).trim().split("\n").length], [true, 15]);
  writeFileSync(place.file, readFileSync(place.file, "utf8") + "set: { trpoUpdate: { maxKl: 0.5 } }\n");
  const before = sweepOf(place).cells.map(({ id }) => id);
  const changed = await ended(startAblate(place));
  assertStringIncludes(changed.out, "2 cells, 2 to do");
  assertEquals(sweepOf(place).cells.filter(({ id }) => before.includes(id)), []);
});

Deno.test("ablate: a command that names some cells leaves what the others were asked for; report and status agree", async () => {
  const place = makePlace(0, "axes: { variant: { a: {}, b: {}, c: {} }, seed: [0, 1] }\n");
  const told = async (...args: ReadonlyArray<string>) => {
    const { code, out, err } = await ended(startCommand(place, args));
    assertEquals([code, err], [0, ""]);
    return out;
  };
  const ask = (iterations: number, ...only: ReadonlyArray<string>) =>
    ended(startAblate(place, "--iterations", `${iterations}`, ...only.flatMap((each) => ["--only", each])));
  const asked = () => sweepOf(place).cells.map(({ iterations }) => iterations);
  const logged = () => sweepOf(place).cells.map(({ folder }) => existsSync(folder) ? logOf(folder).length : 0);
  await ask(6, "variant=a,b");
  assertStringIncludes((await ask(4, "variant=c")).out, "study: 2 of 6 cells, 2 to do");
  assertEquals([asked(), logged()], [[6, 6, 4, 6, 6, 4], [6, 6, 4, 6, 6, 4]]); // a, b, c of seed 0, of seed 1
  assertStringIncludes((await ask(9, "variant=b", "seed=1")).out, "study: 1 of 6 cells, 1 to do");
  assertEquals([asked(), logged()], [[6, 6, 4, 6, 9, 4], [6, 6, 4, 6, 9, 4]]);
  assertStringIncludes(await told("report", place.out), "study: 6 of 6 runs done");
  assertMatch(await told("status", place.file, "--out", place.out), /all +6 +0 +0 +0 +0\n/);
  assertStringIncludes((await ask(6, "variant=b")).out, "study: 2 of 6 cells, 0 to do"); // one of them has more
  assertEquals([asked(), logged()], [[6, 6, 4, 6, 6, 4], [6, 6, 4, 6, 9, 4]]);
  assertStringIncludes(await told("report", place.out), "study: 6 of 6 runs done");
  assertStringIncludes((await ask(6)).out, "study: 6 cells, 2 to do"); // without --only it names all of them
  assertEquals([asked(), logged()], [[6, 6, 6, 6, 6, 6], [6, 6, 6, 6, 9, 6]]);
});

Deno.test("ablate: cells that come back unnamed after a trial by --set are asked for what they have done", async () => {
  const place = makePlace(0, "axes: { variant: { a: {} }, seed: [0, 1] }\n");
  const only = ["--only", "seed=0"];
  await ended(startAblate(place, "--iterations", "6"));
  await ended(startAblate(place, "--iterations", "2", "--set", "trpoUpdate.maxKl=0.5", ...only));
  await ended(startAblate(place, "--iterations", "9", ...only));
  assertEquals(sweepOf(place).cells.map(({ state, iterations }) => [state, iterations]), [["done", 9], ["done", 6]]);
});

Deno.test("the run folder of a cell is one of train: resume works on it", async () => {
  const place = makePlace(0, "axes: { variant: { a: {} }, seed: [3] }\n");
  await ended(startAblate(place));
  const [{ folder }] = sweepOf(place).cells;
  const { code, out } = await ended(startCommand(place, ["train", "--resume", folder, "--iterations", "14"]));
  assertEquals(code, 0);
  assertStringIncludes(out, "after iteration 12");
  assertStringIncludes(readFileSync(join(folder, "pipeline.yaml"), "utf8"), "seed: 3");
});

Deno.test("status: a folder without a sweep is wrong usage", async () => {
  const place = makePlace(0);
  const { code, err } = await ended(startCommand(place, ["status", place.file, "--out", place.out]));
  assertEquals(code, 2);
  assertStringIncludes(err, "must be the folder of a sweep: start one by deno task ablate");
  mkdirSync(place.out);
  for (const text of ['{"version":2,"cells":[]}', '{"version":1,"files":{}}', '{"name":"an app"}']) {
    writeFileSync(join(place.out, "manifest.json"), text);
    const other = await ended(startCommand(place, ["status", place.file, "--out", place.out]));
    assertEquals(other.code, 2);
    assertMatch(other.err, /^error: Cannot show .*manifest\.json must .*\n$/);
  }
});

Deno.test("iterations that are lowered after a kill hold for cells that were queued before, and can be raised again", async () => {
  const place = makePlace(20, "axes: { variant: { a: {} }, seed: [0, 1, 2, 3] }\niterations: 400\n");
  const rewrite = (iterations: number) =>
    writeFileSync(place.file, readFileSync(place.file, "utf8").replace(/iterations: \d+/, `iterations: ${iterations}`));
  const first = startAblate(place);
  await until("iterations", () => iterationsLogged(place) >= 4);
  first.kill("SIGKILL");
  await ended(first);
  for (const iterations of [30, 35]) {
    rewrite(iterations);
    assertEquals((await ended(startAblate(place))).code, 0);
    const logged = sweepOf(place).cells.map(({ folder }) => logOf(folder).length);
    assertEquals(logged, [iterations, iterations, iterations, iterations]);
  }
  assertEquals(recordedKeys(place).map((key) => key.split("/")[2]), ["30", "35", "30", "35", "30", "35", "30", "35"]);
});
