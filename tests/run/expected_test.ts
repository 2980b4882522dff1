import { assertEquals } from "@std/assert";
import * as Effect from "effect/Effect";
import { builtIn } from "../../src/config/built_in.ts";
import type { Catalog } from "../../src/config/catalog.ts";
import { expectedOf, expectedToGoOn } from "../../src/run/expected.ts";
import { hashPipeline } from "../../src/config/print.ts";
import { resolvePipeline } from "../../src/config/resolve.ts";
import type { Task } from "../../src/tasks/task.ts";
import { fakeCatalog } from "../program/fakes.ts";
import { temporaryFile } from "../temporary.ts";

const resolved = (file: string, overrides: ReadonlyArray<string>, catalog: Catalog) =>
  Effect.runSync(resolvePipeline(file, overrides, catalog));

Deno.test("a checkpoint is expected with the task's widths, the pipeline's networks and its environments", () => {
  const overrides = ["networks.policy.hidden=[7]", "collect.environments=4", "collect.steps=8", "seed=9"];
  const pipeline = resolved("pipelines/hopper_mscv.yaml", overrides, builtIn);
  const expected = Effect.runSync(expectedOf(pipeline, builtIn));
  assertEquals(expected.widths, { observation: 11, action: 3, state: 12 }); // Gymnasium's Hopper-v5
  assertEquals(expected.state.policy.shape.sizes, [11, 7, 3]);
  assertEquals([expected.environments, expected.state.envs.count, expected.seed], [[4], 0, 9]);
  assertEquals(expected.pipelineHash, null);
  assertEquals(Effect.runSync(expectedToGoOn(pipeline, builtIn)).pipelineHash, hashPipeline(pipeline, builtIn));
});

Deno.test("a stage of one's own that writes environments without being told how many may write any number", () => {
  const { collect } = fakeCatalog.stages;
  const file = temporaryFile(".yaml");
  Deno.writeTextFileSync(file, "task: pendulum\nprogram: [collect, store, own, store, trpoUpdate]\n");
  const make = (task: Task) => ({ ...collect(task), name: "own" });
  const own = Object.assign(make, { ...collect, stageName: "own", options: fakeCatalog.stages.store.options });
  const catalog = { ...fakeCatalog, stages: { ...fakeCatalog.stages, own } };
  const expected = Effect.runSync(expectedOf(resolved(file, [], catalog), catalog));
  assertEquals(expected.environments, null);
});
