import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import * as Effect from "effect/Effect";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { resolveAblation } from "../../src/config/ablation.ts";
import { hashPipeline } from "../../src/config/print.ts";
import {
  lastOutcome,
  ManifestInvalid,
  manifestPath,
  outcomePath,
  readManifest,
  readSweep,
} from "../../src/sweep/manifest.ts";
import { planSweep } from "../../src/sweep/plan.ts";
import { fakeCatalog } from "../program/fakes.ts";
import { temporaryFolder } from "../temporary.ts";

const write = (path: string, value: unknown): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof value === "string" ? value : JSON.stringify(value));
};

const ablation = (changes = "") => {
  const folder = temporaryFolder(), file = join(folder, "study.yaml");
  write(join(folder, "base.yaml"), "task: pendulum\niterations: 6\nprogram: [collect, store, trpoUpdate]\n");
  write(
    file,
    `base: base.yaml\naxes: { variant: { a: {}, b: { set: { collect: { steps: 6 } } } }, seed: [0, 1] }\n${changes}`,
  );
  return Effect.runSync(resolveAblation(file, fakeCatalog));
};

Deno.test("a cell is named after task, variant, seed and the hash of its pipeline", () => {
  const { cells } = ablation();
  const manifest = planSweep(ablation(), "study.yaml", "key", null, fakeCatalog);
  assertEquals(
    manifest.cells.map(({ pipelineHash }) => pipelineHash),
    cells.map((cell) => hashPipeline(cell.pipeline, fakeCatalog)),
  );
  for (const { id, folder, pipelineHash, attempt } of manifest.cells) {
    assertMatch(id, /^pendulum-[ab]-s[01]-[0-9a-f]{8}$/);
    assertEquals([id.slice(-8), folder, attempt], [pipelineHash.slice(0, 8), `cells/${id}`, 1]);
  }
  assertEquals(new Set(manifest.cells.map(({ id }) => id)).size, 4);
});

Deno.test("planning again keeps the key and the attempts; a changed pipeline is a new cell, a longer one is not", () => {
  const before = planSweep(ablation(), "study.yaml", "key", null, fakeCatalog);
  const retried = { ...before, cells: before.cells.map((cell, i) => ({ ...cell, attempt: i + 1 })) };
  assertEquals(planSweep(ablation(), "study.yaml", "other", retried, fakeCatalog), retried);
  const longer = planSweep(ablation("iterations: 9\n"), "study.yaml", "other", retried, fakeCatalog);
  assertEquals(longer.cells, retried.cells.map((cell) => ({ ...cell, iterations: 9 })));
  const changed = planSweep(
    ablation("set: { trpoUpdate: { maxKl: 0.5 } }\n"),
    "study.yaml",
    "other",
    retried,
    fakeCatalog,
  );
  assertEquals(changed.cells.filter(({ id }) => before.cells.some((cell) => cell.id === id)), []);
});

Deno.test("the state of a cell is its recorded outcome, or whether a process trains in its folder", () => {
  const folder = temporaryFolder();
  assertEquals(readSweep(folder), null);
  const planned = planSweep(ablation(), "study.yaml", "key", null, fakeCatalog);
  const [first, second, third, fourth] = planned.cells;
  const write4 = (cells: typeof planned.cells) => write(manifestPath(folder), { ...planned, cells });
  write4(planned.cells);
  const states = () => readSweep(folder)!.cells.map(({ state }) => state);
  assertEquals(states(), ["waiting", "waiting", "waiting", "waiting"]);
  const outcome = { attempt: 1, iterations: 6, steps: 48, host: "a", error: null };
  const error = { tag: "TrainingFailed", message: "Cannot", log: ["last"] };
  write(outcomePath(folder, first.id), { ...outcome, id: first.id, state: "done" });
  write(outcomePath(folder, second.id), { ...outcome, id: second.id, state: "failed", error });
  const lock = join(folder, third.folder, "run.lock");
  write(lock, { pid: process.ppid, host: "elsewhere" });
  write(outcomePath(folder, fourth.id), '{"id": "cut o');
  assertEquals(states(), ["done", "failed", "running", "waiting"]);
  assertEquals(readSweep(folder)!.cells[1].error, error);
  assertEquals(readSweep(folder)!.cells[0].folder, join(folder, first.folder));
  write(lock, { pid: process.ppid, host: hostname(), kernel: true }); // whose kernel lock nobody has any more
  assertEquals(states()[2], "waiting");
  write4([{ ...first, iterations: 7 }, { ...second, attempt: 2 }, third, fourth]);
  assertEquals(states(), ["waiting", "waiting", "waiting", "waiting"]);
  write4([{ ...first, attempt: 2, iterations: 5 }, second, third, fourth]);
  assertEquals(states()[0], "done");
  rmSync(lock);
});

