/**
 * The part of `@std/assert` that the tests use, over `node:assert/strict`: deno.json maps `@std/assert` here because a
 * plain npm machine cannot reach that package's registry. Same names, signatures and behaviour as the original.
 *
 * @module
 */
import nodeAssert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";

/** Thrown by every assertion of this module. */
export class AssertionError extends Error {
  /** The class name, as shown in a failure. */
  override name = "AssertionError";
}

const raise = (message: string, extra?: string): never => {
  throw new AssertionError(extra === undefined ? message : `${message}: ${extra}`);
};

const show = (value: unknown): string => Deno.inspect(value, { depth: 6, strAbbreviateSize: 400 });

/** Replaces −0 by 0 at every depth, since the original counts them as equal. */
const positiveZero = (value: unknown): unknown => {
  if (value === 0) return 0;
  if (Array.isArray(value)) return value.map(positiveZero);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return (value as Float64Array).map((x) => (x === 0 ? 0 : x));
  }
  if (value !== null && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, positiveZero(v)]));
  }
  return value;
};

const equal = (a: unknown, b: unknown): boolean => isDeepStrictEqual(positiveZero(a), positiveZero(b));

/** Fails unless `expr` is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) raise(msg === "" ? "assertion failed" : msg);
}

/** Fails unless the two values are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  let difference = `${show(actual)} is not ${show(expected)}`;
  try {
    nodeAssert.deepEqual(actual, expected);
  } catch (error) {
    difference = (error as Error).message;
  }
  raise(`Values are not equal.\n${difference}`, msg);
}

/** Fails if the two values are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) raise(`Expected actual: ${show(actual)} not to be: ${show(expected)}`, msg);
}

/** Fails unless the two values are the same by `Object.is`. */
export function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): asserts actual is T {
  if (!Object.is(actual, expected)) raise(`Values are not strictly equal: ${show(actual)}, ${show(expected)}`, msg);
}

/** Fails unless |actual − expected| ≤ tolerance, by default |expected|·1e-7. */
export function assertAlmostEquals(actual: number, expected: number, tolerance?: number, msg?: string): void {
  if (Object.is(actual, expected)) return;
  const allowed = tolerance ?? (Number.isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7);
  const delta = Math.abs(expected - actual);
  if (delta <= allowed) return;
  raise(`Expected actual: ${actual} to be close to ${expected}: delta ${delta} is greater than ${allowed}`, msg);
}

/** Fails unless `actual` > `expected`. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual > expected)) raise(`Expect ${show(actual)} > ${show(expected)}`, msg);
}

/** Fails unless `actual` < `expected`. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual < expected)) raise(`Expect ${show(actual)} < ${show(expected)}`, msg);
}

/** Fails if `actual` is null or undefined. */
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) {
    raise(`Expected actual: ${show(actual)} to not be null or undefined`, msg);
  }
}

// deno-lint-ignore no-explicit-any
type Constructor<T> = new (...args: any[]) => T;

/** Fails unless `actual` is an instance of the class. */
export function assertInstanceOf<T>(actual: unknown, expectedType: Constructor<T>, msg = ""): asserts actual is T {
  if (!(actual instanceof expectedType)) {
    raise(`Expected ${show(actual)} to be an instance of ${expectedType.name}`, msg);
  }
}

/** Fails unless `actual` contains `expected`. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (!actual.includes(expected)) raise(`Expected actual: ${show(actual)} to contain: ${show(expected)}`, msg);
}

/** Fails unless the expression matches `actual`. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (!expected.test(actual)) raise(`Expected actual: ${show(actual)} to match: ${expected}`, msg);
}

/** Fails always. */
export function fail(msg?: string): never {
  return raise("Failed assertion", msg);
}

const verify = <E extends Error>(error: unknown, type?: Constructor<E>, includes?: string): E => {
  if (type === undefined && includes === undefined) return error as E; // anything may be thrown
  if (!(error instanceof Error)) return raise(`A non-Error object was thrown or rejected: ${show(error)}`);
  if (type !== undefined && !(error instanceof type)) {
    raise(`Expected error to be instance of "${type.name}", but was "${error.constructor.name}": ${error.message}`);
  }
  if (includes !== undefined && !error.message.includes(includes)) {
    raise(`Expected error message to include ${show(includes)}, but got ${show(error.message)}`);
  }
  return error as E;
};

/** Fails unless `fn` throws; returns the error. */
export function assertThrows<E extends Error = Error>(fn: () => unknown, type?: Constructor<E>, includes?: string): E {
  try {
    fn();
  } catch (error) {
    return verify(error, type, includes);
  }
  return raise("Expected function to throw");
}

/** Fails unless the promise of `fn` rejects; resolves with the error. A function that throws at once fails as well. */
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  type?: Constructor<E>,
  includes?: string,
): Promise<E> {
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch {
    return raise("Function throws when expected to reject");
  }
  try {
    await promise;
  } catch (error) {
    return verify(error, type, includes);
  }
  return raise("Expected function to reject");
}
