/**
 * A second `ablate` beside one that has the sweep: it ends only once its own cells are at their end.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import * as Effect from "effect/Effect";
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { lockPath } from "../../src/files/lock_file.ts";
import { lockRunFolder } from "../../src/files/folder_lock.ts";
import { ended } from "../cli/child.ts";
import {
  canList,
  collect,
  iterationsLogged,
  makePlace,
  type Place,
  startAblate,
  sweepOf,
  trainersOf,
  until,
  whileHeld,
} from "./processes.ts";

const states = (place: Place) => sweepOf(place).cells.map(({ state }) => state);

/** Starts `ablate` while this process has the sweep, lets go once it follows, and waits for its end. */
const besideAnother = async (place: Place, ...more: ReadonlyArray<string>) => {
  mkdirSync(place.out, { recursive: true });
  const { child, said } = await Effect.runPromise(Effect.scoped(Effect.gen(function* () {
    yield* lockRunFolder(place.out);
    const child = startAblate(place, ...more), said = collect(child);
    yield* Effect.promise(() => until("it to follow", () => said.text().includes(`Process ${Deno.pid} on `)));
    yield* Effect.sleep("1500 millis"); // in which it looks again
    return { child, said };
  })));
  const { code } = await child.status;
  return { code, text: said.text() };
};

Deno.test({
  name: "a file edited while another runs: the second trains what the first did not",
  ignore: !canList,
  fn: async () => {
    const place = makePlace(
      0,
      "axes: { variant: { a: {}, b: { set: { trpoUpdate: { maxKl: 0.02 } } } }, seed: [0] }\n",
    );
    const first = startAblate(place, "--only", "variant=a");
    await until("a cell to begin", () => trainersOf(place).length === 1);
    const before = sweepOf(place).cells.map(({ id }) => id);
    const { second, said } = await whileHeld(place, async () => {
      appendFileSync(place.file, "set: { collect: { steps: 6 } }\n");
      const second = startAblate(place), said = collect(second);
      await until("it to follow", () => said.text().includes("following it"));
      return { second, said };
    });
    assertEquals((await ended(first)).code, 0);
    assertEquals((await second.status).code, 0);
    assertStringIncludes(said.text(), "Done: 2 of 2 cells");
    assertEquals(states(place), ["done", "done"]);
    assert(sweepOf(place).cells.every(({ id }) => !before.includes(id)));
  },
});

Deno.test("a seed added while another runs is trained", async () => {
  const place = makePlace(0, "axes: { variant: { a: {} }, seed: [0] }\n");
  assertEquals((await ended(startAblate(place))).code, 0);
  writeFileSync(place.file, readFileSync(place.file, "utf8").replace("[0]", "[0, 1]"));
  const { code, text } = await besideAnother(place);
  assertEquals([code, states(place)], [0, ["done", "done"]]);
  assertStringIncludes(text, "Done: 2 of 2 cells");
});

Deno.test("cells that failed are retried although another has the sweep", async () => {
  const place = makePlace(0, "axes: { variant: { bad: { set: { trpoUpdate: { failAfter: 5 } } } }, seed: [0] }\n");
  assertEquals((await ended(startAblate(place))).code, 1);
  const { code, text } = await besideAnother(place, "--retry-failed");
  assertEquals([code, sweepOf(place).cells[0].attempt], [1, 2]);
  assertStringIncludes(text, "1 cells, 1 to do");
  assertStringIncludes(text, "error: Cannot finish 1 of 1 cells");
});

Deno.test({
  name: "a follower shows how the sweep goes, and ends with it",
  ignore: !canList,
  fn: async () => {
    const place = makePlace(500, "axes: { variant: { a: {} }, seed: [0, 1] }\n"), goes = /0\/2 cells · [12] running · /;
    const first = startAblate(place), told = [collect(first)];
    await until("it to say how it goes", () => goes.test(told[0].text())); // not only as a cell ends
    const second = await whileHeld(place, async () => {
      const second = startAblate(place);
      told.push(collect(second));
      await until("the second to follow", () => told[1].text().includes("following it"));
      return second;
    });
    assertEquals([(await second.status).code, (await first.status).code], [0, 0]);
    for (const { text } of told) {
      assertMatch(text(), goes);
      assertStringIncludes(text(), `Done: 2 of 2 cells\nNext: deno task report ${place.out}\n`);
    }
  },
});

Deno.test({
  name: "locks of a sweep and of a cell whose process number another has by now stop neither",
  ignore: !canList,
  fn: async () => {
    const place = makePlace(0, "axes: { variant: { a: {} }, seed: [0] }\n");
    assertEquals((await ended(startAblate(place))).code, 0);
    appendFileSync(place.file, "iterations: 15\n");
    const stale = JSON.stringify({ pid: Deno.ppid, host: hostname(), started: "an-earlier-boot/77" });
    for (const folder of [place.out, sweepOf(place).cells[0].folder]) writeFileSync(lockPath(folder), stale);
    assertEquals(states(place), ["done"]);
    const { code, out } = await ended(startAblate(place));
    assertEquals([code, iterationsLogged(place)], [0, 15]);
    assertEquals(out.includes("following"), false);
  },
});
