/**
 * `deno task install` gives the command `mscv`, which works in any folder.
 *
 * @module
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { existsSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { ended } from "./child.ts";
import { temporaryFolder } from "../temporary.ts";

const pipeline = "task: swimmer\niterations: 1\n" +
  "networks: { policy: { hidden: [8] }, value: { hidden: [8] }, model: { hidden: [16] } }\n" +
  "program:\n  - collect: { steps: 200, environments: 2 }\n  - store\n  - fitModel: { updates: 4 }\n" +
  "  - fitValue: { epochs: 1 }\n  - estimateGradient: { horizon: 2 }\n  - trpoUpdate\n";

Deno.test("the installed command trains in a folder of its own, and may write no other until it is installed with that", async () => {
  const root = temporaryFolder(), folder = realpathSync(temporaryFolder());
  const install = (allow: string) =>
    ended(
      new Deno.Command(Deno.execPath(), {
        args: ["task", "--quiet", "install"],
        stdout: "piped",
        stderr: "piped",
        env: { NO_COLOR: "1", MSCV_ALLOW: allow, DENO_INSTALL_ROOT: root },
      }).spawn(),
    );
  const installed = await install("");
  assertEquals([installed.code, installed.out], [0, ""], installed.err);
  const PATH = [dirname(Deno.execPath()), Deno.env.get("PATH") ?? ""].join(delimiter);
  const mscv = (...args: ReadonlyArray<string>) =>
    ended(
      new Deno.Command(join(root, "bin", "mscv"), {
        args: [...args],
        cwd: folder,
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
        env: { NO_COLOR: "1", PATH },
      }).spawn(),
    );
  try {
    writeFileSync(join(folder, "small.yaml"), pipeline);
    assertStringIncludes((await mscv("tasks")).out, "swimmer");
    const trained = await mscv("train", "small.yaml", "--run", "a");
    assertEquals([trained.code, trained.err], [0, ""]);
    assertStringIncludes(trained.out, "Next: mscv eval runs/a");
    assertEquals(/deno task/.test(trained.out + (await mscv("train", "--help")).out), false);
    assertEquals(existsSync(join(folder, "runs", "a", "metrics.jsonl")), true);
    const refused = await mscv("train", "small.yaml", "--runs", root);
    assertEquals(refused.code, 2);
    assertMatch(refused.err, /the sandbox forbids read and write access/);
    const unwritten = await mscv("schema", "--out", ".");
    assertStringIncludes(unwritten.err, "the sandbox forbids write access; write below runs or pipelines, or ");
    const [, allow] = /MSCV_ALLOW="([^"]*)" deno task install in /.exec(unwritten.err) ?? [];
    assertEquals((await install(allow)).code, 0);
    assertEquals((await mscv("schema", "--out", ".")).err, "");
    assertEquals(existsSync(join(folder, "pipeline.schema.json")), true);
  } finally {
    for (const each of [root, folder]) rmSync(each, { recursive: true });
  }
});
