/**
 * Cells that are submitted to runners and not wanted any more.
 *
 * @module
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { readFileSync, writeFileSync } from "node:fs";
import { ended, logOf } from "../cli/child.ts";
import { type Server, startRunnerOn, startServer, startWatchingOn, stopAll } from "./postgres_server.ts";
import {
  assertUndisturbed,
  canList,
  collect,
  iterationsLogged,
  makePlace,
  pause,
  type Place,
  startAblate,
  sweepOf,
  trainersOf,
  until,
} from "./processes.ts";

const server: Server | null = canList ? await startServer() : null;
globalThis.addEventListener("unload", () => server?.close());

const ignore = server === null;

const startRunner = (place: Place): Deno.ChildProcess => startRunnerOn(server!, place);
const startWatching = (place: Place, ...more: ReadonlyArray<string>): Deno.ChildProcess =>
  startWatchingOn(server!, place, more);

Deno.test({
  name: "a changed file is submitted: cells that it has no more are withdrawn, and wanted again once it has them",
  ignore,
  fn: async () => {
    const expected = makePlace();
    assertEquals((await ended(startAblate(expected))).code, 0);
    const place = makePlace();
    const text = readFileSync(place.file, "utf8");
    await ended(startWatching(place, "--detach"));
    writeFileSync(place.file, text.replace("a: {}, ", ""));
    const fewer = await ended(startWatching(place, "--detach"));
    assertStringIncludes(fewer.out, "Withdrawn: 3 cells of an earlier submission");
    const runner = startRunner(place), said = collect(runner);
    assertEquals((await ended(startWatching(place))).code, 0);
    assertEquals(said.text().includes("pendulum-a-"), false);
    writeFileSync(place.file, text);
    assertEquals((await ended(startWatching(place))).code, 0);
    await stopAll(runner);
    await assertUndisturbed(place, expected);
  },
});

Deno.test({
  name: "--cancel: what trains stops with a checkpoint, nothing more is begun; the command without it goes on",
  ignore,
  fn: async () => {
    const place = makePlace(1000);
    await ended(startWatching(place, "--detach"));
    const runner = startRunner(place), said = collect(runner);
    await until("some iterations", () => iterationsLogged(place) > 1);
    const { code, out } = await ended(startWatching(place, "--cancel"));
    assertEquals(code, 0);
    assertMatch(out, /Withdrawn: [56] cells in .*sweep; what is in training stops within seconds/);
    await until("the training to stop", () => said.text().includes("left   "), 15_000);
    const begun = said.text().split("begin  ").length;
    await pause(3000);
    assertEquals([said.text().split("begin  ").length, trainersOf(place).length], [begun, 0]);
    writeFileSync(place.file, readFileSync(place.file, "utf8").replace("seed: [0, 1, 2]", "seed: [0]"));
    assertEquals((await ended(startWatching(place))).code, 0);
    await stopAll(runner);
    assertEquals(sweepOf(place).cells.map(({ folder }) => logOf(folder).length), [12, 12]);
  },
});
