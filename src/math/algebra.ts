/**
 * The arithmetic in which a function is written once and interpreted on numbers and on tensors.
 *
 * @module
 */

/** Elementwise operations on values of type T. */
export interface Algebra<T> {
  readonly constant: (value: number) => T;
  readonly add: (a: T, b: T) => T;
  readonly subtract: (a: T, b: T) => T;
  readonly multiply: (a: T, b: T) => T;
  readonly scale: (a: T, factor: number) => T;
  readonly shift: (a: T, offset: number) => T;
  readonly square: (a: T) => T;
  readonly sqrt: (a: T) => T;
  readonly sin: (a: T) => T;
  readonly cos: (a: T) => T;
}

/** The interpretation on numbers, in float64. */
export const float64Algebra: Algebra<number> = {
  constant: (value) => value,
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  scale: (a, factor) => a * factor,
  shift: (a, offset) => a + offset,
  square: (a) => a * a,
  sqrt: Math.sqrt,
  sin: Math.sin,
  cos: Math.cos,
};
