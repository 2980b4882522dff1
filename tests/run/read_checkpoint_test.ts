import { assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import * as Effect from "effect/Effect";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { storeBatch } from "../../src/data/memory.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { type Checkpoint, listCheckpoints, writeCheckpoint } from "../../src/run/checkpoint.ts";
import { CheckpointCorrupt, RunFolderInvalid } from "../../src/run/errors.ts";
import type { Expected } from "../../src/run/expected_state.ts";
import { readCheckpoint, readLatestCheckpoint } from "../../src/run/read_checkpoint.ts";
import type { TrainState } from "../../src/stages/stage.ts";
import { expectedLike, fakeBatch, fakeState } from "../program/fakes.ts";
import { temporaryFolder } from "../temporary.ts";

const key = makeKey(7);
const state: TrainState = {
  ...fakeState(key),
  memory: storeBatch(fakeState(key).memory, { ...fakeBatch(fold(key, 1), 4, 2), elapsed: Int32Array.of(0, 5) }, 100),
};
const checkpoint: Checkpoint = { iteration: 4, steps: 32, seed: 5, pipelineHash: "abc", state };
const expected = expectedLike(fakeState(key), 5);

const written = (of: Checkpoint = checkpoint): string => {
  const folder = temporaryFolder();
  Effect.runSync(writeCheckpoint(folder, of, 3));
  return folder;
};
const read = (folder: string, like: Expected = expected) => Effect.runSync(readCheckpoint(folder, 4, like));
const refusal = (folder: string, like: Expected = expected): string => {
  const error = Effect.runSync(Effect.flip(readCheckpoint(folder, 4, like)));
  assertInstanceOf(error, CheckpointCorrupt);
  const begin = `Cannot read checkpoint ${join(folder, "000004")} as `;
  assertStringIncludes(error.message, begin);
  assertEquals(error.message.includes("\n"), false);
  return error.message.slice(begin.length);
};

Deno.test("what fits add to a network, and any form of a batch, is read back", () => {
  const { value, model } = state;
  const { network } = value.first, second = { network: { ...network, theta: network.theta.map((x) => -x) }, seen: 1 };
  const changed: TrainState = {
    ...state,
    value: { first: { network, seen: 2 ** 32 - 1 }, second },
    critic: { ...state.critic, second: state.critic.first },
    model: { first: { ...model.first, seen: 0 }, second: model.first },
    memory: {
      batches: [[1, 1], [1, 3], [5, 1]].map(([t, n], i) => ({
        ...fakeBatch(fold(key, i), t, n),
        elapsed: new Int32Array(n),
      })),
    },
  };
  assertEquals(read(written({ ...checkpoint, state: changed })).state, changed);
});

Deno.test("a network that a cross-fit left within another one's is refused", () => {
  const { value } = state;
  const nested = { ...value, second: { ...value.first, second: value.first } };
  assertEquals(
    refusal(written({ ...checkpoint, state: { ...state, value: nested } })),
    "value.second.second must not be there: it is",
  );
});

Deno.test("before the first iteration there may be no environments, later as many as the program has", () => {
  const none = {
    ...state.envs,
    count: 0,
    state: new Float64Array(0),
    elapsed: new Int32Array(0),
    episodeReturn: new Float64Array(0),
    resets: new Int32Array(0),
  };
  const like = { ...expected, state: { ...expected.state, envs: none } };
  const folder = written({ ...checkpoint, state: { ...state, envs: none } });
  assertEquals([read(folder, like).state.envs.count, read(written(), like).state.envs.count], [0, 2]);
  assertStringIncludes(refusal(written(), { ...like, environments: [3] }), "envs.count must be 0 or 3: it is 2");
  assertEquals(read(written(), { ...like, environments: null }).state.envs.count, 2);
});

Deno.test("a checkpoint of another pipeline is no damage, and nothing older is taken in its place", () => {
  const folder = written();
  const other = { ...expected, pipelineHash: "abd" };
  const error = Effect.runSync(Effect.flip(readLatestCheckpoint(folder, other)));
  assertInstanceOf(error, RunFolderInvalid);
  assertStringIncludes(error.message, "pipeline.yaml is not the one");
  assertEquals(
    Effect.runSync(readLatestCheckpoint(folder, { ...expected, pipelineHash: "abc" })).checkpoint,
    checkpoint,
  );
});

Deno.test("only folders that checkpoints are called by are listed", () => {
  const folder = written();
  for (const name of ["000010x", "0000005", "12", "1".repeat(25), "00000a", "-00001"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "000006"), "a file");
  symlinkSync(join(folder, "000008"), join(folder, "000008"));
  mkdirSync(join(folder, "1234567"));
  assertEquals(listCheckpoints(folder), [4, 6, 8, 1234567]);
  const { checkpoint: found, skipped } = Effect.runSync(readLatestCheckpoint(folder, expected));
  assertEquals([found.iteration, skipped.length], [4, 3]);
  assertEquals(skipped.map(({ reason }) => reason.split(":")[0]), ["ENOENT", "ELOOP", "ENOTDIR"]);
});

Deno.test("a file or a loop of links in place of the checkpoints' folder is a typed error", () => {
  const folder = temporaryFolder(), file = join(folder, "file"), loop = join(folder, "loop");
  writeFileSync(file, "");
  symlinkSync(loop, loop);
  for (const [path, code] of [[file, "ENOTDIR"], [loop, "ELOOP"]]) {
    assertEquals(listCheckpoints(path), []);
    const error = Effect.runSync(Effect.flip(readLatestCheckpoint(path, expected)));
    assertInstanceOf(error, CheckpointCorrupt);
    assertStringIncludes(error.message, code);
  }
});
