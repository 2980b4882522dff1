/** Where MuJoCo's package is not installed: what needs it says how to install it, the rest works. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import configuration from "../../deno.json" with { type: "json" };
import { temporaryFolder } from "../temporary.ts";
import { ended } from "./child.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** (folder) ⇒ the package there, configured with a release of MuJoCo that no machine has. */
const copyWithoutMujoco = (folder: string): void => {
  cpSync(join(root, "src"), join(folder, "src"), { recursive: true });
  const imports = { ...configuration.imports, "@mujoco/mujoco": "npm:@mujoco/mujoco@0.0.0" };
  const changed = { ...configuration, imports, nodeModulesDir: "none", lock: false };
  Deno.writeTextFileSync(join(folder, "deno.json"), JSON.stringify(changed));
};

Deno.test("a task on MuJoCo's engine names the line that installs it; a planar one needs nothing", async () => {
  const folder = temporaryFolder();
  copyWithoutMujoco(folder);
  const replay = (task: string, act: number, state: Readonly<Record<string, number[]>>) => {
    const files = { state: JSON.stringify(state), actions: JSON.stringify([new Array(act).fill(0)]) };
    for (const [name, text] of Object.entries(files)) Deno.writeTextFileSync(join(folder, `${name}.json`), text);
    const given = Object.keys(files).flatMap((name) => [`--${name}`, join(folder, `${name}.json`)]);
    const args = ["run", "--allow-all", "--no-check", "--cached-only", "src/cli/main.ts", "replay"];
    return ended(
      new Deno.Command(Deno.execPath(), {
        args: [...args, "--task", task, ...given],
        cwd: folder,
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
        env: { NO_COLOR: "1" },
      }).spawn(),
    );
  };
  const pusher = await replay("pusher", 7, { qpos: new Array(11).fill(0), qvel: new Array(11).fill(0) });
  assertEquals([pusher.code === 0, pusher.out], [false, ""]);
  assertStringIncludes(
    pusher.err,
    'Cannot simulate pusher as its engine must be there: Cannot load MuJoCo as its package must be installed, by "deno ' +
      `install ${configuration.imports["@mujoco/mujoco"]}"`,
  );
  const hopper = await replay("hopper", 3, { qpos: [0, 1.25, 0, 0, 0, 0], qvel: new Array(6).fill(0) });
  assertEquals([hopper.code, hopper.err], [0, ""]);
  assertEquals(hopper.out.trim().split("\n").length, 1);
  rmSync(folder, { recursive: true });
});