Deno.test("a manifest of another version is refused", () => {
  const folder = temporaryFolder();
  write(manifestPath(folder), { version: 2, cells: [] });
  assertThrows(() => readManifest(folder), Error, "must have version 1: it has 2");
});

Deno.test("a manifest of another form is refused in one line, by the part that is wrong", () => {
  const folder = temporaryFolder(), planned = planSweep(ablation(), "study.yaml", "key", null, fakeCatalog);
  const cellWith = (change: object) => ({ ...planned, cells: [planned.cells[0], { ...planned.cells[1], ...change }] });
  const others: ReadonlyArray<readonly [unknown, string]> = [
    [5, "it must be object: current value is 5"],
    [[], "it must be object: current value is []"],
    [{}, "version must be given: it is missing"],
    [{ ...planned, cells: 5 }, "cells must be array: current value is 5"],
    [{ ...planned, cells: [null] }, "cells.0 must be object: current value is null"],
    [{ ...planned, name: undefined }, "name must be given: it is missing"],
    [{ ...planned, compare: [{ of: "a" }] }, "compare.0.with must be given: it is missing"],
    [cellWith({ seed: "0" }), 'cells.1.seed must be number: current value is "0"'],
    [cellWith({ iterations: 0 }), "cells.1.iterations must be a value greater than 0: current value is 0"],
    [cellWith({ threshold: "2" }), 'cells.1.threshold must be number | null: current value is "2"'],
    [cellWith({ id: "../x" }), 'cells.1.id must be the name of a folder: current value is "../x"'],
    [cellWith({ folder: "../x" }), 'cells.1.folder must be a folder within cells/: current value is "../x"'],
    [cellWith({ folder: "cells/.." }), 'cells.1.folder must be a folder within cells/: current value is "cells/.."'],
  ];
  for (const [manifest, reason] of others) {
    write(manifestPath(folder), manifest);
    const error = assertThrows(() => readSweep(folder), ManifestInvalid);
    assertEquals(error.message, `${manifestPath(folder)} must be the manifest of a sweep: ${reason}`);
  }
});

Deno.test("a recorded outcome of another form counts for nothing", () => {
  const folder = temporaryFolder(), planned = planSweep(ablation(), "study.yaml", "key", null, fakeCatalog);
  write(manifestPath(folder), planned);
  const [{ id }] = planned.cells;
  const outcome = { id, attempt: 3, state: "done", iterations: 6, steps: 48, host: "a", error: null };
  const seen = (recorded: unknown) => {
    write(outcomePath(folder, id), recorded);
    return [readSweep(folder)!.cells[0].state, lastOutcome(folder, id)?.attempt];
  };
  assertEquals(seen(outcome), ["done", 3]);
  const others = [
    null,
    5,
    [],
    {},
    { ...outcome, iterations: "6" },
    { ...outcome, state: "lost" },
    {
      ...outcome,
      state: "failed",
      error: { tag: "x", message: "y" },
    },
    { ...outcome, attempt: 0.5 },
    { ...outcome, error: 5 },
  ];
  for (const other of others) assertEquals(seen(other), ["waiting", undefined]);
});
