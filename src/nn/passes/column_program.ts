/**
 * Elementwise arithmetic on columns of numbers, recorded as a list of operations that kernels run over many rows.
 *
 * @module
 */
import type { Algebra } from "../../math/algebra.ts";

/** Names of the operations; the arithmetic of each, and of its derivative, is in `kernels/column_operations.ts`. */
export type OperationName = keyof Algebra<unknown> | "sigmoid" | "indicator";

/** One operation. Its value's number is the count of inputs plus its position in the list. */
export interface Operation {
  /** which */
  readonly name: OperationName;
  /** number of the first argument's value; 0 where there is none */
  readonly a: number;
  /** number of the second argument's value; 0 where there is none */
  readonly b: number;
  /** value, factor, offset or width; 0 where there is none */
  readonly constant: number;
}

/** A recorded function: values 0 … inputs − 1 are its arguments, the operations' results follow. */
export interface Program {
  /** number of arguments */
  readonly inputs: number;
  /** in the order in which they run */
  readonly operations: ReadonlyArray<Operation>;
  /** numbers of the values that it returns */
  readonly outputs: ReadonlyArray<number>;
}

/** Where the values of a program lie, one entry a value: columns of matrices, or columns of their own. */
export interface Columns {
  /** [values] place of row 0 */
  readonly at: ReadonlyArray<number>;
  /** [values] floats from row to row; 1 for the values of operations */
  readonly step: ReadonlyArray<number>;
}

/** Rows that kernels work on together: all columns have room for whole groups, whose spare rows are overwritten. */
export const ROW_GROUP = 4;

/** (rows) ⇒ rows of whole groups. */
export const wholeGroups = (rows: number): number => Math.ceil(rows / ROW_GROUP) * ROW_GROUP;

/** A program ready to run. */
export interface ColumnKernels {
  /** (values, rows): fills the values of the operations. */
  readonly run: (values: Columns, rows: number) => void;
  /**
   * (values, gradients by outputs, rows) ⇒ gradients by inputs, added to what they hold. Of the operations, the gradients
   * of outputs are read, none is written.
   */
  readonly pullBack: (values: Columns, gradients: Columns, rows: number) => void;
}

/** `Algebra` and what softens conditions. */
export interface SurvivalAlgebra<T> extends Algebra<T> {
  /** 1 / (1 + exp(−a)) */
  readonly sigmoid: (a: T) => T;
  /** 1 where a > 0, else 0; its derivative is taken as 0 */
  readonly indicator: (a: T) => T;
}

/** (number of inputs, function of their value numbers) ⇒ (program). */
export const record = (
  inputs: number,
  write: (algebra: SurvivalAlgebra<number>, values: ReadonlyArray<number>) => ReadonlyArray<number>,
): Program => {
  const operations: Operation[] = [];
  const push = (name: OperationName, a: number, b: number, constant: number): number => {
    operations.push({ name, a, b, constant });
    return inputs + operations.length - 1;
  };
  const unary = (name: OperationName) => (a: number): number => push(name, a, 0, 0);
  const binary = (name: OperationName) => (a: number, b: number): number => push(name, a, b, 0);
  const withConstant = (name: OperationName) => (a: number, constant: number): number => push(name, a, 0, constant);
  const algebra: SurvivalAlgebra<number> = {
    constant: (value) => push("constant", 0, 0, value),
    add: binary("add"),
    subtract: binary("subtract"),
    multiply: binary("multiply"),
    scale: withConstant("scale"),
    shift: withConstant("shift"),
    square: unary("square"),
    sqrt: unary("sqrt"),
    sin: unary("sin"),
    cos: unary("cos"),
    ramp: withConstant("ramp"),
    sigmoid: unary("sigmoid"),
    indicator: unary("indicator"),
  };
  const outputs = write(algebra, Array.from({ length: inputs }, (_, i) => i));
  return { inputs, operations, outputs };
};
