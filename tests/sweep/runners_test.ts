/**
 * Sweeps over runners that share a PostgreSQL database.
 *
 * @module
 */
import { assert, assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import * as Effect from "effect/Effect";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { lockRunFolder } from "../../src/files/folder_lock.ts";
import { leaseSeconds } from "../../src/sweep/postgres.ts";
import { ended, logOf } from "../cli/child.ts";
import { type Server, startRunnerOn, startServer, startWatchingOn, stopAll } from "./postgres_server.ts";
import {
  assertUndisturbed,
  canList,
  collect,
  endStarted,
  filesAsFound,
  iterationsLogged,
  kill,
  makePlace,
  pause,
  type Place,
  processesOf,
  readAsFound,
  type Running,
  startAblate,
  startCommand,
  sweepOf,
  trainersOf,
  until,
} from "./processes.ts";
import { temporaryFolder } from "../temporary.ts";

const server: Server | null = canList ? await startServer() : null;
globalThis.addEventListener("unload", () => server?.close());
Deno.test.afterEach(endStarted);

const ignore = server === null;

const startRunner = (place: Place): Deno.ChildProcess => startRunnerOn(server!, place);
/** One of the default flags, in a working folder. */
const startRunnerIn = (place: Place, folder: string): Deno.ChildProcess =>
  startRunnerOn(server!, place, folder, "runs");
const startWatching = (place: Place, ...more: ReadonlyArray<string>): Deno.ChildProcess =>
  startWatchingOn(server!, place, more);

const embedded = async (): Promise<Place> => {
  const place = makePlace();
  assertEquals((await ended(startAblate(place))).code, 0);
  return place;
};
let undisturbed: Promise<Place> | null = null;
const reference = (): Promise<Place> => undisturbed ??= embedded();

/** Everything that anyone could read of a place: its files, and the arguments of its processes. */
const legible = (place: Place): string => {
  const texts = filesAsFound(dirname(place.file)).map(readAsFound);
  return [...texts, ...processesOf(place).map(({ command }) => command)].join("\n");
};

Deno.test({
  name: "two runners share a sweep; one is killed, and its cell goes on at the other",
  ignore,
  fn: async () => {
    const expected = await reference();
    const place = makePlace();
    const watching = startWatching(place);
    const runners = [startRunner(place), startRunner(place)], said = runners.map(collect);
    await until("both to train", () => said.every(({ text }) => text().includes("begin ")));
    await until("some iterations", () => iterationsLogged(place) > 4);
    assertEquals(legible(place).includes(server!.password), false);
    const trainers = processesOf(place).filter(({ command }) => command.endsWith(" cell"));
    for (const { pid } of trainers) {
      assertEquals(readAsFound(`/proc/${pid}/environ`).includes(server!.password), false);
    }
    const ids = (what: string) => [...said[0].text().matchAll(new RegExp(`${what} +(\\S+)`, "g"))].map(([, id]) => id);
    let orphaned = "";
    await until("the first to be at a cell", () => {
      orphaned = ids("begin").find((id) => !ids("done").includes(id)) ?? "";
      return orphaned !== "" && iterationsLogged(place, orphaned) < 8; // of 12: it will not be done before the kill
    });
    runners[0].kill("SIGKILL");
    const { code, err } = await ended(watching);
    assertEquals([code, err], [0, ""]);
    assertStringIncludes(said[1].text(), `begin  ${orphaned}`);
    await runners[0].status;
    await stopAll(runners[1]);
    const log = said.map(({ text }) => text()).join("");
    assertEquals(log.includes(server!.password), false);
    await assertUndisturbed(place, expected);
  },
});

Deno.test({
  name: "the database is stopped and started in the middle of a sweep: nothing is lost, nothing is done twice",
  ignore,
  fn: async () => {
    const expected = await reference();
    const place = makePlace();
    const detached = await ended(startWatching(place, "--detach"));
    assertEquals([detached.code, detached.err], [0, ""]);
    assertMatch(detached.out, /Submitted to postgres:\/\/127\.0\.0\.1:\d+\/postgres/);
    assert(sweepOf(place).cells.every(({ state }) => state === "waiting"));
    const runners = [startRunner(place), startRunner(place)];
    runners.forEach(collect);
    const watching = startWatching(place);
    await until("some iterations", () => iterationsLogged(place) > 10);
    server!.stop();
    server!.start();
    const { code, err } = await ended(watching);
    assertEquals([code, err], [0, ""]);
    await stopAll(...runners);
    await assertUndisturbed(place, expected);
  },
});

Deno.test({
  name: "a wrong password, and a server that is not there, are told in one line without the password",
  ignore,
  fn: async () => {
    const place = makePlace();
    const start = (url: string, password: string) =>
      ended(startCommand(place, ["runner", "--storage", url, "--slots", "1"], { PGPASSWORD: password }));
    const wrong = await start(server!.url, "guess-77");
    assertEquals(wrong.code, 2);
    assertMatch(wrong.err, /^error: Cannot use postgres:\/\/127\.0\.0\.1:\d+\/postgres as it must be reachable: .*\n$/);
    const nowhere = await start("postgres://mscv@127.0.0.1:1/postgres", "guess-77");
    assertEquals(nowhere.code, 2);
    assertMatch(nowhere.err, /^error: Cannot use postgres:\/\/127\.0\.0\.1:1\/postgres as it must be reachable: .*\n$/);
    assertEquals((wrong.err + nowhere.err + wrong.out + nowhere.out).includes("guess-77"), false);
  },
});

/** A place whose sweep is in runs/study below the working folder of whoever trains it, and such folders. */
const makeMachines = (): { readonly place: Place; readonly home: string; readonly away: string } => {
  const place = makePlace(), away = temporaryFolder();
  return { place, home: dirname(place.file), away };
};

const startAt = (place: Place, home: string, command: string, ...more: ReadonlyArray<string>): Deno.ChildProcess =>
  startCommand(
    place,
    [command, place.file, "--out", "runs/study", "--storage", server!.url, ...more],
    { PGPASSWORD: server!.password },
    home,
  );

Deno.test({
  name: "a runner that cannot write puts its cells back and waits; the sweep is done by another, and no cell fails",
  ignore,
  fn: async () => {
    const { place, home, away } = makeMachines();
    writeFileSync(join(away, "runs"), "a file");
    const watching = startAt(place, home, "ablate");
    const sick = startRunnerIn(place, away), said = collect(sick);
    await until("the sick one to put cells back", () => said.text().split("back   ").length > 2);
    const fit = startRunnerIn(place, home);
    collect(fit);
    const { code, err } = await ended(watching);
    assertEquals([code, err], [0, ""]);
    assertMatch(
      said.text(),
      /back {3}pendulum-\S+ {2}Cannot write \S+runs\S+ as it must be on .*; the next cell in 1 s\n/,
    );
    assertEquals(said.text().includes("failed "), false);
    await stopAll(sick, fit);
    assert(sweepOf({ ...place, out: join(home, "runs/study") }).cells.every(({ state }) => state === "done"));
  },
});

/** Waits until a cell is in the middle of its iterations, and halts its process there. */
const halted = async (place: Place, there: Place): Promise<ReadonlyArray<Running>> => {
  const cells = join(there.out, "cells");
  const isInside = (id: string) => [3, 4, 5, 6].includes(iterationsLogged(there, id));
  await until("a cell in training", () => existsSync(cells) && readdirSync(cells).some(isInside));
  const trainers = trainersOf(place);
  for (const { pid } of trainers) kill(pid, "SIGSTOP");
  return trainers;
};

Deno.test({
  name: "without a shared path: status tells what the runner tells, and the logs come home, where report reads them",
  ignore,
  fn: async () => {
    const { place, home, away } = makeMachines();
    await ended(startAt(place, home, "ablate", "--detach"));
    const runner = startRunnerIn(place, away);
    collect(runner);
    const there = { ...place, out: join(away, "runs/study") }, here = { ...place, out: join(home, "runs/study") };
    const [trainer] = await halted(place, there);
    const told = new RegExp(`running: pendulum-\\S+: [1-9]\\d*/12 iterations, \\d+ steps, on ${hostname()}\n`);
    let status = "";
    while (!told.test(status)) status = (await ended(startAt(place, home, "status"))).out; // its runner tells on
    kill(trainer.pid, "SIGCONT");
    const { code } = await ended(startAt(place, home, "ablate"));
    assertEquals(code, 0);
    await stopAll(runner);
    const cells = sweepOf(here).cells;
    assertEquals(cells.map(({ folder }) => logOf(folder).length), [12, 12, 12, 12, 12, 12]);
    const report = () => ended(startCommand(place, ["report", here.out], {}, home));
    const whole = await report();
    assertEquals([whole.code, whole.err], [0, ""]);
    rmSync(join(here.out, "cells"), { recursive: true });
    assertStringIncludes(
      (await report()).err,
      `warning: 6 of 6 runs have no log here: they were trained on ${hostname()}. deno task status `,
    );
    await ended(startAt(place, home, "status"));
    assertEquals((await report()).out, whole.out);
  },
});

Deno.test({
  name: "the database is away for longer than a lease: one line says so, one that it is back, and all cells are done",
  ignore,
  fn: async () => {
    const expected = await reference();
    const place = makePlace();
    const watching = startWatching(place), runner = startRunner(place);
    const said = [watching, runner].map(collect);
    await until("some iterations", () => iterationsLogged(place) > 3);
    server!.stop();
    await pause((leaseSeconds + 3) * 1000);
    server!.start();
    assertEquals((await watching.status).code, 0);
    await stopAll(runner);
    for (const { text } of said) {
      assertEquals(text().split("does not answer: waiting for it\n").length, 2);
      assertEquals(text().split("is back\n").length, 2);
      assertEquals(text().includes("    at "), false);
      assertLess(text().split("\n").length, 30);
    }
    await assertUndisturbed(place, expected);
  },
});

Deno.test({
  name: "a sweep that this machine trains is not submitted to a database, and goes on undisturbed",
  ignore,
  fn: async () => {
    const place = makePlace(0, "axes: { variant: { a: {} }, seed: [0] }\n");
    mkdirSync(place.out);
    await Effect.runPromise(Effect.scoped(Effect.gen(function* () {
      yield* lockRunFolder(place.out);
      const { code, out, err } = yield* Effect.promise(() => ended(startWatching(place)));
      assertEquals([code, out], [2, ""]);
      assertStringIncludes(
        err,
        `Cannot submit ${place.out} as no other command may work on it: process ${Deno.pid} on `,
      );
    })));
    assertEquals(readdirSync(place.out), []);
    assertEquals((await ended(startWatching(place, "--detach"))).code, 0);
    const here = await ended(startAblate(place));
    assertEquals(here.code, 2);
    assertStringIncludes(here.err, "as its cells were submitted to postgres://127.0.0.1:");
    assertEquals((await ended(startWatching(place, "--cancel"))).code, 0);
    assertEquals((await ended(startAblate(place))).code, 0);
  },
});
