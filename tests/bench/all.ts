/** Runs every bench of this folder in a process of its own, one after the other; code 1 where one of them fails. */
const here = new URL(".", import.meta.url);
const benches = [...Deno.readDirSync(here)].map((entry) => entry.name).filter((name) => name.endsWith("_bench.ts"))
  .sort();
const failed: string[] = [];
for (const name of benches) {
  console.log(`\n== ${name}`);
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", new URL(name, here).pathname],
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (code !== 0) failed.push(`${name} (code ${code})`);
}
if (failed.length > 0) {
  console.error(`\nCannot bench all of ${benches.length} as each must end with code 0: failed ${failed.join(", ")}`);
  Deno.exit(1);
}
