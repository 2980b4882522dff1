/**
 * The process of a cell, told its work as a runner does.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hashPipeline, printPipeline } from "../../src/config/print.ts";
import { resolvePipeline } from "../../src/config/resolve.ts";
import { parseEvent } from "../../src/sweep/cell_events.ts";
import type { CellWork } from "../../src/sweep/cell_work.ts";
import { fakeCatalog } from "../program/fakes.ts";
import { temporaryFolder } from "../temporary.ts";

const sweep = "2f1c7a52-5a0e-4d0b-9c1e-0a8f6b7d3e21";

/** (YAML, modules by name) ⇒ work below a new root, beside which something else lies; all in one folder. */
export const makeWork = async (
  text = "task: pendulum\niterations: 4\nprogram: [collect, store, trpoUpdate]\n",
  modules: Readonly<Record<string, string>> = {},
) => {
  const base = realpathSync(temporaryFolder()), root = join(base, "runs"), file = join(base, "pipeline.yaml");
  mkdirSync(join(root, "mine"), { recursive: true });
  writeFileSync(join(root, "mine", "notes.md"), "mine");
  writeFileSync(file, text);
  for (const [name, code] of Object.entries(modules)) writeFileSync(join(base, name), code);
  const pipeline = await Effect.runPromise(resolvePipeline(file, [], fakeCatalog));
  const id = `pendulum-a-s0-${hashPipeline(pipeline, fakeCatalog).slice(0, 8)}`;
  const work: CellWork = {
    sweep,
    id,
    attempt: 1,
    iterations: 4,
    folder: join(root, "study"),
    pipeline: printPipeline(pipeline),
  };
  return { base, root, work };
};

/** (standard input) ⇒ what the process told, once it has ended or said its last word. */
export const tell = async (line: string) => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--node-modules-dir=manual", "tests/cli/fake_main.ts", "cell"],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(line + "\n"));
  let text = "";
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (/^\{"event":"(done|failed)".*\}$/m.test(text)) await writer.close().catch(() => {});
  }
  await child.status;
  return text.split("\n").map(parseEvent).filter((event) => event !== null);
};

/** (root, work, modules that it may import) ⇒ the line that tells it. */
export const request = (runs: string, work: unknown, modules: ReadonlyArray<string> = []): string =>
  JSON.stringify({ runs, modules, work });
