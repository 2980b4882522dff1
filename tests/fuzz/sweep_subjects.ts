/**
 * What comes out of a database, into which others may write.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseEvent } from "../../src/sweep/cell_events.ts";
import { decodeWork } from "../../src/sweep/cell_work.ts";
import { resolveStorage } from "../../src/sweep/storage.ts";
import { claimPlace, placeOf } from "../../src/sweep/work_place.ts";
import { mutateText, mutateTree, pick } from "./mutate.ts";
import { Broken, bytesOf, type Subject, textOf, typed } from "./subject.ts";
import { temporaryFolder } from "../temporary.ts";

const outside = temporaryFolder(), root = join(outside, "runs");
mkdirSync(root);
writeFileSync(join(outside, "precious"), "");

const sound = {
  sweep: "0f9619ff-8b86-d011-b42d-00cf4fc964ff",
  id: "pendulum-a-s0-01234567",
  attempt: 1,
  iterations: 6,
  folder: join(root, "study"),
  pipeline: "task: pendulum\nprogram: [collect]\n",
};

const print = (tree: unknown): string =>
  JSON.stringify(tree, (_, value) => typeof value === "bigint" ? `${value}` : value);

/** Decoded, placed and claimed, as a runner does: nothing outside the root is made, moved or written. */
const work: Subject = {
  name: "work",
  make: (stream) => {
    const climbing = pick(
      [root, "../x", "/etc", `${root}/../y`, "", ".", `${root}/a/../../z`, `${root}/s\u0000`],
      stream,
    );
    const start = stream.uniform() < 0.3 ? { ...sound, folder: climbing } : sound;
    return bytesOf(stream.uniform() < 0.8 ? print(mutateTree(start, stream)) : mutateText(print(start), stream));
  },
  run: (input) => {
    let value: unknown;
    try {
      value = JSON.parse(textOf(input));
    } catch {
      return "no JSON";
    }
    const claim = Effect.gen(function* () {
      const decoded = yield* decodeWork(value), place = yield* placeOf(root, decoded);
      if (relative(root, place).startsWith("..")) throw new Broken(`placed in ${place}`);
      yield* claimPlace(place, decoded);
    });
    const result = Effect.runSync(Effect.result(claim));
    const here = readdirSync(outside).sort().join();
    if (here !== "precious,runs") throw new Broken(`outside the root: ${here}`);
    return result._tag === "Success" ? "claimed" : typed(result.failure, ["WorkInvalid", "RunFolderUnwritable"]);
  },
};

const event: Subject = {
  name: "event",
  make: (stream) => bytesOf(mutateText('{"event":"done","iterations":3,"steps":9}', stream)),
  run: (input) => {
    const found = parseEvent(textOf(input));
    if (found?.event === "done" && !(typeof found.iterations === "number" && typeof found.steps === "number")) {
      throw new Broken("an event of another form");
    }
    return found === null ? "a line" : found.event;
  },
};

const secret = "s3cr3t-w0rd";

const storage: Subject = {
  name: "storage",
  make: (stream) => bytesOf(mutateText(`postgres://user:${secret}@db.example:5432/mscv?sslmode=verify-full`, stream)),
  run: (input) => {
    const given = { MSCV_STORAGE: textOf(input) };
    const result = Effect.runSync(Effect.result(resolveStorage(null, given)));
    const shown = result._tag === "Success" ? result.success?.label ?? "" : result.failure.message; // what people see
    const isPassword = given.MSCV_STORAGE.includes(`user:${secret}`); // a mutation may make a host of it
    if (isPassword && shown.includes(secret)) {
      throw new Broken(`a password is shown: ${shown}`);
    }
    return result._tag === "Success" ? "valid" : typed(result.failure, ["StorageInvalid"]);
  },
};

/** What databases and the processes of cells say. */
export const sweepSubjects: ReadonlyArray<Subject> = [work, event, storage];
