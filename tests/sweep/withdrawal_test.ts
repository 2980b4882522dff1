/**
 * Cells that are submitted to runners and not wanted any more.
 *
 * @module
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ended, logOf } from "../cli/child.ts";
import { type Server, startRunnerOn, startServer, startWatchingOn, stopAll } from "./postgres_server.ts";
import {
  assertUndisturbed,
  canList,
  collect,
  endStarted,
  iterationsLogged,
  makePlace,
  type Place,
  startAblate,
  startCommand,
  sweepOf,
  trainersOf,
  until,
} from "./processes.ts";

const server: Server | null = canList ? await startServer() : null;
globalThis.addEventListener("unload", () => server?.close());
Deno.test.afterEach(endStarted);

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
  name: "a submission of some cells withdraws none of the others, whatever iterations it asks for",
  ignore,
  fn: async () => {
    const place = makePlace();
    const submit = async (iterations: number, ...only: ReadonlyArray<string>) => {
      const { code, out } = await ended(
        startWatching(place, "--detach", "--iterations", `${iterations}`, ...only.flatMap((each) => ["--only", each])),
      );
      assertEquals(code, 0);
      return out;
    };
    const first = [await submit(4, "variant=a"), await submit(3, "variant=b")];
    assertEquals(first.map((out) => out.includes("Withdrawn")), [false, false]);
    assertStringIncludes(await submit(5, "variant=a", "seed=2"), "Withdrawn: 1 cells"); // which was asked for 4
    const runner = startRunner(place);
    const { code, out } = await ended(startWatching(place, "--iterations", "3", "--only", "variant=b"));
    assertEquals([code, out.includes("Withdrawn")], [0, false]);
    await until("the cells of the other submissions", () => iterationsLogged(place) === 4 + 4 + 5 + 3 + 3 + 3);
    const recorded = `SELECT count(*) FROM mscv_cells WHERE outcome IS NOT NULL AND sweep = '${sweepOf(place).sweep}'`;
    await until("their outcomes", () => server!.ask(recorded) === "6");
    await stopAll(runner);
    const status = await ended(
      startCommand(place, ["status", place.file, "--out", place.out, "--storage", server!.url], {
        PGPASSWORD: server!.password,
      }),
    );
    assertMatch(status.out, /all +6 +0 +0 +0/);
    const cells = sweepOf(place).cells.map(({ state, iterations }) => [state, iterations]);
    assertEquals(cells, [4, 3, 4, 3, 5, 3].map((iterations) => ["done", iterations]));
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
    await until("the training to stop", () => said.text().includes("left   ") && trainersOf(place).length === 0);
    const begun = said.text().split("begin  ").length;
    const next = {
      ...makePlace(0, "axes: { variant: { a: {} }, seed: [0] }\n"),
      out: join(dirname(place.out), "next"),
    };
    assertEquals((await ended(startWatching(next))).code, 0); // behind the withdrawn ones in the queue
    assertEquals(said.text().split("begin  ").length, begun + 1);
    writeFileSync(place.file, readFileSync(place.file, "utf8").replace("seed: [0, 1, 2]", "seed: [0]"));
    assertEquals((await ended(startWatching(place))).code, 0);
    await stopAll(runner);
    assertEquals(sweepOf(place).cells.map(({ folder }) => logOf(folder).length), [12, 12]);
  },
});
