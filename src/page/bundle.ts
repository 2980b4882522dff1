/**
 * The scripts of the pages: what runs in a browser, in one file each.
 * (entry) ⇒ (module that holds its script)
 *
 * They are kept, so that a page needs neither a bundler nor a network where it is shown; `deno task gen` writes them anew.
 *
 * @module
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Entries in this folder, and the names of their generated modules. */
const entries = { agent: "browser/standalone.ts", watch: "browser/watch.ts" } as const;

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** (entry) ⇒ one script. Throws what the bundler says. */
const bundle = (entry: string): string => {
  const folder = mkdtempSync(join(tmpdir(), "bundle-")), out = join(folder, "bundle.js");
  try {
    const args = ["bundle", "--quiet", "--platform=browser", "--format=iife", "--minify", "-o", out, here(entry)];
    const { success, stderr } = new Deno.Command(Deno.execPath(), { args, cwd: here("../..") }).outputSync();
    if (!success) throw new Error(`Cannot bundle ${entry}: ${new TextDecoder().decode(stderr)}`);
    const script = readFileSync(out, "utf8").trim();
    if (script.includes("mujoco_wasm")) {
      throw new Error(`Cannot bundle ${entry} as no page simulates by MuJoCo's engine`);
    }
    if (/<\/script|<!--/i.test(script)) throw new Error(`Cannot bundle ${entry} as it must not end a script element`);
    return script;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** (name) ⇒ the module that holds its script. */
const moduleOf = (name: keyof typeof entries, script: string): string =>
  `// Generated from src/page/${entries[name]} by deno task gen; not to be edited.\n\n` +
  `/** A script for browsers. */\nexport const ${name}Script: string = ${JSON.stringify(script)};\n`;

/** () ⇒ the generated modules by their names. */
const modules = (): Readonly<Record<string, string>> => ({
  "agent.ts": moduleOf("agent", bundle(entries.agent)),
  "watch.ts": moduleOf("watch", bundle(entries.watch)),
  "chart_style.ts": "// Generated from uplot by deno task gen; not to be edited.\n\n/** CSS of the curves. */\n" +
    `export const chartStyle: string = ${
      JSON.stringify(readFileSync(fileURLToPath(import.meta.resolve("uplot/dist/uPlot.min.css")), "utf8").trim())
    };\n`,
});

/** (mode) ⇒ the generated modules that were stale; "write" writes them. */
export const generateScripts = (mode: "check" | "write"): string[] =>
  Object.entries(modules()).flatMap(([name, text]) => {
    const path = here(`generated/${name}`);
    if (existsSync(path) && readFileSync(path, "utf8") === text) return [];
    if (mode === "write") writeFileSync(path, text);
    return [`src/page/generated/${name}`];
  });
