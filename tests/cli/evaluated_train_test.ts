/**
 * `train` with evaluations, killed and resumed, and `eval` on what it keeps.
 *
 * @module
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ended, fake, logOf, start, untilLogged, workplace } from "./child.ts";

const entry = "tests/cli/fake_main.ts", evaluated = "evaluation: { every: 1, episodes: 3 }\n";

const filesOf = (folder: string) => readdirSync(folder).sort().map((name) => readFileSync(join(folder, name), "utf8"));

Deno.test("train: kill -9 again and again while the best is kept, then resume equals the uninterrupted run", async () => {
  const { folder, pipeline } = workplace(evaluated);
  const slow = ["--set", "collect.milliseconds=3", "--set", "checkpoint.every=3", "--iterations", "40"];
  const [whole, killed] = [join(folder, "whole"), join(folder, "killed")];
  await fake("train", pipeline, "--runs", folder, "--run", "whole", ...slow);
  let child = start(entry, ["train", pipeline, "--runs", folder, "--run", "killed", ...slow]);
  for (const [logged, wait] of [[1, 0], [8, 2], [17, 1], [29, 4]]) {
    await untilLogged(killed, logged);
    await new Promise((done) => setTimeout(done, wait)); // another moment of the iteration each time
    child.kill("SIGKILL");
    await ended(child);
    child = start(entry, ["train", "--resume", killed]);
  }
  const { code, err } = await ended(child);
  assertEquals([code, err], [0, ""]);
  assertEquals(logOf(killed), logOf(whole));
  const best = (run: string) => join(run, "checkpoints", "best");
  assertEquals(filesOf(best(killed)), filesOf(best(whole)));
  assertEquals(readdirSync(join(killed, "checkpoints")).sort(), readdirSync(join(whole, "checkpoints")).sort());
});

Deno.test("train shows evaluations, and eval reads what they kept, a checkpoint, or the last one", async () => {
  const { folder, pipeline } = workplace(evaluated), run = join(folder, "a");
  const { out } = await fake("train", pipeline, "--runs", folder, "--run", "a");
  const returns = logOf(run).map((record) => record["evaluation.return"] as number);
  const best = returns.indexOf(Math.max(...returns)) + 1;
  assertMatch(out, /6\/6 · \S+ steps · return \S+ \S+ · evaluation \S+ · .* \+ evaluation \d\.\d s/);
  assertMatch(out, new RegExp(`Best evaluation: \\S+ after iteration ${best}, kept as ${run}/checkpoints/best`));
  const iterationOf = async (place: string) => {
    const { code, out, err } = await fake("eval", join(run, place), "--episodes", "2", "--json");
    assertEquals([code, err, out.endsWith("}\n"), out.trim().split("\n").length], [0, "", true, 1]);
    return JSON.parse(out).iteration;
  };
  assertEquals(
    [await iterationOf("checkpoints/best"), await iterationOf("checkpoints/4"), await iterationOf(".")],
    [best, 4, 6],
  );
  const words = await fake("eval", join(run, "checkpoints", "best"));
  assertStringIncludes(words.out, `pendulum, policy after iteration ${best}, mean actions, 20 episodes\nreturn `);
  const missing = await fake("eval", join(run, "checkpoints", "5"), "--json");
  assertEquals([missing.code, missing.out], [1, ""]);
  assertStringIncludes(
    missing.err,
    `Cannot read checkpoint ${run}/checkpoints/000005 as it must be one that is there: those are 4, 6, best\n`,
  );
  const wrong = await fake("eval", run, "--episodes", "0");
  assertEquals([wrong.code, wrong.err], [
    2,
    "error: Cannot evaluate as --episodes must be 1 or more: current value is 0\n",
  ]);
});
