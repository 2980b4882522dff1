/**
 * Every command runs as its task in deno.json starts it, and what it may not do is refused.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import configuration from "../../deno.json" with { type: "json" };
import { cellCommand } from "../../src/sweep/cell_command.ts";
import { flagsOf, installTask, taskOf, taskPermissions, trainPermissions } from "../../src/sandbox/permissions.ts";
import { type Ended, ended } from "./child.ts";
import { temporaryFolder } from "../temporary.ts";

/** A folder where tasks may write, with a small pipeline and an ablation. */
const makePlace = (): string => {
  const folder = join("runs", `test-${randomUUID()}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "small.yaml"),
    "task: swimmer\niterations: 2\nnetworks: { policy: { hidden: [8] }, value: { hidden: [8] }, model: { hidden: [16] } }\n" +
      "program:\n  - collect: { steps: 200, environments: 2 }\n  - store\n  - fitModel: { updates: 4 }\n" +
      "  - fitValue: { epochs: 1 }\n  - estimateGradient: { horizon: 2 }\n  - trpoUpdate\n",
  );
  writeFileSync(join(folder, "study.yaml"), "base: small.yaml\naxes: { variant: { a: {} }, seed: [0] }\n");
  writeFileSync(join(folder, "state.json"), '{ "qpos": [0, 1.25, 0, 0, 0, 0], "qvel": [0, 0, 0, 0, 0, 0] }');
  writeFileSync(join(folder, "actions.json"), "[[0, 0, 0]]");
  return folder;
};

/** `deno task …`, as a user types it. */
const task = (args: ReadonlyArray<string>, allow = ""): Promise<Ended> =>
  ended(
    new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", ...args],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      env: { NO_COLOR: "1", MSCV_ALLOW: allow },
    }).spawn(),
  );

Deno.test("the tasks of deno.json carry the lists of their commands: none asks, none may do everything", () => {
  const tasks: Readonly<Record<string, string>> = configuration.tasks;
  for (const command of Object.keys(taskPermissions)) {
    assertEquals(tasks[command], taskOf(command));
    assertStringIncludes(tasks[command], "--no-prompt ");
    assert(!/--allow-(all|net(?!=127\.0\.0\.1 )|write(?!=)|read(?!=)|run(?!=)|ffi(?!=))/.test(tasks[command]), command);
  }
  assertEquals(tasks.install, installTask);
  const ours = Object.entries(tasks).filter(([, line]) => /^deno run .*src\/cli\/main\.ts/.test(line)).map(([name]) =>
    name
  );
  assertEquals(ours.sort(), Object.keys(taskPermissions).sort());
});

Deno.test("every command does its work under its list", async () => {
  const folder = makePlace(), small = join(folder, "small.yaml"), study = join(folder, "study.yaml");
  const run = join(folder, "a"), sweep = join(folder, "sweep");
  const works = async (...args: ReadonlyArray<string>): Promise<string> => {
    const { code, out, err } = await task(args);
    assertEquals([code, err], [0, ""], args.join(" "));
    return out;
  };
  try {
    await works("train", small, "--runs", folder, "--run", "a");
    await works("train", "--resume", run, "--iterations", "3", "--workers", "2");
    const { gitCommit, os, backend } = JSON.parse(readFileSync(join(run, "environment.json"), "utf8"));
    assert(!/unknown/.test(os) && backend.line !== undefined && gitCommit !== undefined);
    await works("eval", run, "--episodes", "2");
    await works("lab", run, "--steps", "40", "--batches", "4", "--reference", "200", "--states", "4", "--workers", "1");
    const episodes = join(folder, "episodes.jsonl");
    await works("eval", run, "--episodes", "1", "--record", episodes);
    await works("replay", "--episode", episodes);
    for (const kind of ["gif", "mp4", "png", "svg", "html"]) {
      await works("render", run, "--out", join(folder, `agent.${kind}`), "--steps", "4", "--size", "64x64");
    }
    await works("render", episodes, "--out", join(folder, "again.svg"));
    await works("report", run, "--prediction", run, "--out", join(folder, "report"));
    await works("ablate", study, "--out", sweep, "--slots", "1");
    assertStringIncludes(await works("status", study, "--out", sweep), "1 cells in");
    await works("report", sweep);
    await works("check", small, study);
    await works("schema", "--out", "pipelines");
    await works(
      "replay",
      "--task",
      "hopper",
      "--state",
      join(folder, "state.json"),
      "--actions",
      join(folder, "actions.json"),
    );
    for (const command of ["tasks", "stages", "train"]) await works(command, "--help");
    await works("tasks");
    await works("stages", "collect");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

Deno.test("what is refused says which flag gives it back, in one line; with that flag it works", async () => {
  const folder = makePlace(), outside = temporaryFolder(), small = join(folder, "small.yaml");
  try {
    const refused = await task(["train", small, "--runs", outside]);
    assertEquals([refused.code, refused.err.trim().split("\n").length], [2, 1]);
    const flags = `--allow-read=${outside} --allow-write=${outside}`;
    assertStringIncludes(refused.err, `MSCV_ALLOW="${flags}"`);
    assertEquals((await task(["train", small, "--runs", outside, "--run", "a"], flags)).code, 0);
    const unread = await task(["check", join(outside, "a", "pipeline.yaml")]);
    assertEquals(unread.code, 2);
    assertMatch(unread.err, /the sandbox forbids read access to \S+; allow it by MSCV_ALLOW="--allow-read=\S+"/);
    assertStringIncludes((await task(["schema", "--out", outside])).err, `MSCV_ALLOW="${flags}"`);
    assertEquals((await task(["schema", "--out", outside], flags)).code, 0);
    assertStringIncludes(
      (await task(["ablate", join(folder, "study.yaml"), "--out", outside])).err,
      `MSCV_ALLOW="${flags}"`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

Deno.test("links that lead out, whole run folders and hosts of databases are refused at once, with their flags", async () => {
  const folder = makePlace(), outside = realpathSync(temporaryFolder()), link = join(folder, "link");
  symlinkSync(outside, link);
  const both = `MSCV_ALLOW="--allow-read=${outside}/x --allow-write=${outside}/x"`;
  const storage = ["--storage", "postgres://mscv@db.example/mscv"];
  try {
    const told: ReadonlyArray<readonly [ReadonlyArray<string>, string]> = [
      [["train", join(folder, "small.yaml"), "--runs", join(link, "x"), "--run", "a"], both],
      [["ablate", join(folder, "study.yaml"), "--out", join(link, "x")], both],
      [["eval", join(outside, "run")], `MSCV_ALLOW="--allow-read=${outside}/run"`],
      [["status", join(folder, "study.yaml"), ...storage], 'MSCV_ALLOW="--allow-net=db.example:5432"'],
    ];
    for (const [args, flags] of told) {
      const { code, err } = await task(args);
      assertEquals([code, err.trim().split("\n").length], [2, 1], err);
      assertStringIncludes(err, flags);
    }
    assertEquals(readdirSync(outside), []);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** The command line with a hostile stage, under the list of `train`. */
const hostile = (deed: string): Promise<Ended> => {
  const folder = makePlace(), file = join(folder, "hostile.yaml");
  writeFileSync(
    file,
    `task: pendulum\niterations: 1\nprogram: [collect, store, { reach: { for: ${deed} } }, trpoUpdate]\n`,
  );
  const args = ["run", "--no-check", ...flagsOf(trainPermissions), "tests/cli/hostile_main.ts"];
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args, "train", file, "--runs", folder, "--run", "a"],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
  return ended(child).finally(() => rmSync(folder, { recursive: true }));
};

Deno.test("a stage that reads or writes outside, opens a socket, runs a program or loads a library is refused, by name", async () => {
  const deeds = ["read", "list", "write", "connect", "listen", "fetch", "run", "env", "load"];
  for (
    const [deed, { code, err }] of await Promise.all(deeds.map(async (deed) => [deed, await hostile(deed)] as const))
  ) {
    assertEquals(code, 1, `${deed}: ${err}`);
    assertMatch(err, /at stage "reach" as it threw NotCapable: the sandbox forbids \w+ access/, deed);
  }
  assert(readFileSync("src/cli/main.ts", "utf8").length > 0);
});

Deno.test("without a library for products of matrices the kernels are our own, with a line that says why", async () => {
  const folder = makePlace();
  const { ffi: _, ...others } = trainPermissions;
  const { code, out, err } = await ended(
    new Deno.Command(Deno.execPath(), {
      args: ["run", ...flagsOf(others), "src/cli/main.ts", "train", join(folder, "small.yaml"), "--runs", folder],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      env: { NO_COLOR: "1", MSCV_KERNELS: "", MSCV_BLAS: "" },
    }).spawn(),
  ).finally(() => rmSync(folder, { recursive: true }));
  assertEquals([code, err], [0, ""]);
  assertMatch(out, /nn: WASM backend, WASM SIMD \(no BLAS: FFI is not permitted\)/);
});

Deno.test("the process of a cell may do what train may, and writes the folder of its sweep alone", () => {
  const folder = temporaryFolder(), work = { folder: join(folder, "sweep, one") };
  const [, ...args] = cellCommand("main.ts")({ runs: folder, modules: [] }, work as never);
  const flags = new Map(args.filter((arg) => arg.startsWith("--")).map((arg) => arg.split("=") as [string, string]));
  assertEquals(flags.get("--allow-write"), resolve(work.folder).replaceAll(",", ",,"));
  assertEquals(
    [...flags.keys()].filter((flag) => !flagsOf(trainPermissions).some((each) => each.startsWith(flag))),
    [],
  );
  assertEquals(flags.get("--allow-env"), (trainPermissions.env as ReadonlyArray<string>).join(","));
  assertEquals(args.slice(-2), ["main.ts", "cell"]);
});
