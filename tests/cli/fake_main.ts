/**
 * The command line over fake stages: what the tests start as a child process.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { runApplication } from "../../src/cli/run_command_line.ts";
import { standardOutput } from "../../src/cli/standard_output.ts";
import { Sampler } from "../../src/rollout/sampler.ts";
import { TensorRuntime, type TensorRuntimeService } from "../../src/stages/tensor_runtime.ts";
import { fakeCatalog, fakeSampler } from "../program/fakes.ts";

const services = Layer.merge(
  Layer.succeed(Sampler, fakeSampler),
  Layer.succeed(TensorRuntime, {
    report: { kernels: "none" } as unknown as TensorRuntimeService["report"],
    threads: 1,
    scoped: () => Effect.die("no tensors here"),
    aside: () => Effect.die("no tensors here"),
  }),
);

runApplication({
  load: () => Promise.resolve({ catalog: fakeCatalog, services: () => services }),
  output: standardOutput,
}, Deno.args);
