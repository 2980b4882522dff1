/**
 * Sources and tests import only names that the originals of `src/compat` have, so that replacing those modules by the
 * originals takes lines of deno.json alone.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import configuration from "../../deno.json" with { type: "json" };

/** Names of the originals that may be used; a new one is added here after a look into the original's documentation. */
const originals: Readonly<Record<string, ReadonlyArray<string>>> = {
  "@std/assert": [
    ...["AssertionError", "assert", "assertAlmostEquals", "assertEquals", "assertExists", "assertGreater"],
    ...["assertInstanceOf", "assertLess", "assertMatch", "assertNotEquals", "assertRejects", "assertStrictEquals"],
    ...["assertStringIncludes", "assertThrows", "fail"],
  ],
  "@std/cli": ["Args", "ParseOptions", "parseArgs", "unicodeWidth"],
  "@std/cli/parse-args": ["Args", "ParseOptions", "parseArgs"],
  "@std/cli/unicode-width": ["unicodeWidth"],
  "@std/yaml": ["ParseOptions", "SchemaType", "StringifyOptions", "parse", "stringify"],
};

const root = new URL("../../", import.meta.url);

const filesBelow = (folder: URL): ReadonlyArray<URL> =>
  [...Deno.readDirSync(folder)].filter(({ name }) => !/^(\.|node_modules)/.test(name)).flatMap((entry) => {
    const path = new URL(entry.name + (entry.isDirectory ? "/" : ""), folder);
    return entry.isDirectory ? filesBelow(path) : entry.name.endsWith(".ts") ? [path] : [];
  });

/** (source) ⇒ [specifier, name] of everything that is imported from `@std/…`, and of names taken as a whole. */
const stdImports = (source: string): ReadonlyArray<readonly [string, string]> =>
  [...source.matchAll(/^\s*(?:\* )?(?:import|export)\s+(?:type\s+)?([^;"']*?)\s*from\s+"(@std\/[^"]+)"/gm)].flatMap(
    ([, clause, specifier]) => {
      const whole = /^\*(?: as (\w+))?/.exec(clause);
      if (whole !== null) {
        const used = source.matchAll(new RegExp(`\\b${whole[1]}\\.(\\w+)`, "g"));
        return [...used].map(([, name]) => [specifier, name] as const);
      }
      const names = clause.replace(/[{}*]/g, "").split(",").map((name) => name.trim()).filter((name) => name !== "");
      return names.map((name) => [specifier, name.replace(/^type /, "").replace(/ as .*/, "")] as const);
    },
  );

Deno.test("only names of the originals are imported, under specifiers that deno.json maps", () => {
  const files = [...filesBelow(new URL("src/", root)), ...filesBelow(new URL("tests/", root))];
  const found = files.flatMap((file) => stdImports(Deno.readTextFileSync(file)));
  const strangers = found.filter(([specifier, name]) => !originals[specifier]?.includes(name));
  assertEquals(strangers, []);
  const used = new Set(found.map(([specifier]) => specifier));
  for (const specifier of Object.keys(originals)) assert(used.has(specifier), `${specifier} is not used`);
  const imports: Readonly<Record<string, string>> = configuration.imports;
  assertEquals(Object.keys(imports).filter((each) => each.startsWith("@std/")).sort(), Object.keys(originals).sort());
});

Deno.test("the modules of src/compat offer no name that the originals do not have", async () => {
  const modules = { "@std/assert": "assert.ts", "@std/cli": "cli.ts", "@std/yaml": "yaml.ts" };
  for (const [specifier, file] of Object.entries(modules)) {
    const offered = Object.keys(await import(new URL(`src/compat/${file}`, root).href));
    assertEquals(offered.filter((name) => !originals[specifier].includes(name)), [], specifier);
  }
});

Deno.test("the check sees every way of importing", () => {
  const source =
    'import { parse, type X as Y } from "@std/yaml";\nimport * as std from "@std/assert";\nstd.nothing();\n' +
    ' * import { other } from "@std/cli";\nexport type { Z } from "@std/cli";\nimport { a } from "yaml";\n';
  assertEquals(stdImports(source), [
    ["@std/yaml", "parse"],
    ["@std/yaml", "X"],
    ["@std/assert", "nothing"],
    ["@std/cli", "other"],
    ["@std/cli", "Z"],
  ]);
});
