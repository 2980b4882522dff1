/**
 * Elementwise kernels on blocks of matrices, whose rows may lie apart.
 *
 * @module
 */
import { NEGLIGIBLE } from "../passes/block_passes.ts";
import {
  advance,
  and,
  type Code,
  F32,
  type FunctionSource,
  get,
  I32,
  int,
  type Lanes,
  loop,
  plus,
  scalar,
  set,
  times,
  V128,
} from "./assembler.ts";

/** (lanes, elements of the blocks, numbers of their column, spare local) ⇒ what the last block's element becomes. */
type BlockFormula = (lanes: Lanes, blocks: ReadonlyArray<Code>, numbers: ReadonlyArray<Code>, spare: number) => Code;

/**
 * (address and bytes from row to row of each block, address of each row of numbers [columns], rows, columns): the last block
 * ← formula.
 */
const blockwise = (
  name: string,
  blocks: number,
  numbers: number,
  formula: BlockFormula,
  vector: Lanes,
): FunctionSource => {
  const rows = 2 * blocks + numbers, columns = rows + 1, parameters = rows + 2;
  const [column, vectorEnd, end, left] = [0, 1, 2, 3].map((i) => parameters + i);
  const pointers = parameters + 4, ofVectors = pointers + blocks + numbers, ofScalars = ofVectors + 1;
  const each = (count: number) => Array.from({ length: count }, (_, i) => i);
  const pass = (lanes: Lanes, until: number, spare: number): Code => {
    const element = (i: number) => lanes.load(plus(get(pointers + i), get(column)));
    const found = formula(lanes, each(blocks).map(element), each(numbers).map((i) => element(blocks + i)), spare);
    return loop(
      column,
      get(until),
      int(lanes.bytes),
      lanes.store(plus(get(pointers + blocks - 1), get(column)), found),
    );
  };
  const row = [
    ...set(column, int(0)),
    ...pass(vector, vectorEnd, ofVectors),
    ...pass(scalar, end, ofScalars),
    ...each(blocks).flatMap((i) => advance(pointers + i, get(2 * i + 1))),
  ];
  const body = [
    ...each(blocks).flatMap((i) => set(pointers + i, get(2 * i))),
    ...each(numbers).flatMap((i) => set(pointers + blocks + i, get(2 * blocks + i))),
    ...set(end, times(get(columns), int(4))),
    ...set(vectorEnd, times(and(get(columns), -4), int(4))),
    ...set(left, int(0)),
    ...loop(left, get(rows), int(1), row),
  ];
  return { name, parameters, locals: [...Array(4 + blocks + numbers).fill(I32), V128, F32], body };
};

/** x, 0 where it is negligible; NaN where it is not finite. */
const significant: BlockFormula = (lanes, [x], _numbers, spare) => {
  const { sub, add, max, constant } = lanes, size = max(get(spare), sub(constant(0), get(spare)));
  return [
    ...set(spare, x),
    ...add(lanes.positive(sub(size, constant(NEGLIGIBLE)), get(spare)), sub(get(spare), get(spare))),
  ];
};

const normalize: BlockFormula = ({ min, max, mul, sub }, [from], [mean, scale, low, high]) =>
  max(min(mul(sub(from, mean), scale), high), low);

const addNormalizeSlope: BlockFormula = (lanes, [normal, a, b, to], [_mean, scale, low, high]) => {
  const { add, sub, mul, positive } = lanes;
  return add(to, positive(sub(high, normal), positive(sub(normal, low), mul(add(a, b), scale))));
};

/** (lanes) ⇒ the kernels of blocks. */
export const blockSource = (vector: Lanes): FunctionSource[] => [
  blockwise("addBlocks", 3, 0, ({ add }, [a, b]) => add(a, b), vector),
  blockwise("copySignificant", 2, 0, significant, vector),
  blockwise("normalizeBlock", 2, 4, normalize, vector),
  blockwise("addNormalizeSlope", 4, 4, addNormalizeSlope, vector),
];
