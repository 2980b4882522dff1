/** Robots of one's own in pipeline files: what is decoded, hashed and refused. */
import { assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import * as Effect from "effect/Effect";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { builtIn } from "../../src/config/built_in.ts";
import { hashPipeline, printPipeline } from "../../src/config/print.ts";
import type { ConfigInvalid } from "../../src/config/problems.ts";
import { resolvePipeline } from "../../src/config/resolve.ts";
import { temporaryFolder } from "../temporary.ts";

/** (changes to the files) ⇒ a folder with the fixture. */
const placed = (...changes: ReadonlyArray<readonly [file: string, from: string | RegExp, to: string]>) => {
  const folder = temporaryFolder();
  cpSync("fixtures/robot", folder, { recursive: true });
  for (const [file, from, to] of changes) {
    const path = join(folder, file), text = readFileSync(path, "utf8"), changed = text.replace(from, to);
    assertNotEquals(changed, text);
    writeFileSync(path, changed);
  }
  return join(folder, "walker.yaml");
};

const resolved = (file: string, ...overrides: string[]) => Effect.runPromise(resolvePipeline(file, overrides, builtIn));

/** Problems without the name of the folder. */
const problems = async (file: string, ...overrides: string[]): Promise<ReadonlyArray<string>> => {
  const told: ConfigInvalid = await Effect.runPromise(Effect.flip(resolvePipeline(file, overrides, builtIn)));
  return told.problems.map((each) => each.replace(/^\S*walker\.yaml/, "walker.yaml"));
};

Deno.test("a robot is written with its defaults, and read again as it was; a model elsewhere has the same hash", async () => {
  const file = placed(), pipeline = await resolved(file), written = file.replace("walker.yaml", "again.yaml");
  assertEquals([pipeline.task, Object.keys(pipeline.sources)], ["walker", ["defaults.xml", "walker.xml"]]);
  const text = printPipeline(pipeline);
  assertStringIncludes(text, "resetNoise:\n    positions: 0.005");
  writeFileSync(written, text);
  assertEquals(await resolved(written), pipeline);
  const hash = hashPipeline(pipeline, builtIn);
  assertEquals(hashPipeline(await resolved(placed()), builtIn), hash);
  const others = [
    placed(["walker.xml", 'gear="60"', 'gear="61"']),
    placed(["defaults.xml", 'damping="1"', 'damping="2"']), // an include
    placed(["walker.yaml", "alive: 1", "alive: 2"]),
  ];
  for (const other of others) assertNotEquals(hashPipeline(await resolved(other), builtIn), hash);
  assertNotEquals(hashPipeline(await resolved(file, "task.frameSkip=2"), builtIn), hash);
});

Deno.test("a robot that does not hold is told with its place", async () => {
  assertEquals(
    await problems(placed(["walker.yaml", "forwardVelocity: { body: torso }", "forwardVelocity: { body: trso }"])),
    [
      "walker.yaml:7:30 task.reward.forwardVelocity.body: must be a body of the model: the model has world, torso, front, " +
      'hind: current value is "trso", did you mean "torso"?',
    ],
  );
  assertEquals(await problems(placed(["walker.yaml", "frameSkip: 5", "frameSkip: 0"])), [
    "walker.yaml:4:14 task.frameSkip: must be a value greater than 0: current value is 0",
  ]);
  assertEquals(await problems(placed(["walker.yaml", "frameSkip: 5", "framSkip: 5"])), [
    'walker.yaml:4:3 task.framSkip: unknown key "framSkip", did you mean "frameSkip"?',
  ]);
  assertEquals(await problems(placed(["walker.yaml", "mjcf: walker.xml", "mjcf: runner.xml"])), [
    "walker.yaml:3:9 task.mjcf: must be a readable MJCF file: there is no such file",
  ]);
  const [model] = await problems(placed(["walker.xml", 'type="slide" axis="1 0 0"', 'type="slid"']));
  assertStringIncludes(model, "walker.yaml:3:9 task.mjcf: must be a model that MuJoCo takes: Cannot load ");
  assertStringIncludes(model, "walker.xml:8 as MuJoCo must compile it: XML Error: invalid keyword: 'slid'");
  const [include] = await problems(placed(["walker.xml", "defaults.xml", "nowhere.xml"]));
  assertStringIncludes(include, "Error opening file 'nowhere.xml'");
  const planar = "task.backend=planar";
  assertEquals((await resolved(placed(), planar)).task, "walker");
  const [foreign] = await problems(
    placed(["walker.xml", '<geom name="torso"', '<geom name="torso" condim="4"']),
    planar,
  );
  assertStringIncludes(foreign, "task.backend: must be mujoco for this model: Cannot simulate ");
  assertStringIncludes(foreign, "it has contacts of condim 4 or 6 (backend: mujoco runs it)");
  const [taken] = await problems(placed(["walker.yaml", "mjcf: walker.xml", "mjcf: walker.xml\n  name: hopper"]));
  assertStringIncludes(taken, 'task: must define names that are new: of tasks, "hopper" is among the built-in ones');
});
