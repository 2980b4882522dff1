/**
 * The command line.
 *
 * @module
 */
import * as Layer from "effect/Layer";
import type { Engine } from "../run/engine.ts";
import type { Application } from "./application.ts";
import { runCommandLine } from "./run_command_line.ts";
import { standardOutput } from "./standard_output.ts";

/** Imported when a command needs it: tensors and physics take a moment to load. */
const load = async (): Promise<Engine> => {
  const [{ builtIn }, { inlineSampler }, { workerSampler }, { tensorRuntime }] = await Promise.all([
    import("../config/built_in.ts"),
    import("../rollout/inline.ts"),
    import("../rollout/workers.ts"),
    import("../stages/tensor_runtime.ts"),
  ]);
  const services: Engine["services"] = (workers) =>
    Layer.merge(workers === 0 ? inlineSampler : workerSampler(workers), tensorRuntime);
  return { catalog: builtIn, services };
};

const application: Application = { load, output: standardOutput };

if (import.meta.main) runCommandLine(application, Deno.args);
