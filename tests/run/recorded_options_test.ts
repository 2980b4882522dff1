/** Runs from before there was an option go on, and are opened, as they were. */
import { assertEquals, assertNotEquals } from "@std/assert";
import * as Effect from "effect/Effect";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { builtIn } from "../../src/config/built_in.ts";
import type { ModelOptions, Pipeline } from "../../src/config/pipeline.ts";
import { hashPipeline } from "../../src/config/print.ts";
import { resolvePipeline } from "../../src/config/resolve.ts";
import { openRun } from "../../src/run/open_run.ts";
import { optionsSince } from "../../src/run/recorded_options.ts";
import { resumeRun, trainRun } from "../../src/run/train_run.ts";
import { temporaryFolder } from "../temporary.ts";

Deno.test("a run whose pipeline names no linear part has none, and goes on with the same bits", async () => {
  const folder = join(temporaryFolder(), "run"), file = join(folder, "pipeline.yaml");
  const set = ["networks.model.linear=false", "collect.steps=100", "fitValue.epochs=1"];
  await Effect.runPromise(trainRun({ pipeline: "pipelines/reacher_trpo.yaml", set, iterations: 1, folder }));
  const recorded = readFileSync(file, "utf8"), earlier = recorded.replace(/\n *linear: false/, "");
  assertNotEquals(earlier, recorded);
  assertEquals(optionsSince(file), []);
  writeFileSync(file, earlier);
  assertEquals(optionsSince(file), ["networks.model.linear=false"]);
  assertEquals((await Effect.runPromise(openRun(folder))).checkpoint.iteration, 1);
  const { checkpoint: resumed } = await Effect.runPromise(resumeRun(folder, { iterations: 2 }));
  const whole = join(temporaryFolder(), "run");
  const atOnce = await Effect.runPromise(
    trainRun({ pipeline: "pipelines/reacher_trpo.yaml", set, iterations: 2, folder: whole }),
  );
  assertEquals(resumed.state.policy, atOnce.checkpoint.state.policy);
});

Deno.test("the hash of a pipeline without a linear part is that of one that knows of none", () => {
  const of = (set: string) => Effect.runSync(resolvePipeline("pipelines/reacher_mscv.yaml", [set], builtIn));
  const [without, beside] = [of("networks.model.linear=false"), of("networks.model.linear=true")];
  const { linear: _, ...model } = without.networks.model as ModelOptions;
  const earlier = { ...without, networks: { ...without.networks, model } } as Pipeline;
  assertEquals(hashPipeline(without, builtIn), hashPipeline(earlier, builtIn));
  assertNotEquals(hashPipeline(beside, builtIn), hashPipeline(without, builtIn));
});

Deno.test("a simulator, or a pipeline that cannot be read, is left to its own", () => {
  const file = join(temporaryFolder(), "pipeline.yaml");
  for (const text of ["task: hopper\nnetworks: { model: { kind: simulator } }\n", "networks: [", "[]"]) {
    writeFileSync(file, text);
    assertEquals(optionsSince(file), []);
  }
});
