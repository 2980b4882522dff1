import { assert, assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import * as Effect from "effect/Effect";
import { readdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { storeBatch } from "../../src/data/memory.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { type Checkpoint, listCheckpoints, setAsideAfter, writeCheckpoint } from "../../src/run/checkpoint.ts";
import { pack, stateShape, unpack } from "../../src/run/checkpoint_tensors.ts";
import { sha256 } from "../../src/files/durable_file.ts";
import { CheckpointCorrupt } from "../../src/run/errors.ts";
import { readLatestCheckpoint } from "../../src/run/read_checkpoint.ts";
import { decodeSafetensors } from "../../src/files/safetensors.ts";
import { expectedLike, fakeBatch, fakeState } from "../program/fakes.ts";
import { temporaryFolder } from "../temporary.ts";

const key = makeKey(3);
const state = fakeState(key);
const temporary = () => temporaryFolder();

/** Checkpoint after `iteration` iterations, its memory holding the last three batches. */
const checkpointAt = (iteration: number): Checkpoint => {
  let memory = state.memory;
  for (let i = 1; i <= iteration; i++) memory = storeBatch(memory, batchOf(i), 24); // 24 = 3 batches of 8
  return { iteration, steps: 8 * iteration, seed: 5, pipelineHash: "abc", state: { ...state, memory } };
};
const batches = new Map<number, ReturnType<typeof fakeBatch>>();
const batchOf = (i: number) => {
  if (!batches.has(i)) batches.set(i, fakeBatch(fold(key, i), 4, 2));
  return batches.get(i)!;
};

const write = (folder: string, iteration: number, keep = 3) =>
  Effect.runSync(writeCheckpoint(folder, checkpointAt(iteration), keep));
const expected = expectedLike(state, 5);
const latest = (folder: string) => Effect.runSync(readLatestCheckpoint(folder, expected));

Deno.test("a checkpoint is read back as it was, memory included", () => {
  const folder = temporary();
  write(folder, 5);
  assertEquals(latest(folder).checkpoint, checkpointAt(5));
});

Deno.test("tensors carry the documented names and shapes", () => {
  const folder = temporary();
  const path = write(folder, 1);
  const { tensors } = decodeSafetensors(readFileSync(join(path, "state.safetensors")));
  const shapes = Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]));
  assertEquals(shapes["policy.layer0.weight"], [3, 4]);
  assertEquals(shapes["policy.layer1.bias"], [1]);
  assertEquals(shapes["policy.logStd"], [1]);
  assertEquals(shapes["value.first.network.target.layer0.weight"], [3, 5]);
  assertEquals(shapes["value.first.network.adam.first"], [26]); // (3 + 1)·5 + (5 + 1)·1
  assertEquals(shapes["model.first.network.members.0.layer2.weight"], [6, 3]);
  assertEquals(shapes["model.first.network.members.0.skip.weight"], [4, 3]);
  assertEquals(shapes["model.first.network.members.0.logStd"], undefined);
  assertEquals(shapes["normalizer.runningSquares"], [3]);
  assertEquals(shapes["normalizer.bound"], [3]);
  assertEquals(shapes["envs.state"], [2, 2]);
  assertEquals(tensors.get("policy.layer0.weight")!.data, state.policy.theta.slice(0, 12));
  const [file] = readdirSync(join(folder, "memory"));
  const batch = decodeSafetensors(readFileSync(join(folder, "memory", file))).tensors;
  assertEquals(batch.get("observation")!.shape, [4, 2, 3]);
  assertEquals(batch.get("reward")!.shape, [4, 2]);
  assertEquals(batch.get("action")!.shape, [4, 2, 1]);
  assertEquals(batch.get("episodeReturns")!.shape, [2]);
});

Deno.test("a field added to the state later is kept as well", () => {
  const extended = { ...state, later: { counts: Int32Array.of(1, 2), note: "x" } };
  const { structure, tensors } = pack(extended, "", stateShape(2));
  assertEquals(unpack(JSON.parse(JSON.stringify(structure)), tensors), extended);
});

