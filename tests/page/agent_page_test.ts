import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { agentPage } from "../../src/page/agent_page.ts";
import { agentOf } from "../../src/page/agent_of.ts";
import { type LiveAgent, packNetworks, unpackNetworks, unpackOptions } from "../../src/page/wire.ts";
import { makeKey } from "../../src/math/random.ts";
import { playable } from "../../src/page/playable.ts";
import { tasks } from "../../src/tasks/registry.ts";
import { optionsOf, withTaskOptions } from "../../src/tasks/task_options.ts";
import { networksFor } from "../episode/trained.ts";

const task = tasks.hopper, networks = networksFor(task);

Deno.test("networks come through JSON with every bit: the least float32, its neighbours, minus zero", () => {
  const theta = networks.policy.theta.slice();
  theta.set([1.4e-45, -0, 1 / 3, 3.4028234663852886e38]);
  const packed = JSON.parse(JSON.stringify(packNetworks({ ...networks, policy: { ...networks.policy, theta } })));
  const found = unpackNetworks(packed).policy.theta;
  assertEquals([...new Uint32Array(found.buffer)], [...new Uint32Array(theta.buffer)]);
  const bound = new Float32Array(11).fill(10);
  const bounded = packNetworks({ ...networks, value: null, normalizer: { ...networks.normalizer, bound } });
  assertEquals([unpackNetworks(bounded).normalizer.bound, unpackNetworks(bounded).value], [bound, null]);
});

Deno.test("a page holds one script, which its policy names, and asks for nothing from anywhere; titles are text", () => {
  const agent = agentOf(task, networks, { key: makeKey(0), actions: "mean" }, "</script><img src=x> & co");
  const page = agentPage(agent, "mean"), scripts = [...page.matchAll(/<script>([^]*?)<\/script>/g)];
  assertEquals(scripts.length, 1);
  const hash = createHash("sha256").update(scripts[0][1]).digest("base64");
  const policy = page.match(/Content-Security-Policy" content="([^"]*)"/)![1];
  assertEquals(policy, `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}' 'wasm-unsafe-eval'`);
  assertMatch(page, /<title>&lt;\/script&gt;&lt;img src=x&gt; &amp; co<\/title>/);
  const data = page.match(/data-agent>([^]*?)<\/script>/)![1], rest = page.replace(scripts[0][1], "").replace(data, "");
  assertEquals(JSON.parse(data).agent.title, "</script><img src=x> & co");
  assertEquals(rest.match(/https?:|src="|url\(|@import|<link|<img/g), null);
  assertNotEquals(data.length, 0);
});

Deno.test("a page makes every task with the options of the run, ranges without an end among them", () => {
  const arrived = (of: typeof task): LiveAgent =>
    JSON.parse(JSON.stringify(agentOf(of, networksFor(of), { key: makeKey(0), actions: "mean" }, "")));
  for (const each of Object.values(playable)) {
    const agent = arrived(each);
    assertEquals([agent.kind, agent.task, unpackOptions(agent.options)], ["live", each.name, {}]);
  }
  const changed = withTaskOptions(tasks.hopper, { healthyZRange: [0.5, Infinity], frameSkip: 2 });
  const made = withTaskOptions(playable.hopper, unpackOptions(arrived(changed).options));
  assertEquals(optionsOf(made), optionsOf(changed));
});
