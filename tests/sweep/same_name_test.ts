/**
 * What a sweep's folder is guarded against: another ablation of the same name, and two engines at once.
 *
 * @module
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { manifestPath, outcomePath } from "../../src/sweep/manifest.ts";
import { ended } from "../cli/child.ts";
import { makePlace, type Place, startAblate, startCommand, sweepOf } from "./processes.ts";

const one = "axes: { variant: { a: {} }, seed: [0] }\n";

/** (place, its other folder) ⇒ the same sweep folder from a copy of the files. */
const copyOf = (place: Place): Place => {
  const folder = join(dirname(place.file), "copy");
  mkdirSync(folder);
  for (const name of ["base.yaml", "study.yaml"]) cpSync(join(dirname(place.file), name), join(folder, name));
  return { ...place, file: join(folder, "study.yaml") };
};

Deno.test("another file of the same name does not take a sweep over; a copy, a longer one and a moved one go on", async () => {
  const place = makePlace(0, one), other = copyOf(place);
  assertEquals((await ended(startAblate(place))).code, 0);
  const manifest = readFileSync(manifestPath(place.out), "utf8");
  assertEquals((await ended(startAblate(other, "--dry-run"))).code, 0); // the same cells
  const write = (changes: string) => writeFileSync(other.file, `base: base.yaml\n${changes}`);
  write(one.replace("[0]", "[0, 1]"));
  assertStringIncludes((await ended(startAblate(other, "--dry-run"))).out, "2 cells, 1 to do");
  write(one.replace("[0]", "[1]"));
  for (const more of [["--dry-run"], []]) {
    const { code, err } = await ended(startAblate(other, ...more));
    assertEquals(code, 2);
    assertStringIncludes(err, `Cannot use ${place.out} for ${other.file} as it must be the sweep of one ablation file`);
    assertStringIncludes(err, `that of ${place.file}`);
  }
  assertEquals(readFileSync(manifestPath(place.out), "utf8"), manifest);
  rmSync(place.file);
  assertEquals((await ended(startAblate(other, "--dry-run"))).code, 0);
});

Deno.test("a folder that holds a run, notes or another program's manifest is refused before anything is written", async () => {
  const place = makePlace(0, one);
  const contents: ReadonlyArray<readonly [string, string]> = [
    ["pipeline.yaml", "task: pendulum\n"],
    ["notes.md", "mine"],
    ["manifest.json", '{"name":"an app","version":"1.0.0"}'],
    ["manifest.json", '{"version":1,"files":{}}'],
    ["sweep.key", "2f1c7a52-5a0e-4d0b-9c1e-0a8f6b7d3e21\n"],
  ];
  for (const [name, text] of contents) {
    mkdirSync(place.out);
    writeFileSync(join(place.out, name), text);
    for (const more of [[], ["--dry-run"], ["--storage", nowhere]]) {
      const { code, err } = await ended(startAblate(place, ...more));
      assertEquals(code, 2, name);
      assertMatch(err, new RegExp(`^error: Cannot use ${place.out} .* must .*\n$`));
    }
    assertEquals(readdirSync(place.out).map((each) => [each, readFileSync(join(place.out, each), "utf8")]), [[
      name,
      text,
    ]]);
    rmSync(place.out, { recursive: true });
  }
  mkdirSync(place.out); // an empty one
  assertEquals((await ended(startAblate(place))).code, 0);
});

const nowhere = "postgres://mscv@127.0.0.1:1/study";

Deno.test("a folder that is a link to nowhere is refused in words", async () => {
  const place = makePlace(0, one);
  symlinkSync("nowhere", place.out);
  const { code, err } = await ended(startAblate(place, "--dry-run"));
  assertEquals(code, 2);
  assertMatch(err, /^error: Cannot use .* as it must be a readable folder: .*\n$/);
});

Deno.test("a sweep that was submitted to a database is not trained here before it is at its end there", async () => {
  const place = makePlace(0, one);
  assertEquals((await ended(startAblate(place))).code, 0);
  const manifest = JSON.parse(readFileSync(manifestPath(place.out), "utf8"));
  writeFileSync(manifestPath(place.out), JSON.stringify({ ...manifest, storage: "postgres://db/study" }));
  assertEquals((await ended(startAblate(place))).code, 0); // it is at its end
  writeFileSync(manifestPath(place.out), JSON.stringify({ ...manifest, storage: "postgres://db/study" }));
  rmSync(outcomePath(place.out, sweepOf(place).cells[0].id));
  for (const more of [[], ["--storage", nowhere]]) {
    const { code, err } = await ended(startAblate(place, ...more));
    assertEquals(code, 2);
    assertStringIncludes(err, "as its cells were submitted to postgres://db/study");
  }
});

Deno.test("a storage that cannot be reached is told before anything is written or shown", async () => {
  const place = makePlace(0, one);
  const { code, out, err } = await ended(startAblate(place, "--storage", nowhere));
  assertEquals([code, out], [2, ""]);
  assertStringIncludes(err, "Cannot use postgres://127.0.0.1:1/study as it must be reachable");
  assertEquals(readManifestText(place), null);
});

const readManifestText = ({ out }: Place): string | null => {
  try {
    return readFileSync(manifestPath(out), "utf8");
  } catch {
    return null;
  }
};

Deno.test("a file that is a folder, one that is not there, and --detach without a database are told in words", async () => {
  const place = makePlace(0, one);
  const folder = await ended(startCommand(place, ["ablate", dirname(place.file)]));
  assertEquals([folder.code, folder.err.includes("EISDIR")], [2, false]);
  assertStringIncludes(folder.err, "must be a readable file: it is a folder");
  const missing = await ended(startCommand(place, ["status", "nowhere.yaml"]));
  assertEquals(missing.code, 2);
  assertStringIncludes(missing.err, "nowhere.yaml: must be a readable file: there is no such file");
  const detached = await ended(startAblate(place, "--detach"));
  assertEquals(detached.code, 2);
  assertStringIncludes(detached.err, "Cannot detach as --storage must name a database");
});

Deno.test("status and report look for the sweep under the name that the ablation gives itself", async () => {
  const place = makePlace(0, `name: mine\n${one}`);
  for (const command of ["status", "report"]) {
    const { code, err } = await ended(startCommand(place, [command, place.file]));
    assertEquals(code, 2);
    assertStringIncludes(err, join("runs", "mine"));
  }
});

Deno.test("a variant that leaves the file and returns keeps its attempts", async () => {
  const good = "good: {}", bad = "bad: { set: { trpoUpdate: { failAfter: 5 } } }";
  const place = makePlace(0);
  const write = (...variants: ReadonlyArray<string>) =>
    writeFileSync(place.file, `base: base.yaml\naxes: { variant: { ${variants.join(", ")} }, seed: [0] }\n`);
  write(good, bad);
  await ended(startAblate(place));
  await ended(startAblate(place, "--retry-failed"));
  const before = sweepOf(place).cells;
  assertEquals(before.map(({ attempt }) => attempt), [1, 2]);
  write(good);
  assertEquals((await ended(startAblate(place))).code, 0);
  write(good, bad);
  const { code, out } = await ended(startAblate(place));
  assertEquals([code, sweepOf(place).cells], [1, before]);
  assertStringIncludes(out, "2 cells, 0 to do");
});
