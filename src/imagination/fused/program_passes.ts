/**
 * A recorded program run over rows of the heap, forward and backward.
 *
 * @module
 */
import type { Operation, Program } from "./program.ts";

/** Where the values of a program lie, one entry a value: columns of matrices, or columns of their own. */
export interface Columns {
  /** [values] place of row 0 */
  readonly at: ReadonlyArray<number>;
  /** [values] floats from row to row */
  readonly step: ReadonlyArray<number>;
}

/** (place, width, columns) ⇒ the columns of a row-major matrix of that width, from its first on. */
export const matrixColumns = (place: number, width: number, count: number): Columns => ({
  at: Array.from({ length: count }, (_, i) => place + i),
  step: Array(count).fill(width),
});

/** (place, room for rows, columns) ⇒ that many columns of their own, one after the other. */
export const ownColumns = (place: number, capacity: number, count: number): Columns => ({
  at: Array.from({ length: count }, (_, i) => place + i * capacity),
  step: Array(count).fill(1),
});

/** (columns …) ⇒ all of them. */
export const joinColumns = (...all: ReadonlyArray<Columns>): Columns => ({
  at: all.flatMap((columns) => columns.at),
  step: all.flatMap((columns) => columns.step),
});

/** (program, heap, values): fills the values of the operations over the rows. */
export const runProgram = (program: Program, heap: Float32Array, values: Columns, rows: number): void => {
  program.operations.forEach((operation, i) => {
    const at = values.at[program.inputs + i];
    apply(operation, heap, at, values.at[operation.a], values.step[operation.a], values, rows);
  });
};

const apply = (
  { name, b, constant: c }: Operation,
  f: Float32Array,
  at: number,
  x: number,
  dx: number,
  { at: places, step: steps }: Columns,
  n: number,
): void => {
  switch (name) {
    case "constant":
      f.fill(c, at, at + n);
      break;
    case "add":
      for (let i = 0, y = places[b], dy = steps[b]; i < n; i++, x += dx, y += dy) f[at + i] = f[x] + f[y];
      break;
    case "subtract":
      for (let i = 0, y = places[b], dy = steps[b]; i < n; i++, x += dx, y += dy) f[at + i] = f[x] - f[y];
      break;
    case "multiply":
      for (let i = 0, y = places[b], dy = steps[b]; i < n; i++, x += dx, y += dy) f[at + i] = f[x] * f[y];
      break;
    case "scale":
      for (let i = 0; i < n; i++, x += dx) f[at + i] = f[x] * c;
      break;
    case "shift":
      for (let i = 0; i < n; i++, x += dx) f[at + i] = f[x] + c;
      break;
    case "square":
      for (let i = 0; i < n; i++, x += dx) f[at + i] = f[x] * f[x];
      break;
    case "sqrt":
      for (let i = 0; i < n; i++, x += dx) f[at + i] = Math.sqrt(f[x]);
      break;
    case "sin":
      for (let i = 0; i < n; i++, x += dx) f[at + i] = Math.sin(f[x]);
      break;
    case "cos":
      for (let i = 0; i < n; i++, x += dx) f[at + i] = Math.cos(f[x]);
      break;
    case "ramp":
      for (let i = 0, w = c * c; i < n; i++, x += dx) f[at + i] = (f[x] + Math.sqrt(f[x] * f[x] + w)) / 2;
      break;
    case "sigmoid":
      for (let i = 0; i < n; i++, x += dx) f[at + i] = 1 / (1 + Math.exp(-f[x]));
      break;
    case "indicator":
      for (let i = 0; i < n; i++, x += dx) f[at + i] = f[x] > 0 ? 1 : 0;
      break;
  }
};

/**
 * (program, heap, values, gradients by outputs) ⇒ gradients by inputs, added to what they hold. Gradients of
 * operations' values must hold those by the outputs, and 0 where they are none; they are overwritten.
 */
export const pullBackProgram = (
  program: Program,
  heap: Float32Array,
  values: Columns,
  gradients: Columns,
  rows: number,
): void => {
  for (let i = program.operations.length - 1; i >= 0; i--) {
    const operation = program.operations[i], own = program.inputs + i;
    if (operation.name === "constant" || operation.name === "indicator") continue;
    pullBackOne(operation, heap, values.at[own], gradients.at[own], values, gradients, rows);
  }
};

const pullBackOne = (
  { name, a, b, constant: c }: Operation,
  f: Float32Array,
  value: number, // place of the operation's value
  d: number, // place of the gradient by it
  values: Columns,
  gradients: Columns,
  n: number,
): void => {
  let x = values.at[a], y = values.at[b], gx = gradients.at[a], gy = gradients.at[b];
  const dx = values.step[a], dy = values.step[b], sx = gradients.step[a], sy = gradients.step[b];
  switch (name) {
    case "add":
      for (let i = 0; i < n; i++, gx += sx) f[gx] += f[d + i];
      for (let i = 0; i < n; i++, gy += sy) f[gy] += f[d + i];
      break;
    case "subtract":
      for (let i = 0; i < n; i++, gx += sx) f[gx] += f[d + i];
      for (let i = 0; i < n; i++, gy += sy) f[gy] -= f[d + i];
      break;
    case "multiply":
      for (let i = 0; i < n; i++, gx += sx, y += dy) f[gx] += f[d + i] * f[y];
      for (let i = 0; i < n; i++, gy += sy, x += dx) f[gy] += f[d + i] * f[x];
      break;
    case "scale":
      for (let i = 0; i < n; i++, gx += sx) f[gx] += f[d + i] * c;
      break;
    case "shift":
      for (let i = 0; i < n; i++, gx += sx) f[gx] += f[d + i];
      break;
    case "square":
      for (let i = 0; i < n; i++, gx += sx, x += dx) f[gx] += 2 * f[d + i] * f[x];
      break;
    case "sqrt":
      for (let i = 0; i < n; i++, gx += sx) f[gx] += f[d + i] / (2 * f[value + i]);
      break;
    case "sin":
      for (let i = 0; i < n; i++, gx += sx, x += dx) f[gx] += f[d + i] * Math.cos(f[x]);
      break;
    case "cos":
      for (let i = 0; i < n; i++, gx += sx, x += dx) f[gx] -= f[d + i] * Math.sin(f[x]);
      break;
    case "ramp":
      for (let i = 0, w = c * c; i < n; i++, gx += sx, x += dx) {
        f[gx] += f[d + i] * (1 + f[x] / Math.sqrt(f[x] * f[x] + w)) / 2;
      }
      break;
    case "sigmoid":
      for (let i = 0; i < n; i++, gx += sx) f[gx] += f[d + i] * f[value + i] * (1 - f[value + i]);
      break;
  }
};
