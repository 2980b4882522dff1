/**
 * The arithmetic in which a function is written once and interpreted on numbers and on tensors.
 *
 * @module
 */

/** Elementwise operations on values of type T. */
export interface Algebra<T> {
  /** value, everywhere */
  readonly constant: (value: number) => T;
  /** a + b */
  readonly add: (a: T, b: T) => T;
  /** a − b */
  readonly subtract: (a: T, b: T) => T;
  /** a·b */
  readonly multiply: (a: T, b: T) => T;
  /** a·factor */
  readonly scale: (a: T, factor: number) => T;
  /** a + offset */
  readonly shift: (a: T, offset: number) => T;
  /** a² */
  readonly square: (a: T) => T;
  /** √a */
  readonly sqrt: (a: T) => T;
  /** sin a, a in rad */
  readonly sin: (a: T) => T;
  /** cos a, a in rad */
  readonly cos: (a: T) => T;
  /** (a + √(a² + width²))/2: max(0, a) with its corner rounded over ± width, width > 0 */
  readonly ramp: (a: T, width: number) => T;
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
  ramp: (a, width) => (a + Math.sqrt(a * a + width * width)) / 2,
};