Deno.test("the last ones are kept, and each batch of the memory lies there once", () => {
  const folder = temporary();
  for (const iteration of [1, 2, 3, 4, 5, 6]) write(folder, iteration, 2);
  assertEquals(listCheckpoints(folder), [5, 6]);
  assertEquals(readdirSync(join(folder, "memory")).length, 4); // batches 3, 4, 5 of one and 4, 5, 6 of the other
});

Deno.test("what a killed writer left behind is ignored, then removed", () => {
  const folder = temporary();
  write(folder, 1);
  Deno.mkdirSync(join(folder, ".tmp-000002-99"));
  writeFileSync(join(folder, "memory", ".tmp-abc"), "half");
  assertEquals(latest(folder).checkpoint.iteration, 1);
  write(folder, 2);
  assertEquals(readdirSync(folder).sort(), ["000001", "000002", "memory"]);
  assertEquals(readdirSync(join(folder, "memory")).length, 2);
});

const damage: ReadonlyArray<readonly [string, (path: string, folder: string) => void, string]> = [
  [
    "a truncated state",
    (path) => truncateSync(join(path, "state.safetensors"), 100),
    "state.safetensors has a wrong checksum",
  ],
  [
    "a truncated manifest",
    (path) => truncateSync(join(path, "manifest.json"), 100),
    "manifest.json must be whole JSON",
  ],
  ["a changed number in the manifest", (path) => {
    const text = readFileSync(join(path, "manifest.json"), "utf8");
    writeFileSync(join(path, "manifest.json"), text.replace('"steps": 16', '"steps": 17'));
  }, "manifest.json has a wrong checksum"],
  ["another version", (path) => {
    const { checksum: _, ...manifest } = JSON.parse(readFileSync(join(path, "manifest.json"), "utf8"));
    const later = { ...manifest, version: 2 };
    writeFileSync(join(path, "manifest.json"), JSON.stringify({ ...later, checksum: sha256(JSON.stringify(later)) }));
  }, "its schema version must be 5: it is 2"],
  ["a missing file", (path) => renameSync(join(path, "state.safetensors"), join(path, "gone")), "no such file"],
  ["a flipped bit in the state", (path) => {
    const bytes = readFileSync(join(path, "state.safetensors"));
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(join(path, "state.safetensors"), bytes);
  }, "wrong checksum"],
  ["a flipped bit in a batch that only the newest holds", (path, folder) => {
    const newest = JSON.parse(readFileSync(join(path, "manifest.json"), "utf8")).batches.at(-1);
    const file = join(folder, "memory", `${newest}.safetensors`);
    const bytes = readFileSync(file);
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(file, bytes);
  }, "wrong checksum"],
];

for (const [what, harm, reason] of damage) {
  Deno.test(`${what} falls back to the checkpoint before, and says so`, () => {
    const folder = temporary();
    write(folder, 1);
    const path = write(folder, 2);
    harm(path, folder);
    const { checkpoint, skipped } = latest(folder);
    assertEquals(checkpoint, checkpointAt(1));
    assertEquals(skipped.length, 1);
    assertStringIncludes(skipped[0].message, `Cannot read checkpoint ${path} as`);
    assertStringIncludes(skipped[0].message, reason);
  });
}

Deno.test("where none can be read, the newest one's problem is the error", () => {
  const folder = temporary();
  truncateSync(join(write(folder, 1), "manifest.json"), 3);
  const error = Effect.runSync(Effect.flip(readLatestCheckpoint(folder, expected)));
  assertInstanceOf(error, CheckpointCorrupt);
  assertStringIncludes(error.message, "000001");
  const none = Effect.runSync(Effect.flip(readLatestCheckpoint(join(folder, "nowhere"), expected)));
  assert(none.message.endsWith("it must hold a checkpoint: there is none"));
});

Deno.test("of the checkpoints set aside, the newest one is kept", () => {
  const folder = temporary();
  for (const iteration of [1, 2, 3]) write(folder, iteration);
  Effect.runSync(setAsideAfter(folder, 1));
  assertEquals(readdirSync(folder).sort(), ["000001", "memory", "unreadable-000002", "unreadable-000003"]);
  write(folder, 2);
  assertEquals(readdirSync(folder).sort(), ["000001", "000002", "memory", "unreadable-000003"]);
});
