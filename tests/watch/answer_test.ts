/**
 * Who may ask the server what.
 *
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeAnswer } from "../../src/watch/answer.ts";
import { makeBoard } from "../../src/watch/board.ts";
import type { Agents } from "../../src/watch/agents.ts";
import { temporaryFolder } from "../temporary.ts";

const host = "127.0.0.1:8000", token = "0123456789abcdef";

const agents: Agents = {
  find: () => Promise.reject(new Error("state.safetensors has a wrong checksum")),
  keepAll: () => Promise.resolve(),
};

const runsFolder = (): string => {
  const folder = temporaryFolder(), run = join(folder, "<img src=x onerror=alert(1)>");
  mkdirSync(run);
  writeFileSync(
    join(run, "pipeline.yaml"),
    "task: hopper\nseed: 4\niterations: 9\nprogram:\n  - collect: { steps: 5 }\n",
  );
  const line = '{"iteration":1,"steps":5,"episodes":1,"return":2,"seconds":{"total":1}}\n';
  writeFileSync(join(run, "metrics.jsonl"), line + "torn");
  return folder;
};

const asking = () => {
  const folder = runsFolder(), board = makeBoard({ kind: "folder", path: folder }, "runs");
  const events = () => new Response("events");
  const answer = makeAnswer({ board, agents, token, hosts: [host], events });
  return (path: string, headers: Record<string, string> = {}, method = "GET") =>
    answer(new Request(`http://${host}${path}`, { method, headers: { host, ...headers } }));
};

Deno.test("without the token, by another name, from another page or to change something: nothing", async () => {
  const ask = asking(), status = async (...args: Parameters<typeof ask>) => (await ask(...args)).status;
  assertEquals(await status(`/${token}/runs`), 200);
  assertEquals(await status("/"), 404);
  assertEquals(await status("/runs"), 404);
  assertEquals(await status(`/${token.slice(1)}/runs`), 404);
  assertEquals(await status(`/${token}`), 404);
  assertEquals(await status(`/${token}/runs`, { host: "evil.example:8000" }), 404); // a name that leads to 127.0.0.1
  assertEquals(await status(`/${token}/runs`, { "sec-fetch-site": "cross-site" }), 404);
  assertEquals(await status(`/${token}/runs`, { "sec-fetch-site": "same-site" }), 404); // another port of this machine
  assertEquals(await status(`/${token}/runs`, { "sec-fetch-site": "same-origin" }), 200);
  assertEquals(await status(`/${token}/runs`, {}, "POST"), 405);
  for (const path of ["..%2f..%2fetc/passwd", "../deno.json", "pipeline.yaml"]) {
    assertEquals(await status(`/${token}/${path}`), 404, path);
  }
});

Deno.test("every answer keeps to itself: a strict policy, no other origin, no guessing of types, no cache", async () => {
  const ask = asking();
  for (const path of ["/", `/${token}/`, `/${token}/watch.js`, `/${token}/style.css`, `/${token}/runs`]) {
    const { headers } = await ask(path);
    assertMatch(headers.get("content-security-policy")!, /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval';/);
    assertEquals(headers.get("cross-origin-resource-policy"), "same-origin");
    assertEquals(headers.get("x-content-type-options"), "nosniff");
    assertEquals(headers.get("access-control-allow-origin"), null);
  }
});

Deno.test("runs, columns and what is wrong, as JSON: names are text, whatever is in them", async () => {
  const ask = asking(), json = async (path: string) => await (await ask(`/${token}/${path}`)).json();
  const { runs, metrics } = await json("runs");
  const { name, task, seed, state, done, iterations, warning } = runs[0];
  assertEquals({ name, task, seed, state, done, iterations, warning }, {
    ...{ name: "<img src=x onerror=alert(1)>", task: "hopper", seed: 4, state: "stopped" },
    ...{ done: 1, iterations: 9, warning: null }, // the torn line may still get its rest
  });
  assertEquals(metrics, ["return", "seconds.total"]);
  assertEquals(await json("columns?metric=return&since=0"), [
    { from: 0, iteration: [1], steps: [5], seconds: [1], value: [2] },
  ]);
  assertEquals((await json("columns?metric=nothing&since=x.-1"))[0].value, [null]);
  const refused = async (query: string): Promise<string> => (await json(`agent?${query}`)).problem;
  assertEquals(await refused("run=7&checkpoint=1"), "There is no such run.");
  assertEquals(await refused("run=0&checkpoint=../x"), "A checkpoint is named by its iteration, or best.");
  assertEquals(await refused("run=0&checkpoint=1"), "state.safetensors has a wrong checksum");
});
