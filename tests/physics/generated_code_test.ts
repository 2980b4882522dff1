/** The builder of generated code: folding, naming, what is left out. */
import { assertEquals, assertThrows } from "@std/assert";
import { makeBlock } from "../../src/physics/codegen/block.ts";
import {
  abs,
  add,
  atom,
  cross,
  div,
  dot,
  literal,
  mul,
  neg,
  ONE,
  polynomial,
  select,
  sub,
  sum,
  ZERO,
} from "../../src/physics/codegen/expression.ts";

const a = atom("a"), b = atom("b"), c = atom("c");

Deno.test("literals keep all digits and fold", () => {
  for (const x of [0.1 + 0.2, Math.PI, 1e-300, 123456789.123, 2 ** 60]) {
    assertEquals(Number(literal(x).text), x);
    assertEquals(Number(literal(-x).text), -x);
  }
  assertEquals(literal(-0).text, "0");
  assertEquals(add(literal(0.1), literal(0.2)).value, 0.1 + 0.2);
  assertEquals(mul(literal(2), literal(-3)).text, "-6");
  assertEquals(div(ONE, literal(4)).text, "0.25");
  assertEquals(abs(literal(-2)).text, "2");
  assertThrows(() => literal(NaN), Error, "Cannot print a literal as it must be finite: current value is NaN");
});

Deno.test("neutral elements and double signs vanish", () => {
  assertEquals(add(a, ZERO).text, "a");
  assertEquals(sum(ZERO, a, ZERO, b).text, "a + b");
  assertEquals(mul(ZERO, a).text, "0");
  assertEquals(mul(a, ONE).text, "a");
  assertEquals(mul(literal(-1), a).text, "-a");
  assertEquals(neg(neg(a)).text, "a");
  assertEquals(mul(neg(a), neg(b)).text, "a * b");
  assertEquals(div(a, ONE).text, "a");
  assertEquals(div(ZERO, a).text, "0");
  assertEquals(abs(neg(a)).text, "Math.abs(a)");
  assertEquals(select("a < b", c, c).text, "c");
});

Deno.test("signs move into sums, and parentheses stand only where they must", () => {
  assertEquals(add(a, neg(b)).text, "a - b");
  assertEquals(add(neg(a), b).text, "b - a");
  assertEquals(sub(a, sub(b, c)).text, "a - (b - c)");
  assertEquals(sub(sub(a, b), c).text, "a - b - c");
  assertEquals(mul(add(a, b), c).text, "(a + b) * c");
  assertEquals(mul(a, mul(b, c)).text, "a * (b * c)");
  assertEquals(mul(mul(a, b), c).text, "a * b * c");
  assertEquals(div(a, mul(b, c)).text, "a / (b * c)");
  assertEquals(mul(add(a, b), literal(2)).text, "2 * (a + b)");
  assertEquals(sub(a, mul(literal(-2), b)).text, "a + 2 * b");
  assertEquals(neg(add(a, b)).text, "-(a + b)");
  assertEquals(dot([a, ZERO], [b, c]).text, "a * b");
  assertEquals(cross([ZERO, a], [b, c]).text, "-(a * b)");
  assertEquals(polynomial(a, [1, 0, -2]).text, "1 - a * (2 * a)");
});

Deno.test("printed expressions have the value of the tree", () => {
  const random = (depth: number, seed: number): [ReturnType<typeof atom>, number] => {
    const turn = Math.imul(seed, 2654435761) >>> 8;
    if (depth === 0) {
      return turn % 3 === 0 ? [a, 1.7] : turn % 3 === 1 ? [b, -0.6] : [literal(turn % 5 - 2), turn % 5 - 2];
    }
    const [x, xs] = random(depth - 1, seed * 2 + 1), [y, ys] = random(depth - 1, seed * 2 + 2);
    switch (turn % 4) {
      case 0:
        return [add(x, y), xs + ys];
      case 1:
        return [sub(x, y), xs - ys];
      case 2:
        return [mul(x, y), xs * ys];
      default:
        return [neg(x), -xs];
    }
  };
  for (let seed = 0; seed < 2000; seed++) {
    const [e, value] = random(1 + seed % 5, seed);
    const printed = new Function("a", "b", `return ${e.text};`)(1.7, -0.6) as number;
    assertEquals(Math.abs(printed - value) <= 1e-12 * (1 + Math.abs(value)), true, `${e.text}: ${printed}, ${value}`);
  }
});

Deno.test("a block computes each value once, renames what is taken and leaves out what nobody reads", () => {
  const block = makeBlock("");
  const x = block.define("x", mul(a, b)), same = block.define("y", mul(a, b)), other = block.define("x", mul(a, c));
  assertEquals([x.text, same.text, other.text], ["x", "x", "x_2"]);
  assertEquals(block.define("z", a).text, "a");
  assertEquals(block.define("z", literal(3)).text, "3");
  block.define("unread", mul(b, c));
  assertEquals(block.read("r", atom("array[0]")).text, "r");
  assertEquals(block.read("r", atom("array[0]")).text, "r_2"); // what may have changed is read anew
  block.nest("if (a > 0)", () => {
    const inner = block.define("inner", add(x, other));
    block.line(`use(${inner.text}, r_2);`);
  });
  assertEquals(block.define("inner", add(x, other)).text, "inner_2"); // the first is out of scope
  assertEquals(
    block.render(),
    [
      "const x = a * b;",
      "const x_2 = a * c;",
      "const r_2 = array[0];",
      "if (a > 0) {",
      "  const inner = x + x_2;",
      "  use(inner, r_2);",
      "}",
    ].join("\n"),
  );
});

Deno.test("long lines are broken after operators", () => {
  const block = makeBlock("  ");
  block.line(`return ${Array.from({ length: 30 }, (_, i) => `value${i} > 0`).join(" && ")};`);
  const lines = block.render().split("\n");
  assertEquals(lines.length, 5);
  assertEquals(lines.every((line) => line.length <= 120 && line.startsWith("  ")), true);
  assertEquals(lines.slice(0, -1).every((line) => line.endsWith(" &&")), true);
});
