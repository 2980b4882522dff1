import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import configuration from "../../deno.json" with { type: "json" };
import { columnsOf } from "../../src/report/display.ts";
import { ended, fake, real, workplace } from "./child.ts";
import { temporaryFolder } from "../temporary.ts";

Deno.test("--help of the program and of every command, with examples", async () => {
  const top = await real("--help");
  assertEquals(top.code, 0);
  for (
    const name of [
      "train",
      "ablate",
      "runner",
      "status",
      "eval",
      "lab",
      "check",
      "tasks",
      "stages",
      "estimators",
      "schema",
      "replay",
      "compare-physics",
    ]
  ) {
    assertStringIncludes(top.out, `  ${name} `);
    const { code, out } = await real(name, "--help");
    assertEquals(code, 0);
    assertMatch(out, /EXAMPLES\n.*\n +deno task /);
  }
});

Deno.test("--version", async () => {
  const { code, out } = await real("--version");
  assertEquals([code, out.trim()], [0, `mscv v${configuration.version}`]);
});

Deno.test("an unknown command or flag is wrong usage, with a suggestion", async () => {
  const command = await fake("trian");
  assertEquals(command.code, 2);
  assertMatch(command.err, /Unknown subcommand "trian"[^]*train/);
  const flag = await fake("train", "--sead", "3");
  assertEquals(flag.code, 2);
  assertMatch(flag.err, /--sead[^]*--seed/);
  const other = await fake("train", "--name", "a"); // as other tools call it
  assertEquals(other.code, 2);
  assertMatch(other.err, /--name in command mscv train[^]*Did you mean this\?\s+--run\n/);
  assertEquals((await fake("train", "--seed", "x")).code, 2);
});

Deno.test("what is missing of a command is shown by an example, other faults are not", async () => {
  const flag = await fake("render", "runs/a"), argument = await fake("eval");
  assertMatch(flag.err, /--out\n\nFor example: deno task render runs\/<id> --out agent.gif\nSee --help/);
  assertMatch(argument.err, /\brun\n\nFor example: deno task eval runs\/<id> .*\nSee --help/);
  assertEquals((await fake("eval", "runs/a", "--sead", "3")).err.includes("For example"), false);
});

Deno.test("a name that only a module of one's own defines is told to be found by --use, which takes no pipeline", async () => {
  const { pipeline } = workplace(), words = "(one of your own: name the module that defines it by --use)\n";
  for (const kind of ["tasks", "stages", "estimators"]) {
    const { code, err } = await fake(kind, "carts");
    assertEquals([code, err.endsWith(words)], [2, true], err);
    const yaml = await fake(kind, "carts", "--use", pipeline);
    assertEquals(yaml.code, 2);
    assertMatch(
      yaml.err,
      /it is a file of a pipeline or an ablation: name the modules that stand in its "use" instead\n$/,
    );
  }
  assertEquals((await fake("stages", "trpoUpdte")).err.includes("--use"), false);
});

Deno.test("check tells good files from bad ones", async () => {
  const { folder, pipeline } = workplace();
  const bad = join(folder, "bad.yaml");
  writeFileSync(bad, "task: pendulum\nprogram: [store]\n");
  const good = await fake("check", pipeline);
  assertEquals([good.code, good.out], [0, `${pipeline}: ok\n`]);
  const both = await fake("check", pipeline, bad);
  assertEquals(both.code, 2);
  assertStringIncludes(both.err, 'bad.yaml:2:11 program.0.store: Cannot run "store" as it reads "batch"');
});

Deno.test("tasks and stages list what a pipeline can name", async () => {
  assertStringIncludes((await fake("tasks")).out, "pendulum\n  observation [3], action [1], 10 steps at most");
  assertStringIncludes((await fake("stages")).out, "store: Appends the batch to the memory");
  assertStringIncludes((await fake("estimators")).out, "mscv: imagined rollouts of several steps");
  assertStringIncludes((await fake("estimators", "svg1")).out, "laterHorizon: integer");
  assertStringIncludes((await fake("estimators", "svg2")).err, 'must be a gradient estimator: did you mean "svg1"?');
  const { out } = await fake("stages", "trpoUpdate");
  assertStringIncludes(out, "    maxKl: number > 0; default 0.01\n      Trust region, nats");
  assertStringIncludes(out, 'method: conjugateGradient | exact; default "exact"');
  assertStringIncludes(out, "trpoUpdate.kl: KL from the old policy, nats");
  const unknown = await fake("stages", "trpoUpdte");
  assertEquals(unknown.code, 2);
  assertStringIncludes(unknown.err, 'did you mean "trpoUpdate"?');
});

