/**
 * A project that uses the package, `fixtures/consumer`: it type-checks with Deno's default options, by a link to the package
 * and by an import map, and what it does with the package works.
 *
 * @module
 */
import { assert, assertAlmostEquals, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parse } from "@std/yaml";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import configuration from "../deno.json" with { type: "json" };
import { ended, logOf } from "./cli/child.ts";
import { temporaryFile, temporaryFolder } from "./temporary.ts";

const root = fileURLToPath(new URL("../", import.meta.url)), consumer = join(root, "fixtures", "consumer");

const checked = [...Deno.readDirSync(consumer)].map(({ name }) => name).filter((name) => name.endsWith(".ts")).sort();

const deno = (...args: ReadonlyArray<string>) =>
  ended(
    new Deno.Command(Deno.execPath(), {
      args: [...args],
      cwd: consumer,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      env: { NO_COLOR: "1" },
    }).spawn(),
  );

const succeeded = async (...args: ReadonlyArray<string>): Promise<string> => {
  const { code, out, err } = await deno(...args);
  assertEquals(code, 0, err);
  return out;
};

/** A configuration that names the package's files one by one, as a user without links writes it. */
const byImportMap = (): string => {
  const own = Object.entries(configuration.exports).map(([path, file]) => [configuration.name + path.slice(1), file]);
  const absolute = [...Object.entries(configuration.imports), ...own].map(([name, to]) => [
    name,
    to.startsWith("./") ? new URL(`../${to}`, import.meta.url).href : to,
  ]);
  const file = temporaryFile(".json");
  Deno.writeTextFileSync(
    file,
    JSON.stringify({ nodeModulesDir: "none", lock: false, imports: Object.fromEntries(absolute) }),
  );
  return file;
};

Deno.test("it type-checks with Deno's default options, by a link and by an import map", async () => {
  const options = JSON.parse(Deno.readTextFileSync(join(consumer, "deno.json")));
  assertEquals("compilerOptions" in options, false);
  await succeeded("check", "--quiet", ...checked);
  await succeeded("check", "--quiet", "--config", byImportMap(), ...checked);
});

Deno.test("physics by its sub-path: a rod swings with the period of a thin rod", async () => {
  const { period, expected } = JSON.parse(await succeeded("run", "--no-check", "swing.ts"));
  // a quarter is found to one step of 1 ms, hence the period to 4 ms
  assertAlmostEquals(period, expected, 0.004);
});

const stateOf = (run: string, iteration: string): Uint8Array =>
  Deno.readFileSync(join(run, "checkpoints", iteration, "state.safetensors"));

const mscv = ["run", "-A", "--no-check", "../../src/cli/main.ts"];

Deno.test("a task, an estimator, a stage and a slot in YAML: checked, trained, resumed, in workers and in TypeScript, the same bits", async () => {
  const runs = temporaryFolder(), at = (run: string) => join(runs, run);
  const train = (run: string, ...more: ReadonlyArray<string>) =>
    succeeded(...mscv, "train", "pendulum.yaml", "--runs", runs, "--run", run, ...more);
  assertStringIncludes(await succeeded(...mscv, "check", "pendulum.yaml"), "pendulum.yaml: ok");
  await train("whole");
  await train("parts", "--iterations", "1");
  await succeeded(...mscv, "train", "--resume", at("parts"), "--iterations", "3");
  await train("workers", "--workers", "2");
  await succeeded("run", "-A", "--no-check", "composed.ts", at("composed"), "3");
  for (const run of ["parts", "workers", "composed"]) {
    assertEquals(logOf(at(run)), logOf(at("whole")), run);
    assertEquals(stateOf(at(run), "000003"), stateOf(at("whole"), "000003"), run);
  }
  const { mean, task } = JSON.parse(await succeeded(...mscv, "eval", at("whole"), "--json", "--episodes", "2"));
  assertEquals(task, "pendulum");
  assert(mean < -100 && mean > -200 * (Math.PI ** 2 + 6.4 + 0.004)); // a step costs at most π² + .1·8² + .001·2²
  const composed = await succeeded(
    "run",
    "-A",
    "--no-check",
    "main.ts",
    "eval",
    at("composed"),
    "--json",
    "--episodes",
    "2",
  );
  assertEquals(JSON.parse(composed).mean, mean);
  const budget = [
    "--quick",
    "--batches",
    "4",
    "--reference",
    "400",
    "--states",
    "4",
    "--steps",
    "50",
    "--workers",
    "1",
  ];
  assertMatch(await succeeded(...mscv, "lab", at("whole"), ...budget), /^leaveOneOut +/m);
  assertStringIncludes(await succeeded(...mscv, "report", at("whole"), "--out", at("report")), "Pendulum");
});

