/**
 * Environment variables that name kernels: what cannot be followed is refused, and what they change is told on resume.
 *
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BackendReport } from "../../src/nn/kernels/backend.ts";
import { realWith as realIn, type Settings } from "./child.ts";
import { temporaryFolder } from "../temporary.ts";

/** Runs the real command line under these settings alone, whatever the tests themselves are run under. */
const realWith = (settings: Settings, ...args: ReadonlyArray<string>) =>
  realIn({ MSCV_KERNELS: "", MSCV_BLAS: "", ...settings }, ...args);

const wrongKernels = { MSCV_KERNELS: "foo" };
const refusal = 'error: Cannot start the backend as MSCV_KERNELS must be "auto" or "off": current value is foo\n';

const tiny = ["collect.steps=200", "fitModel.updates=2", "fitModel.batchSize=16", "fitValue.epochs=1"]
  .flatMap((setting) => ["--set", setting]);

/** Trains in a new folder ⇒ (folder of the run). */
const trained = async (settings: Settings, iterations: string): Promise<string> => {
  const folder = temporaryFolder(), where = ["--runs", folder, "--run", "a", "--iterations", iterations];
  const { code, err } = await realWith(settings, "train", "pipelines/swimmer_mscv.yaml", ...where, ...tiny);
  assertEquals([code, err], [0, ""]);
  return join(folder, "a");
};

Deno.test("a setting that cannot be followed is wrong usage, in one line, by every command that runs networks", async () => {
  const run = await trained({}, "1"), folder = temporaryFolder(), out = join(folder, "sweep");
  const ablation = join(folder, "study.yaml");
  writeFileSync(ablation, `base: ${join(run, "pipeline.yaml")}\naxes: { variant: { a: {} }, seed: [0, 1] }\n`);
  for (
    const args of [
      ["train", "pipelines/swimmer_mscv.yaml", "--runs", folder, "--run", "a"],
      ["train", "--resume", run, "--iterations", "2"],
      ["eval", run],
      ["lab", run, "--quick"],
      ["report", "--prediction", run, "--out", join(folder, "report")],
      ["ablate", ablation, "--out", out, "--slots", "1"],
    ]
  ) {
    const { code, err } = await realWith(wrongKernels, ...args);
    assertEquals([code, err], [2, refusal], args.join(" "));
  }
  assertEquals(existsSync(join(folder, "a")), false);
  assertEquals(existsSync(join(out, "outcomes")), false); // no fault of the cells
  assertEquals((await realWith({}, "eval", run, "--episodes", "1")).code, 0);
});

Deno.test("every variable of ours is refused where it means nothing, wherever src reads it", async () => {
  const folder = temporaryFolder(), train = ["train", "pipelines/swimmer_trpo.yaml", "--runs", folder];
  const wrong: Readonly<Record<string, readonly [value: string, args: ReadonlyArray<string>]>> = {
    MSCV_KERNELS: ["On", train],
    MSCV_BLAS: [join(folder, "libopenblas.so"), train],
    MSCV_STORAGE: ["nonsense", ["status", "pipelines/ablations/table1.yaml"]],
  };
  const sources = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  const read = new Set(
    sources.flatMap((name) => readFileSync(join("src", name), "utf8").match(/(?<=")MSCV_[A-Z_]+(?=")/g) ?? []),
  );
  read.delete("MSCV_ALLOW"); // flags of Deno, which refuses them itself

  assertEquals([...read].sort(), Object.keys(wrong).sort());
  for (const [variable, [value, args]] of Object.entries(wrong)) {
    const { code, err } = await realWith({ [variable]: value }, ...args);
    assertEquals([code, err.match(/\n/g)?.length], [2, 1], err);
    assertStringIncludes(err, "must be ");
    if (args === train) assertStringIncludes(err, `current value is ${value}`); // that of the storage may hold a password
  }
  assertEquals(readdirSync(folder), []);
});

const backendOf = (run: string): BackendReport =>
  JSON.parse(readFileSync(join(run, "environment.json"), "utf8")).backend;

Deno.test("a resume on another core of OpenBLAS, or on other kernels, warns once; on the same it is silent", async () => {
  const run = await trained({ OPENBLAS_CORETYPE: "Nehalem" }, "1"), first = backendOf(run);
  const { os, arch } = Deno.build,
    choosesCores = os === "linux" && arch === "x86_64" && /openblas/.test(first.blas ?? "");
  const resumed = async (settings: Settings, iterations: string) => {
    const { code, err } = await realWith(settings, "train", "--resume", run, "--iterations", iterations);
    assertEquals(code, 0, err);
    return err;
  };
  const told = "warning: results may differ in rounding from those of the uninterrupted run: it ran with ";
  if (choosesCores) {
    assertEquals([first.blasCore, first.blasThreads], ["Nehalem", 1]);
    assertEquals(await resumed({ OPENBLAS_CORETYPE: "Nehalem" }, "2"), "");
    assertEquals(
      await resumed({ OPENBLAS_CORETYPE: "Prescott" }, "3"),
      `${told}BLAS core Nehalem, and goes on with BLAS core Prescott\n`,
    );
  }
  const off = await resumed({ MSCV_KERNELS: "off" }, "4");
  assertEquals([off.startsWith(`${told}kernels auto, `), off.match(/\n/g)?.length], [true, 1], off);
  assertStringIncludes(off, "and goes on with kernels off");
  assertEquals(await resumed({ MSCV_KERNELS: "off" }, "5"), "");
});
