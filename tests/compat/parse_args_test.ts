/**
 * `parseArgs` reads arguments as `@std/cli` documents it: mapping the name to the original leaves this file green.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { parseArgs, type ParseOptions } from "@std/cli";
import { parseArgs as parseArgsBySubPath } from "@std/cli/parse-args";

/** Whatever it is: what is tried is the value. */
const read = (args: string[], options: ParseOptions = {}): unknown => parseArgs(args, options);

Deno.test("flags, values and what is neither; numbers are numbers unless the name is a text", () => {
  assertEquals(read(["--foo", "--bar=baz", "./quux.txt"]), { foo: true, bar: "baz", _: ["./quux.txt"] });
  assertEquals(read(["--n", "5", "--x=0x1f", "--y=-1.5e3", "7", "1.2.3"]), {
    n: 5,
    x: 31,
    y: -1500,
    _: [7, "1.2.3"],
  });
  assertEquals(read(["--n", "5", "7"], { string: ["n", "_"] }), { n: "5", _: ["7"] });
  assertEquals(read(["--n"], { string: "n" }), { n: "", _: [] });
  assertEquals(read(["--a", "--b"]), { a: true, b: true, _: [] });
  assertEquals(read(["--a=1=2", "-"]), { a: "1=2", _: ["-"] });
  assertEquals(read(["--a.b.c=1", "--a.d"]), { a: { b: { c: 1 }, d: true }, _: [] });
});

Deno.test("booleans take no value but true and false, and are false where they are not given", () => {
  const options = { boolean: ["v", "w"] };
  assertEquals(read(["--v", "x"], options), { v: true, w: false, _: ["x"] });
  assertEquals(read(["--v", "false", "--w", "true"], options), { v: false, w: true, _: [] });
  assertEquals(read(["--v=false"], options), { v: false, w: false, _: [] });
  assertEquals(read(["--a", "x", "--b=y"], { boolean: true }), { a: true, b: "y", _: ["x"] });
});

Deno.test("--no-name sets what is negatable to false, and is a flag of its own elsewhere", () => {
  assertEquals(read(["--no-color"], { negatable: ["color"] }), { color: false, _: [] });
  assertEquals(read(["--no-color"], { boolean: ["color"], negatable: ["color"], default: { color: true } }), {
    color: false,
    _: [],
  });
  assertEquals(read(["--no-color"]), { "no-color": true, _: [] });
});

Deno.test("the last of repeated flags wins; what is collected is a list, also when it is not given", () => {
  assertEquals(read(["--a", "1", "--a", "2"]), { a: 2, _: [] });
  assertEquals(read(["--a", "1", "--a=2"], { collect: ["a"] }), { a: [1, 2], _: [] });
  assertEquals(read(["--a", "1"], { collect: ["a"], string: ["a"] }), { a: ["1"], _: [] });
  assertEquals(read([], { collect: ["a", "b"], string: ["a"], boolean: ["b"] }), { a: [], b: [], _: [] });
});

Deno.test("aliases set every name; defaults fill in every name that is not given", () => {
  assertEquals(read(["-p", "80"], { alias: { port: ["p", "P"] } }), { p: 80, port: 80, P: 80, _: [] });
  assertEquals(read(["-v", "x"], { alias: { verbose: "v" }, boolean: ["verbose"] }), {
    v: true,
    verbose: true,
    _: ["x"],
  });
  assertEquals(read([], { alias: { port: "p" }, default: { port: 80, host: null } }), {
    port: 80,
    p: 80,
    host: null,
    _: [],
  });
});

Deno.test("letters stand together, with a value behind the last", () => {
  assertEquals(read(["-abc", "x"]), { a: true, b: true, c: "x", _: [] });
  assertEquals(read(["-n5"]), { n: 5, _: [] });
  assertEquals(read(["-a=b"]), { a: "b", _: [] });
  assertEquals(read(["-f./x"]), { f: "./x", _: [] });
  assertEquals(read(["-n", "-5"]), { n: true, "5": true, _: [] });
  assertEquals(read(["-a-"]), { a: "-", _: [] });
  assertEquals(read(["-v", "false"], { boolean: ["v"] }), { v: false, _: [] });
});

Deno.test('nothing after "--" is read, and nothing after the first that is no flag when stopping early', () => {
  assertEquals(read(["a", "--", "--b", "1"]), { _: ["a", "--b", "1"] });
  assertEquals(read(["a", "--", "--b", "1"], { "--": true }), { _: ["a"], "--": ["--b", "1"] });
  assertEquals(read(["--a", "run", "x", "--b", "1"], { boolean: ["a"], stopEarly: true }), {
    a: true,
    _: ["run", "x", "--b", "1"],
  });
});

Deno.test("whoever asks is told of unknown flags and may leave them out", () => {
  const told: unknown[] = [];
  const unknown = (...each: ReadonlyArray<unknown>): boolean => {
    told.push(each);
    return false;
  };
  assertEquals(read(["--known=1", "--other=2", "-x", "y", "z"], { string: ["known"], unknown }), {
    known: "1",
    _: [],
  });
  assertEquals(told, [["--other=2", "other", "2"], ["-x", "x", "y"], ["z"]]);
});

Deno.test("types follow the options", () => {
  const flags = parseArgs(["--json", "out.json", "-q"], {
    string: ["json", "rounds", "each"],
    boolean: ["quiet"],
    collect: ["each"],
    default: { rounds: "9" },
    alias: { quiet: "q" },
    "--": true,
  });
  const json: string | undefined = flags.json;
  const rounds: string = flags.rounds, quiet: boolean = flags.quiet, q: boolean = flags.q;
  const each: ReadonlyArray<unknown> = flags.each, after: ReadonlyArray<string> = flags["--"];
  // @ts-expect-error may not be given
  const given: string = flags.json;
  assertEquals([json, given, rounds, quiet, q, each, after], ["out.json", "out.json", "9", true, true, [], []]);
  assertEquals(parseArgsBySubPath, parseArgs);
});
