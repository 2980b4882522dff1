/**
 * Agents of runs, as a page gets them: from real checkpoints, damaged and removed ones among them.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import * as Effect from "effect/Effect";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { builtIn } from "../../src/config/built_in.ts";
import { makePlayer } from "../../src/episode/player.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { sourceOf } from "../../src/page/browser/source.ts";
import { loadEngine } from "../../src/run/engine.ts";
import { networksOf } from "../../src/run/networks_of.ts";
import { trainRun } from "../../src/run/train_run.ts";
import { makeAgents } from "../../src/watch/agents.ts";
import { makeBoard } from "../../src/watch/board.ts";
import { temporaryFolder } from "../temporary.ts";

const load = () => loadEngine();
const request = { seed: 4, actions: "sampled" } as const;

Deno.test("a built-in task acts in the page as in Deno; what was kept stays; a damaged checkpoint is named", async () => {
  const folder = join(temporaryFolder(), "mine"), checkpoints = join(folder, "checkpoints");
  const set = ["collect.steps=100", "fitValue.epochs=1", "checkpoint.every=1"];
  const run = await Effect.runPromise(
    trainRun({ pipeline: "pipelines/reacher_trpo.yaml", set, iterations: 2, folder }),
  );
  const board = makeBoard({ kind: "run", path: folder }, "mine"), agents = makeAgents(load), watched = board.run(0)!;
  const { state, checkpoints: listed, done } = board.summary().runs[0];
  assertEquals([state, listed, done], ["done", [0, 1, 2], 2]);

  const agent = await agents.find(watched, { ...request, checkpoint: 2 });
  assertEquals([agent.kind, agent.title], ["live", "reacher, policy after iteration 2"]);
  const source = sourceOf(JSON.parse(JSON.stringify(agent)), 4, "sampled"); // as it comes through the network
  const player = makePlayer(run.task, networksOf(run), { key: fold(makeKey(4), "eval"), actions: "sampled" });
  assertEquals(source.first().state, [...player.state]);
  for (let t = 0; t < 50; t++) {
    const frame = source.next()!, { action, reward } = player.step();
    assertEquals([frame.state, frame.action, frame.reward], [[...player.state], [...action], reward]);
    assertEquals(frame.end, t === 49 ? "truncated" : null);
  }
  assertEquals(source.next(), null);

  await agents.keepAll(watched);
  const file = join(checkpoints, "000001", "state.safetensors"), bytes = readFileSync(file);
  bytes[bytes.length - 1] ^= 1;
  writeFileSync(file, bytes);
  assertEquals((await agents.find(watched, { ...request, checkpoint: 1 })).kind, "live"); // as it was kept
  const fresh = makeAgents(load), again = makeBoard({ kind: "run", path: folder }, "mine").run(0)!;
  await assertRejects(() => fresh.find(again, { ...request, checkpoint: 1 }), Error, "has a wrong checksum");
  await assertRejects(() => fresh.find(again, { ...request, checkpoint: 7 }), Error, "000007");
  rmSync(folder, { recursive: true });
  assertEquals([board.look(), board.summary().runs[0].state], [true, "gone"]);
});

Deno.test("a task that the page does not have is played from a recording that says so", async () => {
  const folder = join(temporaryFolder(), "other"),
    hopper = { ...builtIn.tasks.hopper, reset: builtIn.tasks.hopper.reset };
  const changed = { ...hopper, reset: (...given: Parameters<typeof hopper.reset>) => hopper.reset(...given) };
  const catalog = { ...builtIn, tasks: { ...builtIn.tasks, hopper: changed } };
  const set = ["collect.steps=100", "fitValue.epochs=1"];
  await Effect.runPromise(trainRun({ pipeline: "pipelines/hopper_trpo.yaml", set, iterations: 1, folder }));
  const agents = makeAgents(() => loadEngine({ catalog })),
    run = makeBoard({ kind: "run", path: folder }, "other").run(0)!;
  const agent = await agents.find(run, { ...request, checkpoint: 1 });
  assertEquals(agent.kind, "recorded");
  if (agent.kind !== "recorded") return;
  assertEquals(agent.reason.startsWith('A recorded episode: this page cannot simulate task "hopper"'), true);
  const source = sourceOf(agent, 0, "mean"), frames = [source.first()];
  for (let next = source.next(); next !== null; next = source.next()) frames.push(next);
  assertEquals([frames.length, frames.at(-1)!.end], [agent.recording.moments.length, "terminated"]);
  assertEquals([source.push, frames[1].action], [undefined, agent.recording.moments[0].action]);
});
