/**
 * What the work of a sweep may import: files below what the runner's own command line names, by real paths.
 *
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import * as Effect from "effect/Effect";
import { existsSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { refuseForeignModules } from "../../src/sweep/allowed_modules.ts";
import { makeWork, request, tell } from "./told_cell.ts";
import { temporaryFolder } from "../temporary.ts";

const folder = (): string => Deno.realPathSync(temporaryFolder());

const isAllowed = (module: string, ...allowed: ReadonlyArray<string>): boolean =>
  Effect.runSync(Effect.result(refuseForeignModules([module], allowed)))._tag === "Success";

Deno.test("files below a named folder, the named file, and a package by its whole name; nothing else", () => {
  const own = folder(), other = folder();
  writeFileSync(join(own, "a.ts"), "");
  writeFileSync(join(other, "b.ts"), "");
  assertEquals(isAllowed(join(own, "a.ts"), own), true);
  assertEquals(isAllowed(join(own, "a.ts"), join(own, "a.ts")), true);
  assertEquals(isAllowed(join(own, "deep", "er", "a.ts"), own), true);
  assertEquals(isAllowed(join(other, "b.ts"), own), false);
  assertEquals(isAllowed(`${own}x/a.ts`, own), false); // a neighbour whose name begins alike
  assertEquals(isAllowed(join(own, "..", "b.ts"), own), false);
  assertEquals(isAllowed(join(own, "a.ts")), false);
  assertEquals(isAllowed("./own.ts", Deno.cwd()), false); // another file for whoever reads it elsewhere
  assertEquals(isAllowed("npm:left-pad@1.3.0", "npm:left-pad@1.3.0"), true);
  assertEquals(isAllowed("npm:left-pad@1.3.1", "npm:left-pad@1.3.0", own), false);
});

Deno.test("a link that leads out of the folder is not in it; one that leads in is", () => {
  const own = folder(), other = folder();
  writeFileSync(join(own, "a.ts"), "");
  writeFileSync(join(other, "b.ts"), "");
  symlinkSync(join(other, "b.ts"), join(own, "out.ts"));
  symlinkSync(own, join(other, "in"));
  assertEquals(isAllowed(join(own, "out.ts"), own), false);
  assertEquals(isAllowed(join(other, "in", "a.ts"), own), true);
  assertEquals(isAllowed(join(own, "a.ts"), join(other, "in")), true); // as the command line calls it
});

Deno.test("work that names a module elsewhere is refused before a line of it runs", async () => {
  const stage = new URL("../../src/stages/stage.ts", import.meta.url).href, ran = join(folder(), "ran");
  const evil = `import { defineStage } from "${stage}";
import * as Schema from "effect/Schema";
import * as Effect from "effect/Effect";
import { writeFileSync } from "node:fs";
if (Deno.args[0] === "cell") writeFileSync(${JSON.stringify(ran)}, "");
export const nothing = defineStage({
  name: "nothing", summary: "nothing", metrics: {}, options: Schema.Struct({}),
  make: () => ({ name: "nothing", reads: [], writes: [], run: () => Effect.succeed({ metrics: {} }) }),
});
`;
  const text = "use: [./evil.ts]\ntask: pendulum\niterations: 1\nprogram: [collect, store, nothing, trpoUpdate]\n";
  const { base, root, work } = await makeWork(text, { "evil.ts": evil });
  for (const modules of [[], [root], ["npm:evil@1.0.0"]]) {
    const [failed, ...more] = await tell(request(root, work, modules));
    assertEquals(more, []);
    assertStringIncludes(
      failed.event === "failed" ? failed.message : "",
      "its modules must lie in folders that the runner's --modules names: current value is",
    );
  }
  const relative = { ...work, pipeline: work.pipeline.replace(join(base, "evil.ts"), "./evil.ts") };
  const [stray] = await tell(request(root, relative, [base, Deno.cwd()]));
  assertStringIncludes(stray.event === "failed" ? stray.message : "", 'current value is "./evil.ts"');
  assertEquals(existsSync(ran), false);
  assertEquals((await tell(request(root, work, [base]))).at(-1)?.event, "done");
  assertEquals(existsSync(ran), true); // so it would have run
});