Deno.test("commands that read no pipeline take modules by --use, and say what is wrong with one", async () => {
  const out = temporaryFolder(), all = ["pendulum.ts", "leave_one_out.ts", "ppo_clip.ts"];
  const use = all.flatMap((module) => ["--use", module]);
  assertStringIncludes(await succeeded(...mscv, "tasks", "pendulum", ...use), "each within [-2, 2]");
  assertStringIncludes(await succeeded(...mscv, "estimators", "leaveOneOut", ...use), "baseline: mean | none");
  assertStringIncludes(await succeeded(...mscv, "stages", "ppoClip", ...use), "how far r may leave 1");
  await succeeded(...mscv, "schema", "--out", out, ...use);
  const schema = Deno.readTextFileSync(join(out, "pipeline.schema.json"));
  assertEquals(["pendulum", "leaveOneOut", "ppoClip"].filter((name) => !schema.includes(`"${name}"`)), []);
  const [state, actions] = [join(out, "state.json"), join(out, "actions.json")];
  Deno.writeTextFileSync(state, '{ "state": [0, 0] }');
  Deno.writeTextFileSync(actions, "[[2]]");
  const files = ["--state", state, "--actions", actions];
  // upright and at rest, 2 N·m: the speed after .05 s is .05·3·2 = .3 rad/s, the reward of the state before −.001·2²
  const step = JSON.parse(await succeeded(...mscv, "replay", "--task", "pendulum", ...files, ...use));
  assertAlmostEquals(step.obs[2], 0.3, 1e-12);
  assertAlmostEquals(step.reward, -0.004, 1e-12);
  for (const [module, words] of [["gone.ts", "there is no file /"], ["swing.ts", "it exports nothing"]]) {
    const { code, err } = await deno(...mscv, "tasks", "--use", module);
    assertEquals([code, err.includes(words), err.includes(`--use ${module}`)], [2, true, true], err);
  }
});

Deno.test("modules that have changed: a resume is refused, or notes it; eval warns", async () => {
  const runs = temporaryFolder(), own = join(runs, "own"), run = join(runs, "a");
  Deno.mkdirSync(own);
  for (const name of ["pendulum.ts", "leave_one_out.ts", "ppo_clip.ts", "pendulum.yaml"]) {
    Deno.copyFileSync(join(consumer, name), join(own, name));
  }
  await succeeded(...mscv, "train", join(own, "pendulum.yaml"), "--runs", runs, "--run", "a", "--iterations", "1");
  const kept = Deno.readTextFileSync(join(run, "sources", "pendulum.ts"));
  assertEquals(kept, Deno.readTextFileSync(join(consumer, "pendulum.ts")));
  Deno.writeTextFileSync(join(own, "pendulum.ts"), kept.replace("gravity = 10", "gravity = 9"));
  const refused = await deno(...mscv, "train", "--resume", run, "--iterations", "2");
  assertEquals(refused.code, 2);
  assertStringIncludes(refused.err, "as its modules must be what they were: changed pendulum.ts (--accept-changes");
  const evaluated = await deno(...mscv, "eval", run, "--episodes", "1");
  assertEquals(evaluated.code, 0);
  assertStringIncludes(evaluated.err, `warning: modules of ${run} have changed since it was trained: pendulum.ts`);
  const accepted = await deno(...mscv, "train", "--resume", run, "--iterations", "2", "--accept-changes");
  assertEquals([accepted.code, accepted.err], [0, "warning: goes on with changed modules: pendulum.ts\n"]);
  assertStringIncludes(Deno.readTextFileSync(join(run, "sources.after-000001", "pendulum.ts")), "gravity = 9");
  assertEquals((await deno(...mscv, "train", "--resume", run, "--iterations", "3")).err, ""); // it is the newest now
  Deno.writeTextFileSync(join(own, "pendulum.ts"), kept);
  assertEquals((await deno(...mscv, "train", "--resume", run, "--iterations", "4")).code, 2);
});

Deno.test("an ablation of one's own estimator trains its cells in the sandbox of train", async () => {
  const out = join(temporaryFolder(), "sweep");
  const said = await succeeded(...mscv, "ablate", "study.yaml", "--out", out, "--only", "seed=0");
  assertStringIncludes(said, "Done: 3 of 3 cells");
  assertStringIncludes(await succeeded(...mscv, "report", out, "--out", join(out, "report")), "leaveOneOut > none");
});

