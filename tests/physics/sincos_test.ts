import { assert, assertEquals } from "@std/assert";
import { makeKey, makeStream } from "../../src/math/random.ts";
import { writeSinCos } from "../../src/physics/sincos.ts";

const sin = new Float64Array(1), cos = new Float64Array(1);

const worst = (angles: Iterable<number>): number => {
  let largest = 0;
  for (const x of angles) {
    writeSinCos(x, sin, cos, 0);
    largest = Math.max(largest, Math.abs(sin[0] - Math.sin(x)), Math.abs(cos[0] - Math.cos(x)));
  }
  return largest;
};

Deno.test("sine and cosine are within 1.2e-16 of the built-ins up to 1e6 rad", () => {
  const stream = makeStream(makeKey(0));
  for (const size of [0.1, 1, 10, 1000, 1e6]) {
    const angles = Array.from({ length: 100_000 }, () => size * (2 * stream.uniform() - 1));
    assert(worst(angles) <= 1.2e-16, `|x| ≤ ${size}: ${worst(angles)}`);
  }
});

Deno.test("every quarter turn is exact to rounding, and each octant's edge is continuous", () => {
  const edges = Array.from({ length: 400 }, (_, i) => (i - 200) * (Math.PI / 4));
  assert(worst(edges) <= 1.2e-16);
  assert(worst(edges.flatMap((x) => [x - 1e-9, x + 1e-9])) <= 1.2e-16);
});

Deno.test("beyond 1e6 rad and for what is no number the built-ins answer", () => {
  for (const x of [1e7, -3e9, NaN, Infinity]) {
    writeSinCos(x, sin, cos, 0);
    assertEquals([sin[0], cos[0]], [Math.sin(x), Math.cos(x)]);
  }
});

Deno.test("zero gives exactly (0, 1)", () => {
  writeSinCos(0, sin, cos, 0);
  assertEquals([sin[0], cos[0]], [0, 1]);
});
