/**
 * Sweeps that are killed, starved and damaged end with the same numbers as one that is left alone.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryIn, temporaryPrefix } from "../../src/files/durable_file.ts";
import { logPath, manifestPath, readSweep, type SweepCell } from "../../src/sweep/manifest.ts";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";
import { ended } from "../cli/child.ts";
import {
  assertUndisturbed,
  canList,
  collect,
  iterationsLogged,
  kill,
  makePlace,
  pause,
  type Place,
  processesOf,
  recordedKeys,
  startAblate,
  sweepOf,
  trainersOf,
  until,
  whileHeld,
} from "./processes.ts";
import { temporaryFolder } from "../temporary.ts";

/** The sweep that all others are held against; how long an iteration takes is no part of the numbers, but of the hash. */
let undisturbed: Promise<Place> | null = null;
const reference = (): Promise<Place> =>
  undisturbed ??= (async () => {
    const place = makePlace();
    const { code } = await ended(startAblate(place));
    assertEquals(code, 0);
    return place;
  })();

const isOver = ({ out }: Place): boolean => {
  const cells = readSweep(out)?.cells ?? [];
  return cells.length > 0 && cells.every(({ state }) => state === "done" || state === "failed");
};

const untilOver = async (place: Place): Promise<void> => {
  const { code, err } = await ended(startAblate(place));
  assertEquals([code, err], [0, ""]);
};

Deno.test({
  name: "kill -9 of the command or of a training process, ten times at random moments",
  ignore: !canList,
  fn: async () => {
    const expected = await reference();
    const place = makePlace();
    const stream = makeStream(fold(makeKey(1), "kills"));
    let command = startAblate(place), kills = 0, logged = 0;
    while (kills < 10) {
      // each kill waits for some progress, so that ten of them fall into one sweep
      await until("an iteration", () => iterationsLogged(place) > logged || isOver(place));
      if (isOver(place)) break;
      await pause(Math.floor(stream.uniform() * 150));
      logged = iterationsLogged(place);
      const trainers = trainersOf(place);
      if (kills % 2 === 0 || trainers.length === 0) {
        command.kill("SIGKILL");
        await ended(command);
        command = startAblate(place);
      } else kill(trainers[Math.floor(stream.uniform() * trainers.length)].pid);
      kills++;
    }
    assertEquals(kills, 10);
    const { code, err } = await ended(command);
    assertEquals([code, err], [0, ""]);
    await assertUndisturbed(place, expected);
    assertEquals(recordedKeys(place).length, 6);
  },
});

Deno.test({
  name: "two ablates at once: one works, the other follows and takes over where the first is killed",
  ignore: !canList,
  fn: async () => {
    const expected = await reference();
    const place = makePlace();
    const first = startAblate(place);
    await until("a first iteration", () => iterationsLogged(place) > 0);
    const { second, said } = await whileHeld(place, async () => {
      const second = startAblate(place), said = collect(second);
      await until("the second to follow", () => said.text().includes("following it"));
      assert(trainersOf(place).length <= 2);
      first.kill("SIGKILL");
      await ended(first);
      return { second, said };
    });
    // what it would leave where the kill fell into a write
    for (const folder of [place.out, join(place.out, "outcomes")]) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(temporaryIn(folder), "{");
    }
    assertEquals((await second.status).code, 0);
    assertEquals(readdirSync(place.out).filter((name) => name.startsWith(temporaryPrefix)), []);
    assertStringIncludes(said.text(), `Process ${first.pid} on `);
    await assertUndisturbed(place, expected);
  },
});

Deno.test({
  name: "two ablates at once, both left alone, end with the same words",
  ignore: !canList,
  fn: async () => {
    const expected = await reference();
    const place = makePlace();
    const both = await Promise.all([startAblate(place), startAblate(place)].map(ended));
    assertEquals(both.map(({ code, err }) => [code, err]), [[0, ""], [0, ""]]);
    for (const { out } of both) assertStringIncludes(out, "Done: 6 of 6 cells");
    await assertUndisturbed(place, expected);
  },
});

Deno.test({
  name: "SIGINT, also in the middle of a write: a checkpoint is written, nothing is left running, the next one goes on",
  ignore: !canList,
  fn: async () => {
    const expected = await reference();
    const place = makePlace();
    for (const logged of [1, 7, 20, 33]) {
      const command = startAblate(place);
      await until("iterations", () => iterationsLogged(place) >= logged);
      command.kill("SIGINT");
      const { code, out } = await ended(command);
      assertEquals(code, 130);
      assertStringIncludes(out, "Interrupted. Go on by the same command");
      await until("the processes to end", () => processesOf(place).length === 0);
      assertEquals(sweepOf(place).cells.some(({ state }) => state === "running"), false);
    }
    await untilOver(place);
    await assertUndisturbed(place, expected);
  },
});

/** A cell of 12 iterations in the first half of them, so that it goes on whatever happens to its folder, but for one. */
const inTraining = (place: Place, but?: SweepCell): SweepCell | undefined =>
  existsSync(manifestPath(place.out))
    ? sweepOf(place).cells.find(({ id }) => {
      const logged = iterationsLogged(place, id);
      return id !== but?.id && logged >= 3 && logged <= 6;
    })
    : undefined;

