/**
 * What programs write and read back: checkpoints with checksums that are right again, tensors, logs, manifests, replays.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runReplay } from "../../src/cli/run_replay.ts";
import { builtIn } from "../../src/config/built_in.ts";
import { storeBatch } from "../../src/data/memory.ts";
import { fold, makeKey, type Stream } from "../../src/math/random.ts";
import { checkpointPath, writeCheckpoint } from "../../src/run/checkpoint.ts";
import { sha256 } from "../../src/files/durable_file.ts";
import { resumeEnvironment } from "../../src/run/environment.ts";
import { readCheckpoint } from "../../src/run/read_checkpoint.ts";
import { readLog } from "../../src/run/run_log.ts";
import { decodeSafetensors } from "../../src/files/safetensors.ts";
import { ManifestInvalid, readSweep } from "../../src/sweep/manifest.ts";
import { expectedLike, fakeBatch, fakeState } from "../program/fakes.ts";
import { mutateBytes, mutateText, mutateTree } from "./mutate.ts";
import { Broken, bytesOf, type Subject, textOf, typed } from "./subject.ts";
import { temporaryFolder } from "../temporary.ts";

const folder = temporaryFolder(), checkpoints = join(folder, "checkpoints");
const key = makeKey(7), fresh = fakeState(key), expected = expectedLike(fresh, 5);
const memory = storeBatch(fresh.memory, { ...fakeBatch(fold(key, 1), 4, 2), elapsed: Int32Array.of(0, 5) }, 100);
Effect.runSync(
  writeCheckpoint(
    checkpoints,
    { iteration: 4, steps: 32, seed: 5, pipelineHash: "abc", state: { ...fresh, memory } },
    3,
  ),
);
const place = checkpointPath(checkpoints, 4);
const manifest = JSON.parse(readFileSync(join(place, "manifest.json"), "utf8"));
const tensors = Uint8Array.from(readFileSync(join(place, "state.safetensors")));

const print = (tree: unknown): string =>
  JSON.stringify(tree, (_, value) => typeof value === "bigint" ? `${value}` : value);

/** (sound value) ⇒ its JSON changed as a tree, or as a text. */
const makeJson = (value: object) => (stream: Stream): Uint8Array<ArrayBuffer> => {
  const changed = stream.uniform() < 0.7 ? print(mutateTree(value, stream)) : mutateText(print(value), stream);
  return bytesOf(changed ?? "");
};

/** (bytes of a file) ⇒ its header changed as a tree, with the length in front that fits; or its bytes. */
const makeTensors = (stream: Stream): Uint8Array<ArrayBuffer> => {
  if (stream.uniform() < 0.3) return mutateBytes(tensors.slice(0, 2000), stream);
  const length = Number(new DataView(tensors.buffer).getBigUint64(0, true));
  const header = makeJson(JSON.parse(textOf(tensors.subarray(8, 8 + length))))(stream);
  const file = new Uint8Array(8 + header.length + tensors.length - 8 - length);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, 8);
  file.set(tensors.subarray(8 + length), 8 + header.length);
  return file;
};

const readBack = (): string => {
  const result = Effect.runSync(Effect.result(readCheckpoint(checkpoints, 4, expected)));
  return result._tag === "Success" ? "valid" : typed(result.failure, ["CheckpointCorrupt", "RunFolderInvalid"]);
};

const restore = (): void => {
  writeFileSync(join(place, "manifest.json"), JSON.stringify(manifest));
  writeFileSync(join(place, "state.safetensors"), tensors);
};

/** (text of a manifest) ⇒ the same sealed anew, where it is one. */
const seal = (text: string, state: Uint8Array): string => {
  try {
    const { checksum: _, ...rest } = JSON.parse(text);
    const sealed = { ...rest, stateChecksum: sha256(state) };
    return JSON.stringify({ ...sealed, checksum: sha256(JSON.stringify(sealed)) });
  } catch {
    return text;
  }
};

const checkpointManifest: Subject = {
  name: "checkpoint-manifest",
  make: makeJson(manifest),
  run: (input) => {
    restore();
    writeFileSync(join(place, "manifest.json"), seal(textOf(input), tensors));
    return readBack();
  },
};

const checkpointState: Subject = {
  name: "checkpoint-state",
  make: makeTensors,
  run: (input) => {
    writeFileSync(join(place, "state.safetensors"), input);
    writeFileSync(join(place, "manifest.json"), seal(JSON.stringify(manifest), input));
    return readBack();
  },
};

const safetensors: Subject = {
  name: "safetensors",
  make: makeTensors,
  run: (input) => {
    try {
      decodeSafetensors(input);
      return "valid";
    } catch (error) {
      return typed(error, ["SafetensorsInvalid"]);
    }
  },
};

const line = {
  iteration: 1,
  steps: 8,
  episodes: 2,
  return: 1.5,
  "collect.steps": 8,
  seconds: { collect: 0.1, total: 0.1 },
};
const lines = [1, 2, 3].map((iteration) => ({ ...line, iteration, steps: 8 * iteration }));

