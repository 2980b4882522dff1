/**
 * The process of a cell, given work that came out of a database into which somebody else has written.
 *
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeWork, request, tell } from "./told_cell.ts";

/** (path) ⇒ everything below it: names, and contents of files. */
const pictureOf = (path: string): ReadonlyArray<string> =>
  readdirSync(path, { recursive: true, encoding: "utf8" }).sort().map((name) => {
    const whole = join(path, name);
    return existsSync(whole) && statSync(whole).isFile() ? `${name}: ${readFileSync(whole, "utf8")}` : name;
  });

Deno.test("a cell trains what its runner names, below the root", async () => {
  const { root, work } = await makeWork();
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
  const { base, root, work } = await makeWork();
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
  const { base, root, work } = await makeWork();
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
  const { base, root, work } = await makeWork();
  await tell(request(root, work));
  for (const change of [{ sweep: "9e107d9d-372b-4b68-8f3a-1c2d3e4f5a6b" }, { id: work.id.replace(/.$/, "x") }]) {
    await refused(base, request(root, { ...work, ...change }));
  }
});
