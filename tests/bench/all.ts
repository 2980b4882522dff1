/** Runs every bench of this folder in a process of its own, one after the other. */
const here = new URL(".", import.meta.url);
const benches = [...Deno.readDirSync(here)].map((entry) => entry.name).filter((name) => name.endsWith("_bench.ts"))
  .sort();
for (const name of benches) {
  console.log(`\n== ${name}`);
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", new URL(name, here).pathname],
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (code !== 0) console.log(`${name} ended with code ${code}`);
}