/** (place, but) ⇒ a cell that a kill -9 of the command has caught in training. */
const killInTraining = async (place: Place, but?: SweepCell): Promise<SweepCell> => {
  const command = startAblate(place);
  let caught: SweepCell | undefined;
  await until("a cell in training", () => (caught = inTraining(place, but)) !== undefined);
  command.kill("SIGKILL");
  await ended(command);
  await until("the processes to end", () => processesOf(place).length === 0);
  return caught!;
};

Deno.test({
  name: "damaged checkpoints: the one before is used, or the cell begins anew",
  ignore: !canList,
  fn: async () => {
    const expected = await reference();
    const place = makePlace();
    const damage = ({ folder }: SweepCell, from: number) => {
      const checkpoints = join(folder, "checkpoints");
      for (const name of readdirSync(checkpoints).filter((name) => /^\d+$/.test(name)).sort().slice(from)) {
        truncateSync(join(checkpoints, name, "state.safetensors"), 20);
      }
    };
    const first = await killInTraining(place);
    damage(first, 0); // all
    damage(await killInTraining(place, first), -1); // the last
    await untilOver(place);
    await assertUndisturbed(place, expected);
  },
});

Deno.test({
  name: "damaged run folders: a lost pipeline.yaml is written anew, an empty folder begins anew",
  ignore: !canList,
  fn: async () => {
    const expected = await reference();
    const place = makePlace();
    const cut = await killInTraining(place);
    truncateSync(join(cut.folder, "pipeline.yaml"), 30);
    const other = await killInTraining(place, cut);
    rmSync(other.folder, { recursive: true, force: true });
    mkdirSync(other.folder, { recursive: true });
    await untilOver(place);
    await assertUndisturbed(place, expected);
    assertStringIncludes(readFileSync(logPath(place.out, cut.id), "utf8"), "Resuming"); // not begun anew
    assert(readFileSync(join(cut.folder, "pipeline.yaml")).length > 30); // whole again
    assertStringIncludes(readFileSync(logPath(place.out, other.id), "utf8"), "Starting anew");
  },
});

/** Mounts a file system of so many bytes, where that is allowed. */
const mount = (folder: string, options: string): boolean => {
  Deno.mkdirSync(folder, { recursive: true });
  try {
    const args = ["-t", "tmpfs", "-o", options, "tmpfs", folder];
    return new Deno.Command("mount", { args, stderr: "null" }).outputSync().success;
  } catch {
    return false; // no such command
  }
};

const remount = (folder: string, options: string): void => {
  const args = ["-o", `remount,${options}`, folder];
  assertEquals(new Deno.Command("mount", { args }).outputSync().success, true);
};

const unmount = (folder: string): void => void new Deno.Command("umount", { args: ["-l", folder] }).outputSync();

const mayMount = (() => {
  if (!canList) return false;
  const folder = temporaryFolder();
  const mounted = mount(folder, "size=64k");
  if (mounted) unmount(folder);
  else console.log("No file system can be mounted here: full and read-only disks are not tested");
  return mounted;
})();

Deno.test({
  name: "a full disk under the whole sweep ends the command with one line; with space again it goes on",
  ignore: !mayMount,
  fn: async () => {
    const expected = await reference();
    const place = makePlace();
    mount(place.out, "size=400k");
    try {
      const { code, err } = await ended(startAblate(place));
      assertEquals(code, 1);
      assertMatch(err, /Cannot write .* as it must be on a writable disk with free space: /);
      assertEquals(err.includes("    at "), false);
      await until("the processes to end", () => processesOf(place).length === 0);
      remount(place.out, "size=100m");
      assertEquals(sweepOf(place).cells.filter(({ state }) => state === "failed"), []);
      const again = await ended(startAblate(place));
      assertEquals([again.code, again.err], [0, ""]);
      await assertUndisturbed(place, expected);
    } finally {
      unmount(place.out);
    }
  },
});

Deno.test({
  name: "read-only run folders end the command with one line and fail no cell; once they can be written it goes on",
  ignore: !mayMount,
  fn: async () => {
    const expected = await reference();
    const place = makePlace();
    const cells = join(place.out, "cells"), begun = startAblate(place);
    await until("the sweep to be planned", () => existsSync(manifestPath(place.out)));
    begun.kill("SIGKILL");
    await ended(begun);
    await until("the processes to end", () => processesOf(place).length === 0);
    rmSync(cells, { recursive: true, force: true });
    mount(cells, "size=100m");
    try {
      remount(cells, "ro");
      const { code, err } = await ended(startAblate(place));
      assertEquals(code, 1);
      assertMatch(err, /^error: Cannot write .*cells.* as it must be on a writable disk with free space: .*\n$/);
      assertEquals(sweepOf(place).cells.filter(({ state }) => state === "failed"), []);
      remount(cells, "rw");
      const again = await ended(startAblate(place));
      assertEquals([again.code, again.err], [0, ""]);
      await assertUndisturbed(place, expected);
    } finally {
      unmount(cells);
    }
  },
});
