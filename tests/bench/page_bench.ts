/**
 * The page of `watch` in a browser: time until all curves are there, and time from frame to frame while it is used.
 *
 *   deno run --allow-all tests/bench/page_bench.ts [runs, 100] [iterations of the longest, 10000]
 *
 * @module
 */
/// <reference lib="dom" />
import { parseArgs } from "@std/cli";
import { appendFileSync, cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../temporary.ts";
import { chromium, launch, openPage, type Page } from "../watch/chromium.ts";

declare const mscvPage: { readonly curves: { readonly points: () => number } };

const [runs = 100, longest = 10_000] = parseArgs(Deno.args)._.map(Number), iterations = 100, loads = 5;
const root = new URL("../../", import.meta.url);

const start = (args: ReadonlyArray<string>, stdout: "piped" | "null"): Deno.ChildProcess =>
  new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", "src/cli/main.ts", ...args],
    cwd: root,
    stdin: "null",
    stdout,
    stderr: "inherit",
  }).spawn();

/** (log of a run, iterations) ⇒ the same with so many lines, its own again and again. */
const lengthen = (path: string, count: number): void => {
  const lines = readFileSync(path, "utf8").trim().split("\n");
  let text = "";
  for (let i = lines.length + 1; i <= count; i++) {
    const line = JSON.parse(lines[i % lines.length]);
    text += JSON.stringify({ ...line, iteration: i, steps: i * 200, return: 100 + 50 * Math.sin(i / 100) }) + "\n";
  }
  appendFileSync(path, text);
};

/** A folder of runs that differ in their seeds; one of them is long. */
const makeRuns = async (): Promise<string> => {
  const folder = temporaryFolder(), first = join(folder, "run0");
  const set = ["--set", "collect.steps=200", "--set", "fitModel.updates=2", "--iterations", "10"];
  const trained = start(["train", "pipelines/swimmer_mscv.yaml", ...set, "--runs", folder, "--run", "run0"], "null");
  if (!(await trained.status).success) throw new Error("Cannot bench the page as a run must be trained: it failed");
  lengthen(join(first, "metrics.jsonl"), iterations);
  const pipeline = readFileSync(join(first, "pipeline.yaml"), "utf8");
  for (let i = 1; i < runs; i++) {
    const run = join(folder, `run${i}`);
    cpSync(first, run, { recursive: true });
    writeFileSync(join(run, "pipeline.yaml"), pipeline.replace(/^seed: .*$/m, `seed: ${i}`));
  }
  lengthen(join(first, "metrics.jsonl"), longest);
  return folder;
};

/** (child) ⇒ the address that it prints. */
const addressOf = async ({ stdout }: Deno.ChildProcess): Promise<string> => {
  let text = "";
  for await (const part of stdout.pipeThrough(new TextDecoderStream())) {
    text += part;
    const found = /http:\S+\//.exec(text);
    if (found !== null) return found[0];
  }
  throw new Error("Cannot bench the page as watch must print its address: it ended");
};

/** ms from frame to frame, for three seconds, while the pointer moves over the curves. */
const frameTimes = (page: Page): Promise<ReadonlyArray<number>> =>
  page.evaluate(() =>
    new Promise<number[]>((resolve) => {
      const chart = document.querySelector(".u-over") ?? document.body;
      const { left, top, width, height } = chart.getBoundingClientRect();
      const times: number[] = [], begin = performance.now();
      let last = begin;
      const frame = (now: number) => {
        times.push(now - last);
        last = now;
        const share = ((now - begin) / 500) % 1, clientX = left + share * width, clientY = top + height / 2;
        chart.dispatchEvent(new MouseEvent("mousemove", { clientX, clientY, bubbles: true }));
        if (now - begin < 3000) requestAnimationFrame(frame);
        else resolve(times.slice(1));
      };
      requestAnimationFrame(frame);
    })
  );

const quantile = (times: ReadonlyArray<number>, share: number): string =>
  [...times].sort((a, b) => a - b)[Math.floor(share * (times.length - 1))].toFixed(0);

if (chromium !== null) {
  const folder = await makeRuns(), server = start(["watch", folder, "--no-open"], "piped"), browser = await launch();
  try {
    const address = await addressOf(server), spent: number[] = [];
    let frames: ReadonlyArray<number> = [];
    for (let load = 0; load < loads; load++) {
      const begin = performance.now(), { page } = await openPage(browser, address);
      await page.waitForFunction((least) => mscvPage.curves.points() >= least, { polling: 20 }, runs * iterations);
      spent.push(performance.now() - begin);
      if (load === loads - 1) frames = await frameTimes(page);
      await page.close();
    }
    const later = quantile(spent.slice(1), 0.5),
      [middle, most95, most] = [0.5, 0.95, 1].map((q) => quantile(frames, q));
    console.log(`${runs} runs of ${iterations} iterations, one of ${longest}; the page of watch in Chromium`);
    console.log(`ms until all curves are there: first ${spent[0].toFixed(0)}, then median ${later}`);
    console.log(`ms from frame to frame: median ${middle}, 95% ${most95}, most ${most}`);
  } finally {
    await browser.close();
    server.kill("SIGKILL");
    await server.status;
  }
}
