/**
 * `parse` and `stringify` as `@std/yaml` documents them: mapping the name to the original leaves this file green.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { parse, stringify } from "@std/yaml";

Deno.test("parse: one document, by the default schema", () => {
  const cases: ReadonlyArray<readonly [string, unknown]> = [
    ["id: 1\nname: Alice", { id: 1, name: "Alice" }],
    ["", null],
    ["- 1\n- 2.5\n- 1e3\n- 0x1f\n- -3", [1, 2.5, 1000, 31, -3]],
    ["[true, False, null, ~, yes, on]", [true, false, null, null, "yes", "on"]],
    ["[.inf, -.inf]", [Infinity, -Infinity]],
    ["a: &x { b: 1 }\nc: *x", { a: { b: 1 }, c: { b: 1 } }],
    ["base: &x { b: 1, c: 2 }\nd: { <<: *x, c: 3 }", { base: { b: 1, c: 2 }, d: { b: 1, c: 3 } }],
    ["2001-12-14", new Date(Date.UTC(2001, 11, 14))],
    ["'2001-12-14'", "2001-12-14"],
    ["a: |\n  x\n  y\nb: >\n  x\n  y", { a: "x\ny\n", b: "x y\n" }],
    ["1: a\ntrue: b", { "1": "a", "true": "b" }],
  ];
  for (const [text, value] of cases) assertEquals(parse(text), value, text);
});

Deno.test("parse: narrower schemas, and keys that come twice", () => {
  assertEquals(parse("[1, true, 2001-12-14]", { schema: "failsafe" }), ["1", "true", "2001-12-14"]);
  assertEquals(parse("[1, true, 2001-12-14]", { schema: "core" }), [1, true, "2001-12-14"]);
  assertEquals(parse("a: 1\na: 2", { allowDuplicateKeys: true }), { a: 2 });
  for (const text of ["a: 1\na: 2", "a: [1", "a: b: c", "a: *none", "--- 1\n--- 2", "!unknown 1"]) {
    assertThrows(() => parse(text), SyntaxError, undefined);
  }
  assertStringIncludes(assertThrows(() => parse("x: 1\na: [1"), SyntaxError).message, "line 2");
});

Deno.test("stringify: block style, single quotes where a text would be read as something else", () => {
  const cases: ReadonlyArray<readonly [unknown, string]> = [
    [{ id: 1, name: "Alice" }, "id: 1\nname: Alice\n"],
    [[1, [2, 3]], "- 1\n- - 2\n  - 3\n"],
    [{ a: [1, { b: 2 }] }, "a:\n  - 1\n  - b: 2\n"],
    [{ a: [], b: {}, c: null, d: "" }, "a: []\nb: {}\nc: null\nd: ''\n"],
    [{ a: "1", b: "true", c: "null", d: "yes" }, "a: '1'\nb: 'true'\nc: 'null'\nd: 'yes'\n"],
    [{ a: Infinity, b: -Infinity }, "a: .inf\nb: -.inf\n"],
    [{ a: "x\ny" }, "a: |-\n  x\n  y\n"],
  ];
  for (const [value, text] of cases) assertEquals(stringify(value), text);
});

Deno.test("stringify: options", () => {
  const tree = { b: { c: [1, 2] }, a: 1 }, shared = { x: 1 };
  assertEquals(stringify(tree, { sortKeys: true, indent: 4 }), "a: 1\nb:\n    c:\n        - 1\n        - 2\n");
  assertEquals(stringify(tree, { sortKeys: (a, b) => (a < b ? 1 : -1) }), stringify(tree));
  assertEquals(stringify(tree, { flowLevel: 1 }), "b: {c: [1, 2]}\na: 1\n");
  assertEquals(stringify(tree, { flowLevel: 0 }), "{b: {c: [1, 2]}, a: 1}\n");
  assertEquals(stringify({ a: [1] }, { arrayIndent: false }), "a:\n- 1\n");
  assertEquals(stringify({ a: shared, b: shared }, { useAnchors: false }), "a:\n  x: 1\nb:\n  x: 1\n");
  assert(/^a: &(\S+)\n {2}x: 1\nb: \*\1\n$/.test(stringify({ a: shared, b: shared })));
  assertEquals(stringify({ a: "yes" }, { compatMode: false }), "a: yes\n");
  const long = "word ".repeat(40).trim();
  assert(stringify({ long }).split("\n").every((line) => line.length <= 82));
  assertEquals(stringify({ long }, { lineWidth: -1 }), `long: ${long}\n`);
});

Deno.test("stringify: what YAML cannot hold is an error, or left out where that is asked for", () => {
  for (const bad of [undefined, () => 1, Symbol("a"), { a: undefined }, [() => 1]]) {
    assertThrows(() => stringify(bad), TypeError);
  }
  assertEquals(stringify({ a: undefined, b: [1, () => 1], c: 2 }, { skipInvalid: true }), "b:\n  - 1\nc: 2\n");
});

Deno.test("parse reads what stringify writes", () => {
  const value = {
    text: [
      "it's: x",
      '"',
      "# no",
      "- no",
      " lead",
      "tab\t",
      "é\u0001",
      "0x1f",
      "1e3",
      "2001-12-14",
      "<<",
      "~",
      "a\n\nb\n",
    ],
    number: [0, 1.5, -2e-7, 1e21],
    date: new Date(12345),
    nested: [[[]], [{}], { a: { b: [null] } }],
  };
  assertEquals(parse(stringify(value)), value);
  assertEquals(parse(stringify(value, { flowLevel: 0, lineWidth: -1 })), value);
});
