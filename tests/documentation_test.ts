import { assertEquals, assertGreater } from "@std/assert";

/**
 * Types of npm packages that the public API mentions. `deno doc --lint` counts every type of an npm package as private,
 * however it is imported, so these names are the only findings that are let through.
 */
const npmTypes = new Set([
  ...["Codec", "Effect", "Layer", "Service", "Struct", "withDecodingDefaultKey"],
  ...["TaggedError", "ArraySchema", "Defect", "Literals", "Number", "String"], // of tagged errors and their fields
]);

const lint = async (): Promise<string> => {
  const { stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--lint", "mod.ts"],
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
