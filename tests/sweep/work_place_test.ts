/**
 * What work a runner takes, and where it may be done.
 *
 * @module
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import * as Effect from "effect/Effect";
import { mkdirSync, readdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CellWork, decodeWork } from "../../src/sweep/cell_work.ts";
import { claimPlace, placeOf, sweepIn } from "../../src/sweep/work_place.ts";
import { temporaryFolder } from "../temporary.ts";

const sweep = "2f1c7a52-5a0e-4d0b-9c1e-0a8f6b7d3e21", other = "9e107d9d-372b-4b68-8f3a-1c2d3e4f5a6b";
const good: CellWork = {
  sweep,
  id: "pendulum-a-s0-0123abcd",
  attempt: 1,
  iterations: 12,
  folder: "runs/study",
  pipeline: "task: pendulum\n",
};

const said = <A, E extends { readonly message: string }>(effect: Effect.Effect<A, E>): A | string =>
  Effect.runSync(
    Effect.match(effect, { onSuccess: (value): A | string => value, onFailure: ({ message }) => message }),
  );

/** Values that no submitter sends, by field. */
const forged: { readonly [Field in keyof CellWork]: ReadonlyArray<unknown> } = {
  sweep: ["", "s", "../x", sweep.toUpperCase(), `${sweep}\n`, `${sweep}/..`, 7, null],
  id: [
    "",
    "..",
    "../a-s0-0123abcd",
    "a/b-s0-0123abcd",
    "/etc-s0-0123abcd",
    ".a-s0-0123abcd",
    "pendulum-a-s0-0123abc",
    "pendulum-a-s0-0123abcd.unreadable",
    "pendulum-a-s0-0123abcd\n",
    "pendulum-a\0-s0-0123abcd",
    "a\\b-s0-0123abcd",
    `${"a".repeat(160)}-s0-0123abcd`,
    7,
    ["a-s0-0123abcd"],
  ],
  attempt: [0, -1, 1.5, "1", null, 1e9, NaN],
  iterations: [0, -1, 0.5, "12", null, 2 ** 31, Infinity],
  folder: ["", "..", "../x", "runs/../../x", "runs/..", "a\\..\\b", "a\0b", "a\nb", "x".repeat(5000), 7, null],
  pipeline: ["x".repeat(200_000), 7, null, { task: "pendulum" }],
};

Deno.test("work that no submitter sends is refused, field by field", () => {
  assertEquals(said(decodeWork(good)), good);
  for (const [field, values] of Object.entries(forged)) {
    for (const value of values) {
      const told = said(decodeWork({ ...good, [field]: value }));
      assertMatch(String(told), /^Cannot train a cell as its work must be valid: .{1,500}$/, `${field}: ${value}`);
    }
    const { [field as keyof CellWork]: _, ...less } = good;
    assertEquals(typeof said(decodeWork(less)), "string", field);
  }
  for (const value of [null, undefined, 7, "x", [], [good], {}]) assertEquals(typeof said(decodeWork(value)), "string");
});

/** A root with a folder beside it. */
const makeSandbox = () => {
  const base = realpathSync(temporaryFolder()), root = join(base, "runs"), outside = join(base, "outside");
  mkdirSync(root);
  mkdirSync(outside);
  return { base, root, outside };
};

