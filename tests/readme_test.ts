/**
 * What the READMEs say, held against the repository: links, files, commands with their flags, pipelines. Their TypeScript
 * runs as documentation tests.
 *
 * @module
 */
import { assertEquals, assertGreater } from "@std/assert";
import * as Effect from "effect/Effect";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { resolveAblation } from "../src/config/ablation.ts";
import { builtIn } from "../src/config/built_in.ts";
import { resolvePipeline } from "../src/config/resolve.ts";
import { temporaryFolder } from "./temporary.ts";

/** (folder) ⇒ the READMEs below it. */
const readmesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name))
    .filter((name) => name.endsWith("README.md") && !name.includes("node_modules"));

const pages = ["README.md", ...["src", "pipelines", "tests"].flatMap(readmesBelow)].map((file) => ({
  file,
  text: readFileSync(file, "utf8"),
}));

/** (page, language) ⇒ its blocks of code in that language; those marked `ignore` are left out. */
const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(/^```(.*)\n([^]*?)^```$/gm)].filter(([, info]) => info === language).map(([, , code]) => code);

/** (page) ⇒ its TypeScript that is a file, whose first line is the file's name. */
const modules = (text: string) =>
  blocks(text, "ts").flatMap((code) => {
    const name = /^\/\/ ([\w-]+\.ts)$/m.exec(code.split("\n")[0])?.[1];
    return name === undefined ? [] : [{ name, code }];
  });

const faults = (find: (page: typeof pages[number]) => ReadonlyArray<string>): string[] =>
  pages.flatMap((page) => find(page).map((fault) => `${page.file}: ${fault}`));

Deno.test("every room that has a README is linked from the README or from src/README.md", () => {
  const linked = pages.flatMap(({ file, text }) =>
    [...text.matchAll(/\]\(([^)#]*README\.md)\)/g)].map(([, target]) => join(dirname(file), target))
  );
  assertGreater(pages.length, 10);
  assertEquals(pages.map(({ file }) => file).filter((file) => file !== "README.md" && !linked.includes(file)), []);
});

Deno.test('the task "test" runs the TypeScript of every README', () => {
  const { test } = JSON.parse(readFileSync("deno.json", "utf8")).tasks, places = test.split(" ");
  const covered = ({ file }: typeof pages[number]) => places.includes(file) || places.includes(file.split("/")[0]);
  assertEquals([places.includes("--doc"), pages.filter(({ text }) => blocks(text, "ts").length > 0).every(covered)], [
    true,
    true,
  ]);
});

Deno.test("every link, picture and file that a README names is there", () => {
  const links = ({ file, text }: typeof pages[number]) =>
    [...text.matchAll(/(?:\]\(|src=")(?!https?:)([^)"#]+)/g)].map(([, target]) => join(dirname(file), target));
  const named = ({ text }: typeof pages[number]) =>
    [...text.matchAll(/\b(?:src|tests|pipelines|fixtures)\/[\w./-]*\w\.(?:ts|yaml|json|py|svg)\b/g)].map(([path]) =>
      path
    );
  assertGreater(pages.flatMap(links).length, 40);
  assertGreater(pages.flatMap(named).length, 20);
  assertEquals(faults((page) => [...links(page), ...named(page)].filter((path) => !existsSync(path))), []);
});

/** (line of a shell block) ⇒ the command of `deno task`, and its flags; null for another program. */
const taskIn = (line: string): { readonly task: string; readonly flags: string[] } | null => {
  const found = line.replace(/ #.*/, "").match(/\b(?:deno|deno@[\d.]+) task (\S+)(.*)/);
  return found === null ? null : { task: found[1], flags: found[2].match(/--[a-z-]+/g) ?? [] };
};

const commands = (text: string) => {
  const inline = [...text.matchAll(/`([^`\n]*deno task [^`\n]+)`/g)].map(([, code]) => code);
  const lines = [...blocks(text, "sh").flatMap((code) => code.split("\n")), ...inline];
  return lines.map(taskIn).filter((each) => each !== null);
};

const flagsOf = async (command: string): Promise<string[]> => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "src/cli/main.ts", command, "--help"],
    env: { NO_COLOR: "1" },
  }).output();
  return new TextDecoder().decode(stdout).match(/--[a-z-]+/g) ?? [];
};

Deno.test("every command that a README prints is a task of deno.json, and has the flags that are given to it", async () => {
  const tasks: Record<string, string> = JSON.parse(readFileSync("deno.json", "utf8")).tasks;
  const used = pages.flatMap(({ text }) => commands(text)), names = [...new Set(used.map(({ task }) => task))];
  assertGreater(used.length, 20);
  assertEquals(names.filter((name) => !(name in tasks)), []);
  const flagged = used.filter(({ task, flags }) => flags.length > 0 && tasks[task].includes("src/cli/main.ts"));
  const ours = [...new Set(flagged.map(({ task }) => task))];
  const known = Object.fromEntries(await Promise.all(ours.map(async (name) => [name, await flagsOf(name)] as const)));
  assertEquals(
    faults(({ text }) =>
      commands(text).filter(({ task }) => task in known).flatMap(({ task, flags }) =>
        flags.filter((flag) => !known[task].includes(flag)).map((flag) => `${task} ${flag}`)
      )
    ),
    [],
  );
});

Deno.test("every pipeline and ablation that a README prints decodes with the modules that it uses, and passes the flow check", async () => {
  const folder = temporaryFolder();
  try {
    cpSync("pipelines", folder, { recursive: true });
    let count = 0;
    for (const { name, code } of pages.flatMap(({ text }) => modules(text))) writeFileSync(join(folder, name), code);
    for (const code of pages.flatMap(({ text }) => blocks(text, "yaml"))) {
      if (!/^(program|axes):/m.test(code)) continue;
      const ablation = /^axes:/m.test(code), file = join(folder, ablation ? "ablations" : "", `readme${count++}.yaml`);
      writeFileSync(file, code);
      await (ablation
        ? Effect.runPromise(resolveAblation(file, builtIn))
        : Effect.runPromise(resolvePipeline(file, [], builtIn)));
    }
    assertGreater(count, 3);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

Deno.test("every interval that the README quotes is one of the figures in pipelines/README.md", () => {
  const [readme, figures] = ["README.md", "pipelines/README.md"].map((file) =>
    pages.find((page) => page.file === file)!.text.replaceAll(/\s+/g, " ") // wherever a line ends
  );
  const quoted = readme.match(/[\d.]+ \[-?[\d.]+, -?[\d.]+\]/g) ?? [];
  assertGreater(quoted.length, 20);
  assertEquals(quoted.filter((interval) => !figures.includes(interval)), []);
});