const log: Subject = {
  name: "log",
  make: (stream) =>
    stream.uniform() < 0.7
      ? bytesOf(mutateTree(lines, stream).map((each) => `${print(each)}\n`).join(""))
      : bytesOf(mutateText(lines.map((each) => `${print(each)}\n`).join(""), stream)),
  run: (input) => {
    const path = join(folder, "metrics.jsonl");
    writeFileSync(path, input);
    const { records, warning } = readLog(path);
    records.forEach(({ iteration, seconds, metrics }, i) => {
      if (i > 0 && iteration <= records[i - 1].iteration) throw new Broken("iterations do not ascend");
      if (!Number.isFinite(seconds.total) || typeof metrics !== "object") throw new Broken("a record of another form");
    });
    return warning === null ? "valid" : "warned";
  },
};

const cell = {
  ...{ id: "pendulum-a-s0-01234567", task: "pendulum", variant: "a", seed: 0, pipelineHash: "01234567", iterations: 6 },
  ...{ threshold: 1, attempt: 1, folder: "cells/pendulum-a-s0-01234567" },
};
const sweep = {
  version: 1,
  sweep: "1f0a",
  name: "study",
  file: "study.yaml",
  compare: [{ of: "a", with: "b" }],
  cells: [cell],
};
const outcome = { id: cell.id, attempt: 1, state: "done", iterations: 6, steps: 48, host: "here", error: null };

/** (path below the sweep's folder) ⇒ reads a sweep of which that file is the input. */
const readSweepWith = (path: string) => (input: Uint8Array): string => {
  const at = join(folder, "sweep");
  rmSync(at, { recursive: true, force: true });
  mkdirSync(join(at, "outcomes"), { recursive: true });
  writeFileSync(join(at, "manifest.json"), JSON.stringify(sweep));
  writeFileSync(join(at, path), input);
  try {
    for (const { folder, state } of readSweep(at)?.cells ?? []) {
      if (!folder.startsWith(`${at}/cells/`) || folder.includes("..")) throw new Broken(`a cell in ${folder}`);
      if (!["waiting", "running", "done", "failed"].includes(state)) throw new Broken(`a cell is ${state}`);
    }
    return "valid";
  } catch (error) {
    return error instanceof ManifestInvalid ? typed(error, ["ManifestInvalid"]) : typed(error, []);
  }
};

const sweepManifest: Subject = { name: "manifest", make: makeJson(sweep), run: readSweepWith("manifest.json") };
const sweepOutcome: Subject = {
  name: "outcome",
  make: makeJson(outcome),
  run: readSweepWith(`outcomes/${cell.id}.json`),
};

const backend = { kernels: "auto", blas: null, blasLibrary: null, blasCore: null, blasThreads: null, line: "" };

const environment: Subject = {
  name: "environment",
  make: makeJson({ deno: "2.9.6", backend, cpu: { model: "x", count: 2 }, resumed: [{ iteration: 3, backend }] }),
  run: (input) => {
    const { text, warning } = resumeEnvironment(textOf(input), backend, 3);
    if (!JSON.parse(text).resumed.some(({ iteration }: { iteration: unknown }) => iteration === 3)) {
      throw new Broken(text);
    }
    return warning === null ? "same" : "warned";
  },
};

const recorded = {
  state: { qpos: [0, 1.25, 0, 0, 0, 0], qvel: [0, 0, 0, 0, 0, 0] },
  actions: [[0.1, -0.2, 0.3], [1, 1, 1], [0, 0, 0]],
};

/** The file of the state, or that of the actions, is changed. */
const replayOf = (which: "state" | "actions"): Subject => ({
  name: `replay-${which}`,
  make: makeJson(recorded[which]),
  run: (input) => {
    const files = { state: join(folder, "state.json"), actions: join(folder, "actions.json") };
    writeFileSync(files.state, JSON.stringify(recorded.state));
    writeFileSync(files.actions, JSON.stringify(recorded.actions));
    writeFileSync(files[which], input);
    const output = { isTerminal: false, columns: 80, write: () => {} };
    const load = () =>
      Promise.resolve({
        catalog: builtIn,
        services: () => {
          throw new Broken("services");
        },
      });
    const replayed = Effect.result(
      runReplay({ load, output }, { episode: null, task: "hopper", set: [], use: [], ...files }),
    );
    return Effect.runPromise(replayed).then((result) =>
      result._tag === "Success" ? "valid" : typed(result.failure, ["UsageInvalid", "PhysicsDiverged"])
    );
  },
});

/** What programs write. */
export const fileSubjects: ReadonlyArray<Subject> = [
  ...[checkpointManifest, checkpointState, safetensors, log, sweepManifest, sweepOutcome, environment],
  ...[replayOf("state"), replayOf("actions")],
];
