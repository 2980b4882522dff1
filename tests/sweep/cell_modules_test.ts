/**
 * The process of a cell finds modules as the process does that starts it.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { causesAtStart } from "../../src/sweep/causes.ts";
import { packageFolders, resolvingFlags } from "../../src/sweep/cell_modules.ts";

const flagsOf = (command: string) => resolvingFlags(command.split(" "), "/own/main.ts", "/own");

Deno.test("flags that say what a module's name means are handed on, with absolute paths, and no other", () => {
  assertEquals(flagsOf("deno run -A --config ../mscv/deno.json main.ts ablate --config no"), [
    "--config=/mscv/deno.json",
  ]);
  assertEquals(flagsOf("deno run -c a=b.json --import-map=/map.json --no-lock --allow-read=. /own/main.ts"), [
    "--config=/own/a=b.json",
    "--import-map=/map.json",
    "--no-lock",
  ]);
  assertEquals(flagsOf("deno --node-modules-dir=none --import-map https://a.example/map.json file:///own/main.ts"), [
    "--node-modules-dir=none",
    "--import-map=https://a.example/map.json",
  ]);
  assertEquals(flagsOf("deno run -A main.ts --config deno.json"), []);
  assertEquals(flagsOf("deno test --config deno.json tests"), []); // no command that starts it
});

Deno.test("the folders of packages are those that hold what they read", () => {
  const folders = packageFolders();
  for (const file of ["tfjs-backend-wasm-simd.wasm", "mujoco.wasm"]) {
    assert(folders.some((folder) => existsSync(join(folder, file))), `${file} in ${folders}`);
  }
});

const outcome = (id: string, iterations: number, log: ReadonlyArray<string>) => ({
  id,
  attempt: 1,
  state: "failed" as const,
  iterations,
  steps: 0,
  host: "a",
  error: { tag: "ProcessDied", message: "exit code 1", log },
});

Deno.test("what cells said that failed at their start is told once, without repetition; of others, nothing", () => {
  const died = (id: string) => `The process of ${id} ended by itself: exit code 1`;
  const log = (
    id: string,
  ) => ["error: not a dependency", "", "  at a.ts", died(id), "error: not a dependency", died(id)];
  assertEquals(
    causesAtStart([
      outcome("a", 0, log("a")),
      outcome("b", 0, log("b")),
      outcome("c", 1, ["late"]),
      outcome("d", 0, []),
    ]),
    ["Last lines of a, the same in 2 cells:", "  error: not a dependency\n    at a.ts"],
  );
  const many = Array.from({ length: 9 }, (_, i) => `line ${i}`);
  assertEquals(causesAtStart([outcome("a", 0, many)])[1], many.slice(3).map((line) => `  ${line}`).join("\n"));
});
