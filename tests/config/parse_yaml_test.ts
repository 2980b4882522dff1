import { assert, assertEquals, assertLess } from "@std/assert";
import fc from "fast-check";
import { parseLocated } from "../../src/config/parse_yaml.ts";
import { showAt } from "../../src/config/located.ts";

/** Problems as `line:column path: message`. */
const problems = (text: string): ReadonlyArray<string> =>
  parseLocated(text, "a.yaml").problems.map(({ position: { line, column }, path, message }) =>
    `${line}:${column} ${path.join(".")}: ${message}`
  );

const valueOf = (text: string): unknown => {
  const { tree, problems } = parseLocated(text, "a.yaml");
  assertEquals(problems, []);
  return tree.root;
};

Deno.test("an alias stands for what its anchor named last before it", () => {
  assertEquals(valueOf("a: &x { b: 1 }\nc: *x\nd: &x 2\ne: [*x, *x]\n"), { a: { b: 1 }, c: { b: 1 }, d: 2, e: [2, 2] });
  assertEquals(valueOf("a: &k foo\n*k : 1\n"), { a: "foo", foo: 1 });
});

Deno.test("an alias without an anchor, before it, or within it is refused where it stands", () => {
  assertEquals(problems("a: &fit 1\nb: *fitt\n"), ['2:4 b: unknown anchor "fitt", did you mean "fit"?']);
  assertEquals(problems("a: *fit\nb: &fit 1\n"), ['1:4 a: unknown anchor "fit", it must be set before it is used']);
  assertEquals(problems("a: *fit\n"), ['1:4 a: unknown anchor "fit", there is none in this file']);
  assertEquals(problems("a: &n\n  b: [*n]\n"), ['2:7 a.b.0: must not contain itself: "*n" is within its anchor']);
  assertEquals(problems("a: &n { b: &m { c: *n, d: *m } }\n")[0].slice(0, 9), "1:20 a.b.");
});

Deno.test("what would take for ever is refused: values by aliases, depth, length", () => {
  const bomb = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"];
  for (let i = 1; i < 9; i++) bomb.push(`a${i}: &a${i} [${new Array(10).fill(`*a${i - 1}`)}]`);
  const [problem, ...more] = problems(bomb.join("\n"));
  assert(/^\d+:\d+ a\d.*: must hold at most 5000 values: it holds more$/.test(problem), problem);
  assertEquals(more, []);
  const deep = "must be nested at most 64 levels deep: it is deeper";
  assertEquals(problems("[".repeat(66) + "]".repeat(66))[0].endsWith(deep), true);
  for (const open of ["[", "{a: ", "- ", "? "]) {
    assertEquals(problems(open.repeat(100_000))[0].endsWith(deep), true, open);
  }
  assertEquals(
    problems("a".repeat(1_000_001)),
    [": must hold at most 1000000 characters: it holds 1000001"].map((x) => `1:1 ${x}`),
  );
});

Deno.test("one document, no byte-order mark in the way, no schema but the core one", () => {
  assertEquals(problems("a: 1\n---\nb: 2\n"), ["2:1 : must hold one document: a second one begins here"]);
  assertEquals(valueOf("\uFEFFa: 1\n"), { a: 1 });
  assertEquals(valueOf("%YAML 1.1\n---\na: yes\nb: 1:20\n<<: { c: 1 }\nd: 2001-01-01\n"), {
    a: "yes",
    b: "1:20",
    "<<": { c: 1 },
    d: "2001-01-01",
  });
  assertEquals(problems("a: !!binary aGk=\n").length, 1);
});

Deno.test("a key is given once, whatever it is written as; any name is a key", () => {
  assertEquals(problems("1: a\n'1': b\n"), ["2:1 1: must be given once: it is there already"]);
  const root = valueOf("__proto__: { a: 1 }\nconstructor: 2\n") as object;
  assertEquals(Object.keys(root), ["__proto__", "constructor"]);
  assertEquals(Object.getPrototypeOf(root), Object.prototype);
});

Deno.test("a number that would print as another is shown as it was written", () => {
  const { tree } = parseLocated(
    "a: .inf\nb: 9007199254740993\nc: -1e400\nd: .nan\ne: 0x10\nf: -0.0\ng: 0.1\n",
    "a.yaml",
  );
  assertEquals(
    ["a", "b", "c", "d", "e", "f", "g"].map((key) => showAt(tree, [key])),
    [".inf", "9007199254740993", "-1e400", ".nan", "16", "-0", "0.1"],
  );
  assertLess(showAt(parseLocated(`a: ${"x".repeat(9999)}`, "a.yaml").tree, ["a"]).length, 300);
});

Deno.test("any text gives a tree or problems with places, and nothing is thrown", () => {
  const part = fc.constantFrom(
    "a",
    ": ",
    "- ",
    "\n",
    "  ",
    "*a",
    "&a ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "? ",
    "|",
    ">",
    "'",
    '"',
    "#",
    "---\n",
    "...",
    "!!int ",
    "%YAML 1.1\n",
    "\t",
    "<<",
    ".inf",
    "\u0000",
    "\uFEFF",
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
      const { tree, problems } = parseLocated(parts.join(""), "a.yaml");
      assert(tree.places.has("[]"));
      for (const { position: { line, column }, message } of problems) {
        assert(line >= 1 && column >= 1 && message !== "");
      }
    }),
    { numRuns: 3000, seed: 7 },
  );
});
