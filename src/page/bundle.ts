/**
 * The scripts of the pages: what runs in a browser, in one file each.
 * (entry) ⇒ (module that holds its script)
 *
 * They are kept, so that a page needs neither a bundler nor a network where it is shown; `deno task gen` writes them anew.
 *
 * @module
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Entries in this folder, and the names of their generated modules. */
const entries = { agent: "browser/standalone.ts", watch: "browser/watch.ts" } as const;

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** (entry, more flags) ⇒ what the bundler makes of it. Throws what the bundler says. */
const bundled = (entry: string, ...more: ReadonlyArray<string>): string => {
  const folder = mkdtempSync(join(tmpdir(), "bundle-")), out = join(folder, "bundle.js");
  try {
    const args = ["bundle", "--quiet", "--platform=browser", "--format=iife", ...more, "-o", out, here(entry)];
    const { success, stderr } = new Deno.Command(Deno.execPath(), { args, cwd: here("../..") }).outputSync();
    if (!success) throw new Error(`Cannot bundle ${entry}: ${new TextDecoder().decode(stderr)}`);
    return readFileSync(out, "utf8").trim();
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const licenceName = /^(licen[cs]e|copying)(\.(md|txt))?$/i;

/** (folder of a package) ⇒ a comment with its name, version and licence, which goes wherever its code goes. Throws where it has none. */
export const noticeOf = (folder: string): string => {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((each) => licenceName.test(each));
  if (file === undefined) {
    throw new Error(`Cannot bundle ${name} as its licence must be there: no file in ${folder} holds it`);
  }
  const text = readFileSync(join(folder, file), "utf8").trim().replaceAll("*/", "* /");
  return `/*! ${name} ${version}, ${license}\n\n${text}\n*/\n`;
};

/** (script before it was made small) ⇒ notices of the packages of which it holds anything. */
const noticesIn = (script: string): string => {
  const folders = script.matchAll(
    /^ *\/\/ (?:\S*\/)?(node_modules\/(?:\S*\/node_modules\/)?(?:@[^/\s]+\/)?[^/\s]+)\//gm,
  );
  return [...new Set([...folders].map(([, folder]) => folder))].sort().map((folder) =>
    noticeOf(here(`../../${folder}`))
  )
    .join("");
};

/** (entry) ⇒ one script, with the licences of what it holds in front. */
const bundle = (entry: string): string => {
  const script = noticesIn(bundled(entry)) + bundled(entry, "--minify");
  if (script.includes("mujoco_wasm")) throw new Error(`Cannot bundle ${entry} as no page simulates by MuJoCo's engine`);
  if (/<\/script|<!--/i.test(script)) throw new Error(`Cannot bundle ${entry} as it must not end a script element`);
  return script;
};

/** CSS of the curves, with the licence of their library. */
const chartStyle = (): string => {
  const file = fileURLToPath(import.meta.resolve("uplot/dist/uPlot.min.css"));
  return noticeOf(join(file, "../..")) + readFileSync(file, "utf8").trim();
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
    `export const chartStyle: string = ${JSON.stringify(chartStyle())};\n`,
});

/** (mode) ⇒ the generated modules that were stale; "write" writes them. */
export const generateScripts = (mode: "check" | "write"): string[] =>
  Object.entries(modules()).flatMap(([name, text]) => {
    const path = here(`generated/${name}`);
    if (existsSync(path) && readFileSync(path, "utf8") === text) return [];
    if (mode === "write") writeFileSync(path, text);
    return [`src/page/generated/${name}`];
  });