Deno.test("tasks shows one task with its details, and suggests a name", async () => {
  const hopper = await real("tasks", "hopper");
  assertEquals([hopper.code, hopper.err], [0, ""]);
  const lines = hopper.out.split("\n"), own = lines.indexOf("  options, as taskOptions");
  assertEquals(lines.slice(0, own), [
    "hopper (Hopper-v5)",
    "  moved by the planar engine, generated code",
    "  observation [11], as input of the model [37]",
    "  action [3], each within [-1, 1]",
    "  frame skip 4: 4 physics steps of 0.002 s, 0.008 s a step",
    "  time limit 1000 steps",
    "  threshold 2000: counts as solved at this return",
    "  Gymnasium's threshold: 3800",
    "  known reward: what observations and actions determine; the model learns the rest",
  ]);
  assert(lines.slice(own).includes("    frameSkip: integer > 0; default 4"));
  assertStringIncludes((await real("tasks", "reacher")).out, "known reward: all of it");
  const unknown = await real("tasks", "hoper");
  assertEquals(unknown.code, 2);
  assertStringIncludes(unknown.err, 'Cannot show "hoper" as it must be a task: did you mean "hopper"?');
});

Deno.test("replay prints one JSON line a step", async () => {
  const folder = temporaryFolder();
  const [state, actions] = [join(folder, "state.json"), join(folder, "actions.json")];
  writeFileSync(state, JSON.stringify({ qpos: [0, 1.25, 0, 0, 0, 0], qvel: [0, 0, 0, 0, 0, 0] }));
  writeFileSync(actions, JSON.stringify([[0, 0, 0], [1, -1, 0.5]]));
  const { code, out } = await real("replay", "--task", "hopper", "--state", state, "--actions", actions);
  assertEquals(code, 0);
  const lines = out.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(
    lines.map((line) => Object.keys(line)),
    Array(2).fill(["obs", "reward", "terminated", "truncated", "qpos", "qvel"]),
  );
  assertEquals([lines[0].obs.length, lines[0].qpos.length], [11, 6]);
  writeFileSync(actions, JSON.stringify([[0, 0]]));
  const wrong = await real("replay", "--task", "hopper", "--state", state, "--actions", actions);
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.err, "the size of action must be 3: current value is 2");
});

Deno.test("a replay that diverges ends with one line, after the steps before it", async () => {
  const folder = temporaryFolder();
  const [state, actions] = [join(folder, "state.json"), join(folder, "actions.json")];
  const swimmer = ["replay", "--task", "swimmer", "--state", state, "--actions", actions];
  writeFileSync(state, JSON.stringify({ qpos: [0, 0, 0, 0, 0], qvel: [0, 0, 100, 0, 0] }));
  writeFileSync(actions, JSON.stringify([[0, 0]]));
  const { code, out, err } = await real(...swimmer);
  assertEquals([code, out], [1, ""]);
  assertMatch(
    err,
    /^error: Cannot simulate swimmer in step 0 as qacc\[0\] must be within ±1e10: current value is .*\n$/,
  );
  writeFileSync(state, '{ "qpos": [0, 0, 0, 0, 0], "qvel": [0, 0, 0, 0, 0] }');
  writeFileSync(actions, "[[0, 1e999]]"); // reads as Infinity
  const infinite = await real(...swimmer);
  assertEquals([infinite.code, infinite.out, infinite.err.trim().split("\n").length], [2, "", 1]);
});

Deno.test("an output that cannot be written is an error in one line", async () => {
  const folder = temporaryFolder();
  const [state, actions] = [join(folder, "state.json"), join(folder, "actions.json")];
  writeFileSync(state, JSON.stringify({ qpos: [0, 1.25, 0, 0, 0, 0], qvel: [0, 0, 0, 0, 0, 0] }));
  writeFileSync(actions, JSON.stringify([[0, 0, 0]]));
  const replay = ["replay", "--task", "hopper", "--state", state, "--actions", actions];
  for (const args of [replay, ["stages"]]) {
    const words = [Deno.execPath(), "run", "-A", "--no-check", "src/cli/main.ts", ...args].join(" ");
    const child = new Deno.Command("sh", { args: ["-c", `${words} > /dev/full`], stdout: "piped", stderr: "piped" });
    const { code, err } = await ended(child.spawn());
    assertEquals(code, 1);
    assertMatch(err, /^error: Cannot write the output as it must be open and have free space: No space left .*\n$/);
  }
});

Deno.test("a terminal without a size is taken to be 80 columns wide", () => {
  assertEquals([undefined, 0, 132].map(columnsOf), [80, 80, 132]);
});

Deno.test("eval on a folder that is no run is wrong usage", async () => {
  const { code, err } = await real("eval", temporaryFolder());
  assertEquals(code, 2);
  assertStringIncludes(err, "must be the folder of a run");
});
