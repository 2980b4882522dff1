/**
 * Rewrites the barrels of stages, estimators and tasks from the files in their folders, and the generated physics from
 * the compiled models.
 *
 *   deno run -A src/cli/gen.ts [--check]
 *
 * `--check` writes nothing and exits with 1 when a file is stale.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";
import { generatedFiles } from "../physics/codegen/files.ts";

/** One hand-written file and the definition that it exports. */
export interface Entry {
  /** file name */
  readonly file: string;
  /** exported name */
  readonly name: string;
}

/** How one barrel is made. */
export interface Barrel {
  /** below src */
  readonly folder: string;
  /** matches the exported definition, its name in group 1 */
  readonly definition: RegExp;
  readonly contract: { readonly file: string; readonly type: string } | null;
  /** (names) ⇒ text after the imports: the record, and what else the barrel exports. */
  readonly body: (names: ReadonlyArray<string>) => string;
  readonly title: string;
}

const WIDTH = 120; // columns, as in deno.json

/** (head, names) ⇒ `head { … };` on one line where it fits. */
const record = (head: string, names: ReadonlyArray<string>): string => {
  const line = `${head} { ${names.join(", ")} };`;
  return line.length <= WIDTH ? line : `${head} {\n${names.map((name) => `  ${name},\n`).join("")}};`;
};

const getTask = `
/** (name) ⇒ (task). Throws a RangeError for a name that no task has. */
export const getTask = (name: string): Task => {
  const task = Object.hasOwn(tasks, name) ? tasks[name] : undefined;
  if (task !== undefined) return task;
  throw new RangeError(
    \`Cannot get a task as its name must be one of \${Object.keys(tasks).join(", ")}: current value is "\${name}"\`,
  );
};
`;

/** The barrels of this project. */
export const barrels: ReadonlyArray<Barrel> = [
  {
    folder: "stages",
    title: "Every stage by name.",
    definition: /^export const (\w+)(?:: \w*Definition(?:<.*>)?)? = defineStage\(/m,
    contract: { file: "stage.ts", type: "AnyStageDefinition" },
    body: (names) =>
      "/** Name ⇒ definition. */\n" +
      record("export const stages: Readonly<Record<string, AnyStageDefinition>> =", names) + "\n",
  },
  {
    folder: "estimators",
    title: "Every estimator by name.",
    definition: /^export const (\w+): Estimator<.*> = /m,
    contract: null, // each keeps its own type, which says what it reads
    body: (names) => {
      const union = `export type EstimatorName = ${names.map((name) => `"${name}"`).join(" | ")};`;
      const long = `export type EstimatorName =\n${names.map((name) => `  | "${name}"`).join("\n")};`;
      return `/** Name of an estimator. */\n${union.length <= WIDTH ? union : long}\n\n/** Name ⇒ estimator. */\n` +
        record("export const estimators =", names).replace(/;$/, " as const;") + "\n";
    },
  },
  {
    folder: "tasks",
    title: "Every task by name.",
    definition: /^export const (\w+): Task = /m,
    contract: { file: "task.ts", type: "Task" },
    body: (names) =>
      "/** Every task under its name, in alphabetical order. */\n" +
      record("export const tasks: Readonly<Record<string, Task>> =", names) + "\n" + getTask,
  },
];

/** (barrel, files of its folder by name) ⇒ (entries), in the order of their names. */
export const entriesOf = (barrel: Barrel, files: Readonly<Record<string, string>>): Entry[] =>
  Object.entries(files)
    .filter(([file]) => file.endsWith(".ts") && file !== "registry.ts")
    .flatMap(([file, source]) => {
      const name = barrel.definition.exec(source)?.[1];
      return name === undefined ? [] : [{ file, name }];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));

/** (barrel, entries) ⇒ text of its `registry.ts`. */
export const renderBarrel = (barrel: Barrel, entries: ReadonlyArray<Entry>): string => {
  const { contract } = barrel;
  const imports = [
    ...(contract === null
      ? []
      : [{ file: contract.file, line: `import type { ${contract.type} } from "./${contract.file}";` }]),
    ...entries.map((entry) => ({ file: entry.file, line: `import { ${entry.name} } from "./${entry.file}";` })),
  ].sort((a, b) => (a.file < b.file ? -1 : 1));
  const head = `/**\n * ${barrel.title} Written by \`deno task gen\`.\n *\n * @module\n */\n`;
  const body = barrel.body(entries.map((entry) => entry.name));
  return `${head}${imports.map(({ line }) => line).join("\n")}\n\n${body}`;
};

const source = new URL("../", import.meta.url);

/** (barrel) ⇒ where it stands, what stands there, and what should. */
export const readBarrel = (barrel: Barrel): { path: URL; present: string; wanted: string } => {
  const folder = new URL(`${barrel.folder}/`, source), path = new URL("registry.ts", folder);
  const files = Object.fromEntries(
    readdirSync(folder).filter((file) => file.endsWith(".ts"))
      .map((file) => [file, readFileSync(new URL(file, folder), "utf8")]),
  );
  return { path, present: files["registry.ts"] ?? "", wanted: renderBarrel(barrel, entriesOf(barrel, files)) };
};

/** (mode) ⇒ folders whose barrel was stale; "write" rewrites them. */
export const generate = (mode: "check" | "write"): string[] =>
  barrels.flatMap((barrel) => {
    const { path, present, wanted } = readBarrel(barrel);
    if (present === wanted) return [];
    if (mode === "write") writeFileSync(path, wanted);
    return [barrel.folder];
  });

const physics = new URL("physics/generated/", source);

/** (mode) ⇒ files of generated physics that were stale or belong to no model; "write" rewrites or removes them. */
export const generatePhysics = (mode: "check" | "write"): string[] => {
  const wanted = generatedFiles(), present = existsSync(physics) ? readdirSync(physics) : [];
  const files = [...new Set([...Object.keys(wanted), ...present])].sort();
  return files.flatMap((file) => {
    const path = new URL(file, physics), text = wanted[file];
    if (present.includes(file) && readFileSync(path, "utf8") === text) return [];
    if (mode === "write" && text === undefined) rmSync(path);
    else if (mode === "write") writeFileSync(path, text);
    return [`physics/generated/${file}`];
  });
};

if (import.meta.main) {
  const mode = process.argv.includes("--check") ? "check" : "write";
  const stale = [...generate(mode), ...generatePhysics(mode)];
  if (mode === "check" && stale.length > 0) {
    console.error(
      `Cannot pass the check as generated files must be fresh: run "deno task gen" for ${stale.join(", ")}`,
    );
    process.exitCode = 1;
  } else console.log(stale.length === 0 ? "Generated files are fresh" : `Wrote ${stale.join(", ")}`);
}
