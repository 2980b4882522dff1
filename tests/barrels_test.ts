/**
 * Barrels stand as the generator writes them.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { barrels, entriesOf, generate, readBarrel, renderBarrel } from "../src/cli/gen.ts";

Deno.test("barrels are fresh", () => {
  assertEquals(generate("check"), []); // otherwise: deno task gen
});

Deno.test("every barrel finds the definitions of its folder", () => {
  const names = barrels.map((barrel) => [...readBarrel(barrel).wanted.matchAll(/^import \{ (\w+) \}/gm)].length);
  assertEquals(names.every((count) => count >= 2), true);
});

Deno.test("a new file becomes an import and a name, in order; contracts and parts do not", () => {
  const [, estimators] = barrels;
  const entries = entriesOf(estimators, {
    "registry.ts": "export const old: Estimator = 0",
    "estimator.ts": "export type Estimator = () => void;",
    "zeroth.ts": '/** Nothing. */\nexport const zeroth: Estimator<"value"> = defineEstimator(nothing);',
    "a_first.ts": 'const x = 1;\nexport const aFirst: Estimator<"value" | "model"> = defineEstimator(x);',
    "score.ts": "export const scoreGradient = () => 0;",
  });
  assertEquals(entries, [{ file: "a_first.ts", name: "aFirst" }, { file: "zeroth.ts", name: "zeroth" }]);
  assertEquals(
    renderBarrel(estimators, entries),
    `/**
 * Every estimator by name. Written by \`deno task gen\`.
 *
 * @module
 */
import { aFirst } from "./a_first.ts";
import { zeroth } from "./zeroth.ts";

/** Name of an estimator. */
export type EstimatorName = "aFirst" | "zeroth";

/** Name ⇒ estimator. */
export const estimators = { aFirst, zeroth } as const;
`,
  );
});

Deno.test("a record that does not fit on one line takes a line for each name", () => {
  const [stages] = barrels;
  const short = stages.body(["a", "b"]), long = stages.body(["a".repeat(30), "b".repeat(30)]);
  assertEquals(short.includes("= { a, b };"), true);
  assertEquals(long.includes(`= {\n  ${"a".repeat(30)},\n  ${"b".repeat(30)},\n};\n`), true);
});
