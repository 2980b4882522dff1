/**
 * Each assertion passes and fails as `@std/assert` does: what is tried here is that package's documented behaviour, so
 * that mapping the name to the original leaves this file green.
 *
 * @module
 */
import * as std from "@std/assert";

/** (f) ⇒ message of the AssertionError that f throws; null where it throws nothing. Any other error passes through. */
const failure = (f: () => unknown): string | null => {
  try {
    f();
  } catch (error) {
    if (error instanceof std.AssertionError) return error.message;
    throw error;
  }
  return null;
};

/** Checks without the module under test. */
const expect = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what);
};

const passes = (...all: ReadonlyArray<() => unknown>): void =>
  all.forEach((f, i) => expect(failure(f) === null, `number ${i} should pass: ${f} gives ${failure(f)}`));

const fails = (...all: ReadonlyArray<() => unknown>): void =>
  all.forEach((f, i) => expect(failure(f) !== null, `number ${i} should fail: ${f}`));

class A {
  constructor(readonly x: number) {}
}
class B {
  constructor(readonly x: number) {}
}

Deno.test("assert: truthy", () => {
  passes(() => std.assert(true), () => std.assert(1), () => std.assert("a"), () => std.assert({}));
  fails(
    () => std.assert(false),
    () => std.assert(0),
    () => std.assert(""),
    () => std.assert(null),
    () => std.assert(NaN),
  );
  expect(failure(() => std.assert(false, "because")) === "because", "an AssertionError carries the message");
});

Deno.test("assertEquals and assertNotEquals: deep, by type, 0 as −0, NaN as NaN", () => {
  const same: ReadonlyArray<readonly [unknown, unknown]> = [
    [1, 1],
    [0, -0],
    [NaN, NaN],
    [[1, [2, { a: -0 }]], [1, [2, { a: 0 }]]],
    [{ a: 1, b: [2] }, { b: [2], a: 1 }],
    [Float32Array.of(1, -0), Float32Array.of(1, 0)],
    [new Map([["a", 1]]), new Map([["a", 1]])],
    [new Set([2, 1]), new Set([1, 2])],
    [new Date(5), new Date(5)],
    [new A(1), new A(1)],
    [/a/g, /a/g],
    ["é", "é"],
    [undefined, undefined],
  ];
  const different: ReadonlyArray<readonly [unknown, unknown]> = [
    [1, 2],
    [1, "1"],
    [null, undefined],
    [[1, 2], [1, 2, 3]],
    [{ a: 1 }, { a: 1, b: undefined }],
    [{ a: { b: 1 } }, { a: { b: 2 } }],
    [Float32Array.of(1), Float32Array.of(2)],
    [Float32Array.of(1), Float64Array.of(1)],
    [new Map([["a", 1]]), new Map([["a", 2]])],
    [new Set([1]), new Set([2])],
    [new Date(5), new Date(6)],
    [new A(1), new B(1)],
    [new A(1), new A(2)],
    [/a/g, /a/i],
  ];
  for (const [a, b] of same) {
    passes(() => std.assertEquals(a, b), () => std.assertEquals(b, a));
    fails(() => std.assertNotEquals(a, b));
  }
  for (const [a, b] of different) {
    fails(() => std.assertEquals(a, b), () => std.assertEquals(b, a));
    passes(() => std.assertNotEquals(a, b));
  }
  expect(failure(() => std.assertEquals(1, 2, "why"))?.includes("why") === true, "the message is shown");
});

Deno.test("assertStrictEquals: Object.is", () => {
  const x = { a: 1 };
  passes(
    () => std.assertStrictEquals(x, x),
    () => std.assertStrictEquals(NaN, NaN),
    () => std.assertStrictEquals("a", "a"),
  );
  fails(
    () => std.assertStrictEquals(x, { a: 1 }),
    () => std.assertStrictEquals(0, -0),
    () => std.assertStrictEquals<unknown>(1, "1"),
  );
});

