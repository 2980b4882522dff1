/** An ablation over robots of one's own, each by its MJCF file. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../temporary.ts";
import { real } from "./child.ts";

/** A pole on a hinge, to be held upright. */
const pole = `<mujoco><worldbody><body name="pole" pos="0 0 1"><joint name="hinge" axis="0 1 0" damping=".1"/>
  <geom type="capsule" fromto="0 0 0 0 0 .6" size=".03"/></body></worldbody>
  <actuator><motor joint="hinge" gear="5" ctrlrange="-1 1"/></actuator></mujoco>`;

const study = (keys: readonly [string, string]) =>
  `base: { ${keys[0]}: walker.yaml, ${keys[1]}: pole.yaml }
iterations: 1
networks: { model: { hidden: [8] } }
set:
  collect: { steps: 200, environments: 2 }
  fitModel: { updates: 2, batchSize: 16 }
  fitValue: { epochs: 1 }
axes:
  backend: { task.backend: [mujoco, planar] }
  seed: [3]
`;

Deno.test("two robots, on both engines each: every cell trains its own", async () => {
  const folder = temporaryFolder(), file = join(folder, "study.yaml"), out = join(folder, "sweep");
  cpSync("fixtures/robot", folder, { recursive: true });
  const program = readFileSync(join(folder, "walker.yaml"), "utf8").split("program:")[1];
  const task = "task: { mjcf: pole.xml, frameSkip: 2, timeLimit: 50, reward: { uprightness: { body: pole } } }";
  writeFileSync(join(folder, "pole.xml"), pole);
  writeFileSync(join(folder, "pole.yaml"), `${task}\niterations: 9\nprogram:${program}`);

  writeFileSync(file, study(["walker", "stick"]));
  const refused = await real("ablate", file, "--out", out);
  assertEquals(refused.code, 2);
  assertMatch(refused.err, /base\.stick: must be a pipeline for stick: it is one for pole/);

  writeFileSync(file, study(["walker", "pole"]));
  const { code, err } = await real("ablate", file, "--out", out, "--slots", "1");
  assertEquals(code, 0, err);
  const cells = readdirSync(join(out, "cells")).sort();
  assertEquals(
    cells.map((name) => name.split("-").slice(0, 2).join(" ")),
    [
      "pole mujoco",
      "pole planar",
      "walker mujoco",
      "walker planar",
    ].map((name) => name.replace(" ", " backend")),
  );
  const of = (name: string, part: string) => readFileSync(join(out, "cells", name, part), "utf8");
  for (const name of cells) {
    assertEquals(of(name, "metrics.jsonl").trim().split("\n").length, 1);
    assert(of(name, `sources/${name.split("-")[0]}.xml`).includes("<mujoco"));
  }
});