Deno.test("a sweep's folder lies below the root by real paths, and so does all of a cell's", () => {
  const { base, root, outside } = makeSandbox();
  const at = (folder: string) => said(placeOf(root, { ...good, folder }));
  assertEquals([at(join(root, "a/b")), at(root)], [join(root, "a/b"), root]);
  symlinkSync(outside, join(root, "out"));
  symlinkSync(join(root, "in"), join(outside, "back"));
  mkdirSync(join(root, "in"));
  symlinkSync(join(base, "nowhere"), join(root, "dangling"));
  for (const folder of [base, outside, "/", `${root}er`, join(root, "out"), join(root, "out/x"), "runs"]) {
    assertMatch(
      String(at(folder)),
      /must lie below \S+\/runs: current value is .* Start the runner with a --runs that holds it$/,
    );
  }
  assertEquals(
    typeof at(join(root, "dangling/x")) === "string" && String(at(join(root, "dangling/x"))).startsWith("Cannot"),
    true,
  );
  assertEquals(at(join(outside, "back")), join(root, "in")); // where it really is
  for (const name of ["cells", "logs", "pipelines"]) {
    const folder = join(root, `sweep-${name}`);
    mkdirSync(folder);
    symlinkSync(outside, join(folder, name));
    assertStringIncludes(String(at(folder)), "must lie in its sweep's folder: it leads to " + outside);
  }
  const folder = join(root, "linked");
  mkdirSync(join(folder, "cells"), { recursive: true });
  symlinkSync(outside, join(folder, "cells", good.id));
  assertStringIncludes(String(at(folder)), "must lie in its sweep's folder");
  assertEquals(readdirSync(outside), ["back"]);
});

Deno.test("the root itself may be a link, or not be there yet", () => {
  const { base, root } = makeSandbox();
  symlinkSync(root, join(base, "link"));
  assertEquals(said(placeOf(join(base, "link"), { ...good, folder: join(base, "link/a") })), join(root, "a"));
  assertEquals(said(placeOf(join(base, "new"), { ...good, folder: join(base, "new/a") })), join(base, "new/a"));
});

Deno.test("a folder is marked where it is made, and only taken again for the same sweep", () => {
  const { root } = makeSandbox(), place = join(root, "study");
  assertEquals(said(claimPlace(place, good)), undefined);
  assertEquals([sweepIn(place), readdirSync(place)], [sweep, ["sweep.key"]]);
  assertEquals(said(claimPlace(place, good)), undefined);
  assertStringIncludes(String(said(claimPlace(place, { ...good, sweep: other }))), `it is that of ${sweep}`);
  const manifest = { version: 1, sweep: other, name: "a", file: "a.yaml", compare: [], cells: [] };
  writeFileSync(join(place, "manifest.json"), JSON.stringify(manifest)); // of whoever submits from here
  assertEquals(said(claimPlace(place, { ...good, sweep: other })), undefined);
});

Deno.test("a folder of something else is left as it is", () => {
  const { root } = makeSandbox();
  for (const name of ["pipeline.yaml", "notes.md", ".git", "manifest.json"]) {
    const place = join(root, `with-${name}`);
    mkdirSync(place);
    writeFileSync(join(place, name), "{}");
    assertMatch(
      String(said(claimPlace(place, good))),
      /must be the folder of its sweep, \S+: it is something else, which holds/,
    );
    assertEquals(readdirSync(place), [name]);
  }
});

Deno.test("work is done in no run and in no other sweep, however deep, so that nothing of theirs can be crowded out", () => {
  const root = realpathSync(temporaryFolder()), place = (...names: ReadonlyArray<string>) => join(root, ...names);
  mkdirSync(place("run", "checkpoints", "000012"), { recursive: true });
  writeFileSync(place("run", "pipeline.yaml"), "");
  mkdirSync(place("sweep", "cells"), { recursive: true });
  writeFileSync(place("sweep", "manifest.json"), "{}");
  mkdirSync(place("claimed"));
  writeFileSync(place("claimed", "sweep.key"), `${other}\n`);
  for (
    const within of [
      ["run", "study"],
      ["run", "checkpoints", "999999"],
      ["run", "checkpoints", "000012", "deep", "er"],
      ["sweep", "cells", "x"],
      ["claimed", "a", "b"],
    ]
  ) {
    const told = said(placeOf(root, { ...good, folder: place(...within) }));
    assertMatch(String(told), /^Cannot train .* must lie in no run and no other sweep: .* is one$/, within.join());
  }
  for (const free of [["study"], ["mine", "study"]]) {
    assertEquals(said(placeOf(root, { ...good, folder: place(...free) })), place(...free));
  }
  assertEquals(readdirSync(place("run", "checkpoints")), ["000012"]);
});
