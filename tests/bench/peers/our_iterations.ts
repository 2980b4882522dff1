/**
 * Our training iterations, one a request, and the memory of a whole run from the command line.
 *
 *   deno run --allow-all tests/bench/peers/our_iterations.ts   (answers requests)
 */
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { buildProgram, resolvePipeline } from "../../../src/config/resolve.ts";
import { taskOf } from "../../../src/config/task_in_pipeline.ts";
import { builtIn } from "../../../src/config/built_in.ts";
import { fold, makeKey } from "../../../src/math/random.ts";
import { iterate, type IterationResult } from "../../../src/program/iterate.ts";
import { inlineSampler } from "../../../src/rollout/inline.ts";
import { tensorRuntime } from "../../../src/stages/tensor_runtime.ts";
import { type Answer, type Request, serve } from "./protocol.ts";
import { temporaryFolder } from "../../temporary.ts";

const root = new URL("../../../", import.meta.url);
const services = Layer.merge(inlineSampler, tensorRuntime);

/** (pipeline file, overrides) ⇒ a function that runs its next iteration. */
const makeRun = async (file: string, overrides: ReadonlyArray<string>): Promise<() => Promise<IterationResult>> => {
  const path = new URL(`pipelines/${file}`, root).pathname;
  const pipeline = await Effect.runPromise(resolvePipeline(path, overrides, builtIn));
  const task = taskOf(pipeline, builtIn), key = makeKey(pipeline.seed);
  const program = { stages: buildProgram(pipeline, builtIn) };
  let state = builtIn.initialState(task, pipeline, fold(key, "initialState")), iteration = 0;
  return async () => {
    const result = await Effect.runPromise(Effect.provide(iterate(program, state, key, ++iteration), services));
    state = result.state;
    return result;
  };
};

const runs = new Map<string, () => Promise<IterationResult>>();

/** Seconds of the next iteration, or of one stage of it; the rest by stage. */
const iteration = async (file: string, overrides: ReadonlyArray<string>, stage: string | null): Promise<Answer> => {
  const id = [file, ...overrides].join(" ");
  if (!runs.has(id)) runs.set(id, await makeRun(file, overrides));
  const start = performance.now();
  const { seconds } = await runs.get(id)!();
  const wall = (performance.now() - start) / 1000;
  const { total: _, ...parts } = seconds;
  return { value: stage === null ? wall : seconds[stage], parts };
};

/** (process) ⇒ largest resident memory so far, MB; what it holds now where the system keeps no peak. */
const residentMemory = async (pid: number): Promise<number> => {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024 / 1e6;
  } catch {
    const { stdout } = await new Deno.Command("ps", { args: ["-o", "rss=", "-p", `${pid}`], stderr: "null" }).output();
    return Number(new TextDecoder().decode(stdout)) * 1024 / 1e6;
  }
};

/** Peak memory of `train`, MB. */
const memory = async (file: string, iterations: number): Promise<Answer> => {
  const runs = temporaryFolder();
  const main = new URL("src/cli/main.ts", root).pathname, pipeline = new URL(`pipelines/${file}`, root).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", main, "train", pipeline, "--iterations", `${iterations}`, "--runs", runs],
    cwd: root,
    stdout: "null",
  }).spawn();
  let peak = 0, ended = false;
  const status = child.status.finally(() => ended = true);
  while (!ended) {
    peak = Math.max(peak, await residentMemory(child.pid));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  Deno.removeSync(runs, { recursive: true });
  const { code } = await status;
  if (code !== 0) throw new Error(`train ended with code ${code}`);
  return { value: peak };
};

await serve({
  versions: () => ({ value: 0, versions: { Deno: Deno.version.deno, V8: Deno.version.v8 } }),
  iteration: (r: Request) => iteration(r.pipeline as string, r.set as string[], (r.stage ?? null) as string | null),
  memory: (r: Request) => memory(r.pipeline as string, r.iterations as number),
});
