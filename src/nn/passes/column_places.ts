/**
 * Columns for the values of a program: of matrices, or of their own.
 *
 * @module
 */
import type { Columns } from "./column_program.ts";

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
