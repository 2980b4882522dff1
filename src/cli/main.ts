/**
 * The command line.
 *
 * @module
 */
import * as Layer from "effect/Layer";
import process from "node:process";
import { columnsOf } from "../report/display.ts";
import type { Application, Engine } from "./application.ts";
import { runCommandLine } from "./run_command_line.ts";

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

const application: Application = {
  load,
  output: {
    isTerminal: process.stdout.isTTY === true,
    columns: columnsOf(process.stdout.columns),
    write: (text) => void process.stdout.write(text),
  },
};

if (import.meta.main) runCommandLine(application, Deno.args);
