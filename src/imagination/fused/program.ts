/**
 * A function over `Algebra` recorded once as a list of operations on columns, so that it runs forward and backward over
 * many rows without interpreting it anew.
 *
 * @module
 */
import type { Algebra } from "../../math/algebra.ts";
import type { Operation, OperationName, Program } from "../../nn/column_program.ts";

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
