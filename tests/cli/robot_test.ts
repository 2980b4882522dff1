/** A robot of one's own trains by one command, goes on bit for bit, and is refused where its model has changed. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { antMjcf } from "../../src/tasks/mjcf/ant.ts";
import { real } from "./child.ts";
import { temporaryFolder } from "../temporary.ts";

const tiny = [
  ...[
    "collect.steps=200",
    "collect.environments=2",
    "fitModel.updates=2",
    "fitModel.batchSize=16",
    "fitValue.epochs=1",
  ],
  "networks.model.hidden=[8]",
].flatMap((change) => ["--set", change]);

Deno.test("a three-link walker trains: resumed, and by workers, with the same bits", async () => {
  const folder = temporaryFolder(), runs = join(folder, "runs");
  cpSync("fixtures/robot", folder, { recursive: true });
  const train = (name: string, ...more: ReadonlyArray<string>) =>
    real("train", join(folder, "walker.yaml"), "--runs", runs, "--run", name, ...tiny, ...more);
  const whole = await train("whole", "--iterations", "2", "--workers", "2");
  assertEquals([whole.code, whole.err], [0, ""]);
  assertEquals((await train("parts", "--iterations", "1")).code, 0);
  assertEquals((await real("train", "--resume", join(runs, "parts"), "--iterations", "2")).code, 0);
  const bytes = (name: string) => readFileSync(join(runs, name, "checkpoints/000002/state.safetensors"));
  assertEquals(bytes("parts"), bytes("whole"));
  const kept = readFileSync(join(runs, "whole/sources/walker.xml"), "utf8");
  assertEquals(kept, readFileSync(join(folder, "walker.xml"), "utf8"));
  const planar = await train("planar", "--iterations", "1", "--set", "task.backend=planar", "--workers", "1");
  assertEquals([planar.code, planar.err], [0, ""]);
  const evaluated = await real("eval", join(runs, "whole"), "--episodes", "2");
  assertEquals(evaluated.code, 0, evaluated.err);

  writeFileSync(join(folder, "walker.xml"), kept.replace('gear="60"', 'gear="61"'));
  const changed = await real("train", "--resume", join(runs, "whole"), "--iterations", "3");
  assertEquals(changed.code, 2);
  assertStringIncludes(changed.err, "walker.xml");
  assertEquals((await real("train", "--resume", join(runs, "whole"), "--iterations", "3", "--accept-changes")).code, 0);
});

Deno.test("compare-physics tells how far the planar engine is from MuJoCo, or what is not planar", async () => {
  const { code, out, err } = await real("compare-physics", "fixtures/robot/walker.xml", "--steps", "100");
  assertEquals([code, err], [0, ""]);
  const [head, engines, single, , , last] = out.split("\n");
  assertEquals(engines, "  the planar engine, generated code, and MuJoCo, compiled to WASM");
  assertEquals(
    head,
    "fixtures/robot/walker.xml: the planar engine against MuJoCo over 100 physics steps (m or rad, and their rates)",
  );
  const found = /^ {2}one step from equal states: at most qpos (\S+), qvel (\S+)$/.exec(single)!;
  assertEquals(found.slice(1).every((each) => Number(each) < 1e-9), true, single);
  assertStringIncludes(last, "  100 steps on their own: qpos ");
  const ant = join(temporaryFolder(), "ant.xml");
  writeFileSync(ant, antMjcf);
  const refused = await real("compare-physics", ant);
  assertEquals(refused.code, 2);
  assertStringIncludes(refused.err, "it has free joints (backend: mujoco runs it)");
});
