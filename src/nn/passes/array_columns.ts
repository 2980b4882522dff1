/**
 * Recorded programs interpreted on a plain array: column by column, values and gradients in float32.
 *
 * @module
 */
import type { ColumnKernels, Columns, OperationName, Program } from "./column_program.ts";

/** One operation on numbers: x and y are its arguments' values, c its constant. */
interface Arithmetic {
  readonly value: (x: number, y: number, c: number) => number;
  /** (d by the value, x, y, the value, c) ⇒ what that adds to d by x; null for nothing */
  readonly byFirst: ((d: number, x: number, y: number, own: number, c: number) => number) | null;
  /** the same by y */
  readonly bySecond: Arithmetic["byFirst"];
}

const unary = (value: Arithmetic["value"], byFirst: Arithmetic["byFirst"]): Arithmetic => ({
  value,
  byFirst,
  bySecond: null,
});

/** (a, w) ⇒ (a + √(a² + w²))/2 without cancellation. */
const ramp = (a: number, w: number): number => {
  const sum = Math.abs(a) + Math.sqrt(a * a + w * w);
  return a > 0 ? sum / 2 : w * w / (2 * sum);
};

const arithmetic: Readonly<Record<OperationName, Arithmetic>> = {
  constant: unary((_x, _y, c) => c, null),
  add: { value: (x, y) => x + y, byFirst: (d) => d, bySecond: (d) => d },
  subtract: { value: (x, y) => x - y, byFirst: (d) => d, bySecond: (d) => -d },
  multiply: { value: (x, y) => x * y, byFirst: (d, _x, y) => d * y, bySecond: (d, x) => d * x },
  scale: unary((x, _y, c) => x * c, (d, _x, _y, _own, c) => d * c),
  shift: unary((x, _y, c) => x + c, (d) => d),
  square: unary((x) => x * x, (d, x) => 2 * d * x),
  sqrt: unary((x) => Math.sqrt(x), (d, _x, _y, own) => d / (2 * own)),
  sin: unary((x) => Math.sin(x), (d, x) => d * Math.cos(x)),
  cos: unary((x) => Math.cos(x), (d, x) => -d * Math.sin(x)),
  ramp: unary((x, _y, c) => ramp(x, c), (d, x, _y, own, c) => d * own / Math.sqrt(x * x + c * c)),
  sigmoid: unary((x) => 1 / (1 + Math.exp(-x)), (d, _x, _y, own) => d * own * (1 - own)),
  indicator: unary((x) => (x > 0 ? 1 : 0), null),
};

const run = (f: Float32Array, { inputs, operations }: Program, { at, step }: Columns, rows: number): void => {
  operations.forEach(({ name, a, b, constant }, i) => {
    const { value } = arithmetic[name], to = at[inputs + i], stride = step[inputs + i];
    for (let r = 0; r < rows; r++) {
      f[to + r * stride] = value(f[at[a] + r * step[a]], f[at[b] + r * step[b]], constant);
    }
  });
};

/** (values, gradients by outputs, room for all gradients by operations): adds to the gradients by inputs. */
const pullBack = (
  f: Float32Array,
  { inputs, operations, outputs }: Program,
  values: Columns,
  gradients: Columns,
  rows: number,
): void => {
  const count = inputs + operations.length, by = new Float32Array(count * rows); // [value, row]
  for (const v of new Set(outputs)) {
    if (v < inputs) continue; // these hold their part already
    for (let r = 0; r < rows; r++) by[v * rows + r] = f[gradients.at[v] + r * gradients.step[v]];
  }
  const valueAt = (v: number, r: number): number => f[values.at[v] + r * values.step[v]];
  for (let i = operations.length - 1; i >= 0; i--) {
    const { name, a, b, constant } = operations[i], { byFirst, bySecond } = arithmetic[name], own = inputs + i;
    if (byFirst === null) continue;
    for (let r = 0; r < rows; r++) {
      const d = by[own * rows + r], x = valueAt(a, r), y = valueAt(b, r), value = valueAt(own, r);
      by[a * rows + r] += byFirst(d, x, y, value, constant);
      if (bySecond !== null) by[b * rows + r] += bySecond(d, x, y, value, constant);
    }
  }
  for (let v = 0; v < inputs; v++) {
    for (let r = 0; r < rows; r++) f[gradients.at[v] + r * gradients.step[v]] += by[v * rows + r];
  }
};

/** (() ⇒ the array, which may have been replaced by a longer one) ⇒ (program ⇒ what runs it). */
export const makeArrayColumns = (floats: () => Float32Array) => (program: Program): ColumnKernels => ({
  run: (values, rows) => run(floats(), program, values, rows),
  pullBack: (values, gradients, rows) => pullBack(floats(), program, values, gradients, rows),
});