Deno.test("a command line of one's own trains and resumes with the own stage, bit for bit", async () => {
  const runs = temporaryFolder(), mscv = ["run", "-A", "--no-check", "main.ts"];
  assertStringIncludes(await succeeded(...mscv, "stages", "ppoClip"), "how far r may leave 1");
  await succeeded(...mscv, "train", "swimmer.yaml", "--runs", runs, "--run", "whole", "--iterations", "2");
  await succeeded(...mscv, "train", "swimmer.yaml", "--runs", runs, "--run", "parts", "--iterations", "1");
  await succeeded(...mscv, "train", "--resume", join(runs, "parts"), "--iterations", "2");
  assertEquals(logOf(join(runs, "parts")), logOf(join(runs, "whole")));
  const pipeline = parse(Deno.readTextFileSync(join(runs, "whole", "pipeline.yaml"))) as { program: unknown[] };
  assertEquals(pipeline.program.at(-1), { ppoClip: { clip: 0.2, epochs: 3, stepSize: 0.0003 } });
  const wrong = join(runs, "wrong.yaml"), text = Deno.readTextFileSync(join(consumer, "swimmer.yaml"));
  Deno.writeTextFileSync(wrong, text.replace("ppoClip: { epochs", "ppoClip: { epoch"));
  const { code, err } = await deno(...mscv, "check", wrong);
  assertEquals(code, 2);
  assertMatch(err, /wrong\.yaml:10:16 program\.4\.ppoClip\.epoch: .*did you mean "epochs"/);
});

/** (folder) ⇒ writes pendulum.yaml there without `use`, as a catalog has its names, and an ablation of it of two cells. */
const writeUnusing = (folder: string): string => {
  const text = Deno.readTextFileSync(join(consumer, "pendulum.yaml"));
  Deno.writeTextFileSync(join(folder, "catalog.yaml"), text.replace(/^use: .*\n/, ""));
  const study = join(folder, "study.yaml");
  Deno.writeTextFileSync(
    study,
    "base: catalog.yaml\niterations: 1\naxes:\n  variant: { a: {}, b: { set: { estimateGradient: { baseline: none } } } }\n" +
      "  seed: [0]\n",
  );
  return study;
};

Deno.test("a command line of one's own has its catalog's task, estimator and stage in every command, linked to the package", async () => {
  const runs = temporaryFolder(), study = writeUnusing(runs), mscv = ["run", "-A", "--no-check", "main.ts"];
  const pipeline = join(runs, "catalog.yaml"), train = ["train", pipeline, "--runs", runs, "--iterations", "1"];
  assertStringIncludes(await succeeded(...mscv, "estimators", "leaveOneOut"), "baseline: mean | none");
  assertStringIncludes(await succeeded(...mscv, "check", pipeline), "catalog.yaml: ok");
  await succeeded(...mscv, ...train, "--run", "a");
  await succeeded(...mscv, "eval", join(runs, "a"), "--episodes", "1");
  const workers = await deno(...mscv, ...train, "--run", "b", "--workers", "2");
  assertEquals(workers.code, 1);
  assertStringIncludes(workers.err, 'name its file in the pipeline, "use: [./my_task.ts]", or train without workers');
  const said = await succeeded(...mscv, "ablate", study, "--out", join(runs, "sweep")); // its packages lie in Deno's cache
  assertMatch(said, /Done: 2 of 2 cells\nNext: deno run … main\.ts report /);
});

Deno.test("what only the catalog of a command line of one's own has is measured without workers, which a line says", async () => {
  const runs = temporaryFolder(), mscv = ["run", "-A", "--no-check", "main.ts"], run = join(runs, "a");
  writeUnusing(runs);
  await succeeded(...mscv, "train", join(runs, "catalog.yaml"), "--runs", runs, "--run", "a", "--iterations", "1");
  const budget = "--quick --batches 4 --reference 400 --states 4 --steps 50 --workers 1".split(" ");
  const { code, out, err } = await deno(...mscv, "lab", run, ...budget);
  assertEquals(code, 0, err);
  assertMatch(out, /^leaveOneOut +/m);
  assertMatch(
    err,
    /^warning: measured without workers, .* could not import task "pendulum" and estimator "leaveOneOut": name the file/m, // packages may be fetched before
  );
});

Deno.test("a command line of one's own that is started by --config trains its cells by it", async () => {
  const folder = temporaryFolder(), study = writeUnusing(folder), main = join(folder, "main.ts");
  for (const name of checked) Deno.copyFileSync(join(consumer, name), join(folder, name));
  const mscv = ["run", "-A", "--no-check", "--config", byImportMap(), main];
  assertStringIncludes(
    await succeeded(...mscv, "ablate", study, "--out", join(folder, "sweep")),
    "Done: 2 of 2 cells",
  );
  Deno.writeTextFileSync(
    main,
    'if (Deno.args[0] === "cell") throw new Error("no cell today");\n' + Deno.readTextFileSync(main),
  );
  const { code, err } = await deno(...mscv, "ablate", study, "--out", join(folder, "other"));
  assertEquals(code, 1);
  assertMatch(err, /Last lines of .*, the same in 2 cells:\n +error: Uncaught .*Error: no cell today/);
});
