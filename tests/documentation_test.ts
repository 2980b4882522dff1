import { assertEquals, assertGreater, assertMatch, assertStringIncludes } from "@std/assert";
import configuration from "../deno.json" with { type: "json" };

/**
 * Types of npm packages that the public API mentions. `deno doc --lint` counts every type of an npm package as private,
 * however it is imported, so these names are the only findings that are let through.
 */
const npmTypes = new Set([
  ...["Codec", "Effect", "Layer", "Service", "Struct", "withDecodingDefaultKey"],
  ...["TaggedError", "ArraySchema", "Defect", "Literals", "Number", "String"], // of tagged errors and their fields
]);

/** Entry modules by the specifiers that users write. */
const entries = Object.entries(configuration.exports).map(([path, file]) => [configuration.name + path.slice(1), file]);

const lint = async (): Promise<string> => {
  const { stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--lint", ...entries.map(([, file]) => file)],
    env: { NO_COLOR: "1" },
    stdout: "null",
  }).output();
  return new TextDecoder().decode(stderr);
};

Deno.test("every public symbol is documented, and mentions only public types", async () => {
  const report = await lint();
  const findings = report.split("\n").filter((line) => line.startsWith("error["));
  assertGreater(findings.length, 0); // the npm types at least: the lint did run
  const ours = findings.filter((line) => {
    const type = line.match(/^error\[private-type-ref\]: .* references private type '(\w+)'/);
    return type === null || !npmTypes.has(type[1]);
  });
  assertEquals(ours, [], report);
});

Deno.test("every entry tells by an example how it is used", () => {
  assertEquals(entries.length, 7);
  for (const [specifier, file] of entries) {
    const [header] = Deno.readTextFileSync(new URL(`../${file}`, import.meta.url)).split("@module");
    assertMatch(header, /^\/\*\*/);
    assertStringIncludes(header, "```ts");
    assertStringIncludes(header, ` from "${specifier}";`);
  }
});
