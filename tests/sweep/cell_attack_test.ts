/**
 * The process of a cell, given work that came out of a database into which somebody else has written.
 *
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import * as Effect from "effect/Effect";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { hashPipeline, printPipeline } from "../../src/config/print.ts";
import { resolvePipeline } from "../../src/config/resolve.ts";
import { parseEvent } from "../../src/sweep/cell_events.ts";
import type { CellWork } from "../../src/sweep/cell_work.ts";
import { fakeCatalog } from "../program/fakes.ts";

/** (path) ⇒ everything below it: names, and contents of files. */
const pictureOf = (path: string): ReadonlyArray<string> =>
  readdirSync(path, { recursive: true, encoding: "utf8" }).sort().map((name) => {
    const whole = join(path, name);
    return existsSync(whole) && statSync(whole).isFile() ? `${name}: ${readFileSync(whole, "utf8")}` : name;
  });

const sweep = "2f1c7a52-5a0e-4d0b-9c1e-0a8f6b7d3e21";

/** (YAML) ⇒ work below a new root, beside which something else lies; both in one folder. */
const makeWork = (text = "task: pendulum\niterations: 4\nprogram: [collect, store, trpoUpdate]\n") => {
  const base = realpathSync(Deno.makeTempDirSync()), root = join(base, "runs"), file = join(base, "pipeline.yaml");
  mkdirSync(join(root, "mine"), { recursive: true });
  writeFileSync(join(root, "mine", "notes.md"), "mine");
  writeFileSync(file, text);
  const pipeline = Effect.runSync(resolvePipeline(file, [], fakeCatalog));
  const id = `pendulum-a-s0-${hashPipeline(pipeline).slice(0, 8)}`;
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
const tell = async (line: string) => {
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

const request = (runs: string, work: unknown): string => JSON.stringify({ runs, modules: [], work });

Deno.test("a cell trains what its runner names, below the root", async () => {
  const { root, work } = makeWork();
  const events = await tell(request(root, work));
  assertEquals(events[0], { event: "accepted" });
  assertEquals(events.at(-1)?.event, "done");
  assertEquals(readdirSync(work.folder).sort(), ["cells", "pipelines", "sweep.key"]);
});

const refused = async (base: string, line: string, tag = "WorkInvalid") => {
  const before = pictureOf(base);
  const events = await tell(line);
  assertEquals(events.map(({ event }) => event), ["failed"], line);
  const [failed] = events;
  assertEquals(failed.event === "failed" && failed.tag, tag, line);
  assertEquals(failed.event === "failed" && failed.message.startsWith("Cannot "), true, line);
  assertEquals(pictureOf(base), before, line);
  return failed.event === "failed" ? failed.message : "";
};

Deno.test("work that climbs, or is of another shape, ends the process with a word, and nothing is written", async () => {
  const { base, root, work } = makeWork();
  mkdirSync(join(base, "outside"));
  symlinkSync(join(base, "outside"), join(root, "out"));
  mkdirSync(join(root, "linked", "cells"), { recursive: true });
  symlinkSync(join(root, "mine"), join(root, "linked", "cells", work.id));
  const changes: ReadonlyArray<Record<string, unknown>> = [
    { folder: "" },
    { folder: join(base, "outside") },
    { folder: join(root, "out", "study") },
    { folder: join(root, "linked") },
    { folder: `${root}/../outside` },
    { folder: `${root}/a\0b` },
    { folder: join(root, "mine") }, // below the root, and not the sweep's
    { id: `../../${work.id}` },
    { pipeline: 7 },
  ];
  for (const change of changes) await refused(base, request(root, { ...work, ...change }));
  for (const line of ["{", JSON.stringify(work), request("", work)]) {
    await refused(base, line);
  }
});

Deno.test("the pipeline is decoded before anything is written: it names no other file, and is the one that the cell is named after", async () => {
  const { base, root, work } = makeWork();
  writeFileSync(join(base, "secret.yaml"), "task: pendulum\nprogram: [collect]\n# s3cret\n");
  const pipelines: ReadonlyArray<string> = [
    `extends: ${join(base, "secret.yaml")}\n`,
    "task: [",
    "7",
    "task: other\nprogram: []\n",
  ];
  for (const pipeline of pipelines) {
    const message = await refused(base, request(root, { ...work, pipeline }), "ConfigInvalid");
    assertEquals(message.includes("s3cret"), false);
  }
  const other = work.pipeline.replace("seed: 0", "seed: 1");
  assertMatch(await refused(base, request(root, { ...work, pipeline: other })), /must be named after its pipeline/);
});

Deno.test("a run that another sweep has trained is neither set aside nor removed", async () => {
  const { base, root, work } = makeWork();
  await tell(request(root, work));
  for (const change of [{ sweep: "9e107d9d-372b-4b68-8f3a-1c2d3e4f5a6b" }, { id: work.id.replace(/.$/, "x") }]) {
    await refused(base, request(root, { ...work, ...change }));
  }
});
