import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readEvents } from "../../src/interchange/tf_events.ts";
import { fake, real, workplace } from "./child.ts";
import { temporaryFolder } from "../temporary.ts";

const small = ["--set", "collect.steps=200", "--set", "fitValue.epochs=1", "--iterations", "2"];

Deno.test("export: events, table, policy and card of a run; TensorBoard's files while it trains", async () => {
  const folder = temporaryFolder(), run = join(folder, "a"), at = (name: string) => join(folder, name);
  const trained = await real(
    "train",
    "reacher_trpo",
    ...small,
    "--runs",
    folder,
    "--run",
    "a",
    "--tensorboard",
    at("live"),
  );
  assertEquals([trained.code, trained.err], [0, ""]);
  const episodes = ["--episodes", "2"], all = ["--tensorboard", at("tb"), "--csv", at("a.csv"), "--onnx", at("a.onnx")];
  const { code, err } = await real("export", run, ...all, "--card", at("card"), ...episodes);
  assertEquals([code, err], [0, ""]);
  const scalars = (out: string) => {
    const [file, ...others] = readdirSync(join(folder, out, "a"));
    assertEquals(others, []);
    return readEvents(new Uint8Array(readFileSync(join(folder, out, "a", file)))).map((
      { step, scalars },
    ) => [step, scalars]);
  };
  assertEquals(scalars("tb").map(([step]) => step), [200, 400]);
  assertEquals(scalars("live"), scalars("tb"));
  const log = readFileSync(join(run, "metrics.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line));
  const [head, first] = readFileSync(at("a.csv"), "utf8").split("\n").map((line) => line.split(","));
  assertEquals(Number(first[head.indexOf("trpoUpdate.kl")]), log[0]["trpoUpdate.kl"]);
  assertEquals(readdirSync(at("card")).sort(), [
    ...["README.md", "config.yaml", "policy.onnx", "policy.safetensors", "replay.mp4", "results.json"],
  ]);
  const card = readFileSync(join(at("card"), "README.md"), "utf8");
  for (const text of ["library_name: mscv", "name: Reacher-v5", "mean_reward"]) assertStringIncludes(card, text);
  assertEquals(readFileSync(join(at("card"), "policy.onnx")), readFileSync(at("a.onnx")));
  assertEquals(JSON.parse(readFileSync(join(at("card"), "results.json"), "utf8")).episodes.length, 2);
  const checked = await real("check", join(at("card"), "config.yaml"));
  assertEquals(checked.code, 0, checked.err);
});

Deno.test("export: what cannot be is refused in one line", async () => {
  const { folder, pipeline } = workplace();
  await fake("train", pipeline, "--runs", folder, "--run", "a", "--iterations", "1");
  const run = join(folder, "a");
  const refused = async (...args: ReadonlyArray<string>) => {
    const { code, err } = await fake("export", ...args);
    assertEquals([code, err.trim().split("\n").length], [2, 1], err);
    return err;
  };
  assertStringIncludes(await refused(run), "one of --tensorboard, --csv, --onnx, --card must say where to");
  assertStringIncludes(await refused(folder, "--csv", join(folder, "x.csv")), folder);
  assertStringIncludes(
    await refused(run, "--card", join(folder, "card"), "--episodes", "0"),
    "--episodes must be 1 or more",
  );
});

Deno.test("report: a log of another tool is a variant beside the runs", async () => {
  const { folder, pipeline } = workplace("threshold: 0.5\n");
  await fake("train", pipeline, "--runs", join(folder, "runs"), "--run", "ours-seed0");
  const monitor = join(folder, "monitor.csv"), out = join(folder, "out"), written = join(out, "report.json");
  writeFileSync(
    monitor,
    '#{"t_start": 1.0, "env_id": "Pendulum-v1"}\nr,l,t\n1.0,3000,0.1\n3.0,2500,0.2\n5.0,5000,0.3\n',
  );
  const peer = `variant=ppo,task=pendulum,seed=4,file=${monitor}`;
  const { code, err } = await fake("report", join(folder, "runs"), "--peer", peer, "--out", out);
  assertEquals([code, err], [0, ""]);
  const { tasks: [{ cells }] } = JSON.parse(readFileSync(written, "utf8"));
  const [ppo] = cells.filter(({ variant }: { readonly variant: string }) => variant === "ppo");
  assertEquals([ppo.done, ppo.runs[0].seed, ppo.runs[0].final], [1, 4, 5]);
  assert(cells.length === 2);
  mkdirSync(join(folder, "empty"));
  for (
    const bad of ["variant=ppo", "variant=ppo,file=nowhere.csv", `varant=a,file=${monitor}`, "ppo", `file=${monitor}`]
  ) {
    const told = await fake("report", join(folder, "runs"), "--peer", bad, "--out", out);
    assertEquals([told.code, told.err.trim().split("\n").length], [2, 1], told.err);
  }
});
