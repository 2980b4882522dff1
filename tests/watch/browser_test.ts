/**
 * `watch` as its task starts it, looked at by a real browser while a run trains.
 *
 * @module
 */
/// <reference lib="dom" />
import { assert, assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { randomUUID } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makePlayer } from "../../src/episode/player.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { readNetworks } from "../../src/run/read_networks.ts";
import { flagsOf, taskPermissions, trainPermissions } from "../../src/sandbox/permissions.ts";
import { getTask } from "../../src/tasks/registry.ts";
import { chromium, launch, openPage } from "./chromium.ts";

const main = "src/cli/main.ts", hostile = "<img src=x onerror=alert(1)>";

const pipeline = "task: swimmer\niterations: 100000\ncheckpoint: { every: 1, keep: 4 }\n" +
  "networks: { policy: { hidden: [8] }, value: { hidden: [8] }, model: { hidden: [16] } }\n" +
  "program:\n  - collect: { steps: 200, environments: 2 }\n  - store\n  - fitModel: { updates: 2 }\n" +
  "  - fitValue: { epochs: 1 }\n  - estimateGradient: { horizon: 2 }\n  - trpoUpdate\n";

const start = (args: ReadonlyArray<string>, stdout: "piped" | "null" = "piped"): Deno.ChildProcess =>
  new Deno.Command(Deno.execPath(), { args: ["run", ...args], stdin: "null", stdout, stderr: "inherit" })
    .spawn();

/** (child) ⇒ what it prints until a pattern appears in it. */
const saying = async ({ stdout }: Deno.ChildProcess, pattern: RegExp): Promise<string> => {
  let text = "";
  const decoder = new TextDecoder();
  for await (const bytes of stdout) {
    text += decoder.decode(bytes, { stream: true });
    if (pattern.test(text)) break;
  }
  return text;
};

const end = async (child: Deno.ChildProcess): Promise<void> => {
  try {
    child.kill("SIGKILL");
  } catch {
    // it has ended
  }
  await child.status;
};

/** What the page gives to who looks at it from outside. */
declare const mscvPage: {
  readonly panels: ReadonlyArray<{
    readonly view: {
      readonly timeline: () => {
        readonly frames: ReadonlyArray<{ readonly state: ReadonlyArray<number> }>;
        readonly forward: () => boolean;
        readonly seek: (at: number) => void;
      } | null;
    };
    readonly pick: (run: number) => void;
    readonly run: () => number;
  }>;
  readonly curves: { readonly points: () => number };
};

const title = (): string => document.querySelector(".agent h3")!.textContent!;

/** A folder with a run that trains, one that is damaged, one that will be gone, and one whose name is HTML. */
const makeRuns = async () => {
  const folder = join("runs", `test-${randomUUID()}`), small = join(folder, "small.yaml");
  mkdirSync(folder, { recursive: true });
  writeFileSync(small, pipeline);
  const train = (run: string, ...more: string[]) =>
    start([...flagsOf(trainPermissions), main, "train", small, "--runs", folder, "--run", run, ...more], "null");
  assertEquals((await train("damaged", "--iterations", "3").status).code, 0);
  cpSync(join(folder, "damaged"), join(folder, "gone"), { recursive: true });
  const kept = join(folder, "gone", "checkpoints");
  cpSync(join(kept, "000002"), join(kept, "best"), { recursive: true }); // as if the second had evaluated best
  const state = join(folder, "damaged", "checkpoints", "000003", "state.safetensors"), bytes = readFileSync(state);
  bytes[bytes.length - 1] ^= 1;
  writeFileSync(state, bytes);
  mkdirSync(join(folder, hostile));
  writeFileSync(join(folder, hostile, "pipeline.yaml"), `task: swimmer\nseed: 1\niterations: 1\nuse: ["${hostile}"]\n`);
  return { folder, live: train("live") };
};

/** The first 100 states of an episode, as the page plays it. */
const statesThere = (): ReadonlyArray<ReadonlyArray<number>> => {
  const timeline = mscvPage.panels[0].view.timeline()!;
  timeline.seek(timeline.frames.length);
  while (timeline.frames.length < 100 && timeline.forward());
  return timeline.frames.slice(0, 100).map(({ state }) => state);
};

const statesHere = (folder: string, iteration: number, actions: "mean" | "sampled"): number[][] => {
  const task = getTask("swimmer"), { networks } = readNetworks(join(folder, "gone", "checkpoints"), iteration, task);
  const player = makePlayer(task, networks, { key: fold(makeKey(0), "eval"), actions });
  return Array.from({ length: 100 }, () => {
    const state = [...player.state];
    player.step();
    return state;
  });
};

const settings = { ignore: chromium === null, sanitizeOps: false, sanitizeResources: false };

