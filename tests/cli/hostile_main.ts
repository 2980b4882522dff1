/**
 * The command line with a stage that reaches beyond its sandbox, for tests.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Schema from "effect/Schema";
import { runApplication } from "../../src/cli/run_command_line.ts";
import { standardOutput } from "../../src/cli/standard_output.ts";
import { inlineSampler } from "../../src/rollout/inline.ts";
import { defineStage, type Stage } from "../../src/stages/stage.ts";
import { tensorRuntime } from "../../src/stages/tensor_runtime.ts";
import { fakeCatalog } from "../program/fakes.ts";

const deeds: Readonly<Record<string, () => unknown>> = {
  read: () => Deno.readTextFileSync("/etc/hostname"),
  list: () => [...Deno.readDirSync("/")],
  write: () => Deno.writeTextFileSync("src/cli/main.ts", ""),
  connect: () => Deno.connect({ hostname: "127.0.0.1", port: 9 }),
  listen: () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  fetch: () => fetch("http://127.0.0.1:18709"),
  run: () => new Deno.Command("sh", { args: ["-c", "true"] }).outputSync(),
  env: () => Deno.env.toObject(),
  load: () => Deno.dlopen("/usr/lib/libc.so.6", {}),
};

const reach = defineStage({
  name: "reach",
  summary: "Reaches beyond the sandbox",
  options: Schema.Struct({ for: Schema.String }),
  metrics: {},
  make: (_task, o): Stage<"policy", "policy"> => ({
    name: "reach",
    reads: ["policy"],
    writes: ["policy"],
    run: ({ policy }) => Effect.promise(async () => void await deeds[o.for]()).pipe(Effect.as({ policy, metrics: {} })),
  }),
});

if (import.meta.main) {
  const catalog = { ...fakeCatalog, stages: { ...fakeCatalog.stages, reach } };
  const services = () => Layer.merge(inlineSampler, tensorRuntime);
  runApplication({ load: () => Promise.resolve({ catalog, services }), output: standardOutput }, Deno.args);
}
