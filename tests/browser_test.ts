/**
 * The main module and the physics are bundled for the browser, and run where there is neither Deno nor Node.js.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import * as physics from "../src/doors/physics.ts";
import { temporaryFolder } from "./temporary.ts";

const root = new URL("../", import.meta.url);

/** (entry, path below the root) ⇒ a script for browsers that leaves the entry's exports in the global `bundled`. */
const bundle = async (path: string): Promise<string> => {
  const folder = temporaryFolder(), entry = join(folder, "entry.ts"), out = join(folder, "bundle.js");
  try {
    Deno.writeTextFileSync(entry, `import * as all from "${new URL(path, root)}";\nglobalThis.bundled = all;\n`);
    const args = ["bundle", "--quiet", "--platform=browser", "--format=iife", "--external=node:*", "-o", out, entry];
    const { code, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: root }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    // a script has no import.meta, a module on a page has its address there
    return Deno.readTextFileSync(out).replaceAll(/(import_meta\d* =) \{\}/g, '$1 { url: "https://page.example/a.js" }');
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
};

/** A hopper that falls with its motors on: [50][nq + nv] states, m and rad. */
const fall = (
  { compile, hopper, makeData, step }: Pick<typeof physics, "compile" | "hopper" | "makeData" | "step">,
) => {
  const model = compile(hopper), data = makeData(model);
  return Array.from({ length: 50 }, (_, i) => {
    data.ctrl.set([Math.sin(i), 0.5, -0.25]);
    step(model, data);
    return [...data.qpos, ...data.qvel];
  });
};

Deno.test("physics in a bare context: no import of any built-in, and the same bits as here", async () => {
  const script = await bundle("src/doors/physics.ts");
  assertEquals(script.match(/node:\w+|\bDeno\b|\bprocess\./g), null);
  const context = createContext({});
  assertEquals(runInContext("typeof Deno + typeof process + typeof require", context), "undefined".repeat(3));
  runInContext(script, context);
  const there = runInContext(`JSON.stringify((${fall})(bundled))`, context); // JSON keeps every bit of a finite number
  assertEquals(there, JSON.stringify(fall(physics)));
  assert(JSON.parse(there)[49][1] !== JSON.parse(there)[0][1]); // it has moved
});

/** What a page gives to scripts, as far as they ask for it while they load. */
const page = () => {
  const { console, performance, TextEncoder, TextDecoder, URL, setTimeout, clearTimeout, queueMicrotask } = globalThis;
  const { atob, btoa, crypto, AbortController, AbortSignal, structuredClone } = globalThis;
  const time = { performance, setTimeout, clearTimeout, queueMicrotask };
  return {
    atob,
    btoa,
    console,
    TextEncoder,
    TextDecoder,
    URL,
    crypto,
    AbortController,
    AbortSignal,
    structuredClone,
    ...time,
  };
};

/** Stands in for built-ins of Node.js, as an import map of a page would: it is there, and must not be called. */
const standIn = (asked: Set<string>) => (name: string): unknown => {
  asked.add(name);
  const refuse = (): never => {
    throw new Error(`${name} is not there in a browser`);
  };
  return new Proxy(refuse, { get: (_, key) => (key === "then" ? undefined : refuse) });
};

Deno.test("the main module loads in a page, where what needs no files works", async () => {
  const script = await bundle("mod.ts"), asked = new Set<string>();
  const context = createContext({ ...page(), require: standIn(asked) });
  runInContext("globalThis.window = globalThis.self = globalThis;", context);
  runInContext(script, context);
  const rewards = `[...bundled.replay(bundled.getTask("swimmer"), { qpos: [0, 0, 0, 0, 0], qvel: [0, 0, 0, 0, 0] },
    [[0, 0], [1, -1]])].map(({ reward }) => reward)`;
  const [still, moved] = JSON.parse(runInContext(`JSON.stringify(${rewards})`, context));
  assertEquals(still, 0); // a swimmer at rest earns nothing
  assert(Number.isFinite(moved) && moved !== 0);
  assertEquals([...asked].filter((name) => !name.startsWith("node:")), []);
});