Deno.test(
  "watch in a browser: curves grow, the agent has Deno's bits, and nothing leaves this machine",
  settings,
  async () => {
    const { folder, live } = await makeRuns();
    const server = start([...flagsOf(taskPermissions.watch), main, "watch", folder, "--no-open"]);
    const address = (await saying(server, /http:\S+\/\n/)).match(/http:\S+\//)![0], browser = await launch();
    try {
      const { page, complaints, asked } = await openPage(browser, address);
      await page.waitForFunction(
        () => mscvPage.curves.points() > 6, // three lines of each short run, and then of the one that trains
        {},
      );
      const before = await page.evaluate(() => mscvPage.curves.points());
      await page.waitForFunction((points) => mscvPage.curves.points() > points, {}, before); // the curve has grown

      assertEquals(await page.evaluate(() => document.querySelectorAll("img").length), 0);
      const names = await page.evaluate(() =>
        [...document.querySelectorAll("label[title]")].map((each) => each.getAttribute("title"))
      );
      assertEquals([...names].sort(), [hostile, "damaged", "gone", "live"].sort());
      const run = (name: string) => names.indexOf(name);

      await page.evaluate((i) => mscvPage.panels[0].pick(i), run("gone"));
      await page.waitForFunction(
        () => document.querySelector(".agent h3")!.textContent!.endsWith("after iteration 3"),
        {},
      );
      assertEquals(await page.evaluate(statesThere), statesHere(folder, 3, "mean"));
      await page.select(".controls select[title=Actions]", "sampled");
      assertEquals(await page.evaluate(statesThere), statesHere(folder, 3, "sampled"));
      await page.evaluate(() => {
        const slider = document.querySelector<HTMLInputElement>(".pick input[type=range]")!;
        slider.value = "1";
        slider.dispatchEvent(new Event("input"));
      });
      await page.waitForFunction(
        () => document.querySelector(".agent h3")!.textContent!.endsWith("after iteration 1"),
        {},
      );
      assertEquals(await page.evaluate(statesThere), statesHere(folder, 1, "sampled"));

      const isBestOffered = () =>
        !document.querySelector<HTMLInputElement>(".pick input[title]")!.closest("label")!.hidden;
      assertEquals(await page.evaluate(isBestOffered), true);
      await page.evaluate(() => document.querySelector<HTMLInputElement>(".pick input[title]")!.click());
      await page.waitForFunction(
        () => document.querySelector(".agent h3")!.textContent!.endsWith("after iteration 2"),
        {},
      );
      assertEquals(await page.evaluate(statesThere), statesHere(folder, 2, "sampled"));

      await page.evaluate((i) => mscvPage.panels[0].pick(i), run("damaged"));
      assertEquals(await page.evaluate(isBestOffered), false);
      await page.waitForFunction(
        () => document.querySelector(".agent .note")!.textContent!.includes("wrong checksum"),
        {},
      );
      rmSync(join(folder, "gone"), { recursive: true });
      await page.waitForFunction(
        () => [...document.querySelectorAll("td")].some((cell) => cell.textContent === "gone"),
        {},
      );

      await page.evaluate((i) => mscvPage.panels[0].pick(i), run("live"));
      await page.waitForFunction(() => document.querySelector(".agent h3")!.textContent !== "", {});
      const newest = await page.evaluate(title); // it follows what training writes
      await page.waitForFunction((words) => document.querySelector(".agent h3")!.textContent !== words, {}, newest);
      await page.keyboard.press("Space");
      assertEquals(await page.evaluate(() => document.querySelector(".play")!.textContent), "Play");

      await refusesOthers(browser, address);
      assertEquals(complaints, []);
      assertGreater(asked.length, 10);
      assertEquals(asked.filter((each) => !each.startsWith(address) && !each.startsWith("data:")), []);
      await end(server);
      await page.waitForSelector(".lost:not([hidden])");
    } finally {
      await browser.close();
      await Promise.all([end(live), end(server)]);
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

/** A page of another origin of this machine can read nothing, though it knows the whole address. */
const refusesOthers = async (browser: Awaited<ReturnType<typeof launch>>, address: string): Promise<void> => {
  const other = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("<!doctype html><title>other</title>", { headers: { "content-type": "text/html" } }),
  );
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${other.addr.port}/`);
    const read = await page.evaluate(async (target) => {
      const tries = [fetch(`${target}runs`), fetch(`${target}watch.js`, { mode: "no-cors" })];
      return (await Promise.allSettled(tries)).map(({ status }) => status);
    }, address);
    assertEquals(read, ["rejected", "rejected"]);
    await page.close();
  } finally {
    await other.shutdown();
  }
};

Deno.test("a port in use, a folder that is no run: said with exit code 2", async () => {
  const folder = join("runs", `test-${randomUUID()}`), run = join(folder, "a");
  mkdirSync(run, { recursive: true });
  writeFileSync(join(run, "pipeline.yaml"), "task: hopper\n");
  const taken = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => new Response(""));
  const watch = async (...args: ReadonlyArray<string>) => {
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", ...flagsOf(taskPermissions.watch), main, "watch", ...args, "--no-open"],
      env: { NO_COLOR: "1" },
    });
    const { code, stderr } = await command.output();
    return { code, err: new TextDecoder().decode(stderr) };
  };
  try {
    const port = await watch(folder, "--port", String(taken.addr.port));
    assertEquals(port.code, 2);
    assertStringIncludes(
      port.err.trim().split("\n").at(-1)!,
      `Cannot watch on port ${taken.addr.port} as it must be free`,
    );
    const nothing = await watch("src/math");
    assertEquals(nothing.code, 2);
    assertStringIncludes(
      nothing.err,
      "Cannot watch src/math as it must be an ablation file, a sweep folder, a run folder",
    );
    assert((await watch("nowhere")).err.includes("current value is nothing there"));
  } finally {
    await taken.shutdown();
    rmSync(folder, { recursive: true });
  }
});