Deno.test("assertAlmostEquals: |expected|·1e-7 by default", () => {
  passes(
    () => std.assertAlmostEquals(1 + 0.9e-7, 1),
    () => std.assertAlmostEquals(1000 + 0.9e-4, 1000),
    () => std.assertAlmostEquals(-1000 - 0.9e-4, -1000),
    () => std.assertAlmostEquals(0, -0),
    () => std.assertAlmostEquals(NaN, NaN),
    () => std.assertAlmostEquals(Infinity, Infinity),
    () => std.assertAlmostEquals(1.5, 1, 0.5),
    () => std.assertAlmostEquals(0.5, 1, 0.5),
  );
  fails(
    () => std.assertAlmostEquals(1 + 1.1e-7, 1),
    () => std.assertAlmostEquals(0.001 + 1.1e-10, 0.001),
    () => std.assertAlmostEquals(1e-20, 0), // of zero, nothing is allowed
    () => std.assertAlmostEquals(1000 + 1.1e-4, 1000),
    () => std.assertAlmostEquals(1.51, 1, 0.5),
    () => std.assertAlmostEquals(NaN, 1),
    () => std.assertAlmostEquals(1, NaN),
    () => std.assertAlmostEquals(1, Infinity),
    () => std.assertAlmostEquals(NaN, 1, Infinity),
  );
});

Deno.test("assertGreater and assertLess are strict, and false of NaN", () => {
  passes(() => std.assertGreater(2, 1), () => std.assertLess(1, 2), () => std.assertLess("a", "b"));
  fails(
    () => std.assertGreater(1, 1),
    () => std.assertGreater(1, 2),
    () => std.assertGreater(NaN, 1),
    () => std.assertLess(1, 1),
    () => std.assertLess(2, 1),
    () => std.assertLess(NaN, 1),
  );
});

Deno.test("assertExists, assertInstanceOf, assertStringIncludes, assertMatch, fail", () => {
  passes(
    () => std.assertExists(0),
    () => std.assertExists(""),
    () => std.assertExists(false),
    () => std.assertInstanceOf(new A(1), A),
    () => std.assertInstanceOf(new RangeError("x"), Error),
    () => std.assertStringIncludes("abc", "b"),
    () => std.assertMatch("abc", /^a.c$/),
  );
  fails(
    () => std.assertExists(null),
    () => std.assertExists(undefined),
    () => std.assertInstanceOf(new A(1), B),
    () => std.assertInstanceOf(null, A),
    () => std.assertStringIncludes("abc", "d"),
    () => std.assertMatch("abc", /^b/),
    () => std.fail(),
  );
  expect(failure(() => std.fail("on purpose"))?.includes("on purpose") === true, "the message is shown");
});

const throwing = (error: unknown) => () => {
  throw error;
};

Deno.test("assertThrows: an error, its class, a part of its message; returns it", () => {
  const error = new RangeError("too far");
  passes(
    () => std.assertThrows(throwing(error)),
    () => std.assertThrows(throwing(error), RangeError),
    () => std.assertThrows(throwing(error), Error, "far"),
  );
  fails(
    () => std.assertThrows(() => 1),
    () => std.assertThrows(throwing(error), TypeError),
    () => std.assertThrows(throwing(error), RangeError, "near"),
    () => std.assertThrows(throwing("a string"), Error),
  );
  expect(std.assertThrows(throwing(error), RangeError) === error, "the error is returned");
});

Deno.test("assertRejects: the same of promises", async () => {
  const error = new RangeError("too far");
  const outcome = async (f: () => Promise<unknown>): Promise<boolean> => {
    try {
      await f();
      return true;
    } catch (e) {
      if (e instanceof std.AssertionError) return false;
      throw e;
    }
  };
  const rejecting = () => Promise.reject(error);
  expect(await outcome(() => std.assertRejects(rejecting)), "a rejection passes");
  expect(await outcome(() => std.assertRejects(rejecting, RangeError, "far")), "class and message pass");
  expect(!await outcome(() => std.assertRejects(() => Promise.resolve(1))), "a resolution fails");
  expect(!await outcome(() => std.assertRejects(rejecting, TypeError)), "another class fails");
  expect(!await outcome(() => std.assertRejects(rejecting, RangeError, "near")), "another message fails");
  expect(await std.assertRejects(rejecting, RangeError) === error, "the error is returned");
});
