/**
 * The command line with tasks of a user's own beside the built-in ones: what the tests start as a child process.
 *
 * @module
 */
import * as Layer from "effect/Layer";
import { runApplication } from "../../src/cli/run_command_line.ts";
import { standardOutput } from "../../src/cli/standard_output.ts";
import { builtIn } from "../../src/config/built_in.ts";
import { inlineSampler } from "../../src/rollout/inline.ts";
import { workerSampler } from "../../src/rollout/workers.ts";
import { tensorRuntime } from "../../src/stages/tensor_runtime.ts";
import { withModules } from "../../src/tasks/task.ts";
import { lever } from "../tasks/lever.ts";
import { blindCart, pendulum } from "../tasks/pendulum.ts";

const modules = [new URL("../tasks/pendulum.ts", import.meta.url).href];
const levers = [new URL("../tasks/lever.ts", import.meta.url).href];
const own = {
  lever: withModules(lever, levers),
  pendulum: withModules(pendulum, modules),
  "blind-cart": withModules(blindCart, modules),
};
const catalog = { ...builtIn, tasks: { ...builtIn.tasks, ...own } };

runApplication({
  load: () =>
    Promise.resolve({
      catalog,
      services: (workers: number) => Layer.merge(workers === 0 ? inlineSampler : workerSampler(workers), tensorRuntime),
    }),
  output: standardOutput,
}, Deno.args);
