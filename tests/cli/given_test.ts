import { assertEquals, assertStringIncludes } from "@std/assert";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { ended, real, start, workplace } from "./child.ts";
import { temporaryFolder } from "../temporary.ts";

Deno.test("paths are those that a user sees from where they stand, then those from the project's folder", async () => {
  const { folder, pipeline } = workplace(), inside = join(folder, "inside");
  mkdirSync(inside);
  writeFileSync(join(inside, "deep.yaml"), "task: swimmer\nprogram: [colect]\n");
  const check = (path: string) => ended(start("tests/cli/fake_main.ts", ["check", path], { INIT_CWD: inside }));
  const deep = await check("deep.yaml");
  assertEquals(deep.code, 2);
  assertStringIncludes(deep.err, `${relative(".", join(inside, "deep.yaml"))}:2:11 `);
  assertEquals((await check(`../${relative(folder, pipeline)}`)).code, 0);
  assertEquals((await check(pipeline)).code, 0); // absolute
  const root = await ended(start("src/cli/main.ts", ["check", "pipelines/hopper_trpo.yaml"], { INIT_CWD: inside }));
  assertEquals([root.code, root.out], [0, "pipelines/hopper_trpo.yaml: ok\n"]);
});

Deno.test("built-in pipelines and ablations are known by their names, a file of that name comes first", async () => {
  const { code, out } = await real("check", "hopper_mscv", "table1");
  assertEquals(code, 0);
  assertEquals(out.split("\n").slice(0, 1), ["pipelines/hopper_mscv.yaml: ok"]);
  assertStringIncludes(out, "pipelines/ablations/table1.yaml: ok, ");
  const folder = temporaryFolder();
  writeFileSync(join(folder, "hopper_mscv"), "task: [");
  const own = await ended(start("src/cli/main.ts", ["check", "hopper_mscv"], { INIT_CWD: folder }));
  assertEquals(own.code, 2);
  const unknown = await real("check", "hoper_mscv");
  assertEquals(unknown.code, 2);
  assertStringIncludes(unknown.err, "hoper_mscv");
});

Deno.test("help tells defaults", async () => {
  const { out } = await real("train", "--help");
  for (const text of ["(default: swimmer_mscv)", "(default: 0)", "(default: runs)"]) assertStringIncludes(out, text);
});
