/**
 * The elementwise kernels of a network's way forward: bias with activation; and the slope of a clip, copies of blocks.
 *
 * @module
 */
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

/** Locals of one vector on its way through a formula: x, which ends as the value, and two spare ones of the same type. */
type Path = readonly [x: number, number, number];

/** An elementwise formula on some vectors side by side, and the numbers that it reads from locals, which are set once. */
interface Formula {
  readonly numbers: ReadonlyArray<number>;
  /** (paths, first local of the numbers) ⇒ code */
  readonly apply: (lanes: Lanes, paths: ReadonlyArray<Path>, numbers: number) => Code;
}

const NUMERATOR = [
  -2.76076847742355e-16,
  2.00018790482477e-13,
  -8.60467152213735e-11,
  5.12229709037114e-08,
  1.48572235717979e-05,
  6.37261928875436e-04,
  4.89352455891786e-03,
];
const DENOMINATOR = [1.19825839466702e-06, 1.18534705686654e-04, 2.26843463243900e-03, 4.89352518554385e-03];
const SATURATION = 7.90531110763549805; // beyond, tanh is ±1 in float32

/**
 * tanh x ≈ x·p(x²)/q(x²), error ≤ 3e-7; NaN stays NaN.
 *
 * Source: the rational approximation of Eigen's float tanh (degrees 13 and 6).
 */
const tanh: Formula = {
  numbers: [-SATURATION, SATURATION, ...NUMERATOR, ...DENOMINATOR],
  apply: (lanes, paths, numbers) => {
    const each = (code: (path: Path) => Code): Code => paths.flatMap(code);
    const number = (i: number) => get(numbers + i);
    const horner = (first: number, count: number, to: (path: Path) => number): Code => [
      ...each((path) => set(to(path), number(first))),
      ...Array.from({ length: count - 1 }, (_, i) => first + 1 + i).flatMap((i) =>
        each((path) => set(to(path), lanes.fma(get(to(path)), get(path[1]), number(i))))
      ),
    ];
    return [
      ...each(([x]) => set(x, lanes.min(lanes.max(get(x), number(0)), number(1)))),
      ...each(([x, square]) => set(square, lanes.mul(get(x), get(x)))),
      ...horner(2, NUMERATOR.length, ([, , sum]) => sum),
      ...each(([x, , sum]) => set(sum, lanes.mul(get(x), get(sum)))),
      ...horner(2 + NUMERATOR.length, DENOMINATOR.length, ([x]) => x),
      ...each(([x, , sum]) => set(x, lanes.div(get(sum), get(x)))),
    ];
  },
};

const relu: Formula = {
  numbers: [0],
  apply: (lanes, paths, numbers) => paths.flatMap(([x]) => set(x, lanes.max(get(x), get(numbers)))),
};
const linear: Formula = { numbers: [], apply: () => [] };

const SIDE_BY_SIDE = 4; // vectors

/** (z [rows, columns], bias [columns], rows, columns): z ← f(z + bias). */
const biasThen = (name: string, formula: Formula, vector: Lanes): FunctionSource => {
  const [z, bias, rows, columns, end, rowEnd, vectorEnd, groupEnd, b] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const count = formula.numbers.length, scalars = 9, vectors = scalars + 3 + count; // locals: a path, then its numbers
  const pass = (lanes: Lanes, until: number, paths: ReadonlyArray<Path>, numbers: number): Code => {
    const bytes = lanes.bytes * paths.length;
    const body = [
      ...paths.flatMap(([x], i) =>
        set(x, lanes.add(lanes.load(get(z), i * lanes.bytes), lanes.load(get(b), i * lanes.bytes)))
      ),
      ...formula.apply(lanes, paths, numbers),
      ...paths.flatMap(([x], i) => lanes.store(get(z), get(x), i * lanes.bytes)),
      ...advance(b, int(bytes)),
    ];
    return loop(z, get(until), int(bytes), body);
  };
  const path = (first: number): Path => [first, first + 1, first + 2];
  const group = Array.from({ length: SIDE_BY_SIDE }, (_, i) => path(vectors + 3 * i));
  const [ofScalars, ofVectors] = [scalars + 3, vectors + 3 * SIDE_BY_SIDE];
  const prepare = (lanes: Lanes, numbers: number): Code =>
    formula.numbers.flatMap((x, i) => set(numbers + i, lanes.constant(x)));
  const endOf = (multiple: number): Code => plus(get(z), times(and(get(columns), -multiple), int(4)));
  const row = [
    ...set(b, get(bias)),
    ...set(rowEnd, plus(get(z), times(get(columns), int(4)))),
    ...set(vectorEnd, endOf(4)),
    ...set(groupEnd, endOf(4 * SIDE_BY_SIDE)),
    ...pass(vector, groupEnd, group, ofVectors),
    ...pass(vector, vectorEnd, group.slice(0, 1), ofVectors),
    ...pass(scalar, rowEnd, [path(scalars)], ofScalars),
  ];
  const body = [
    ...set(end, plus(get(z), times(times(get(rows), get(columns)), int(4)))),
    ...prepare(scalar, ofScalars),
    ...prepare(vector, ofVectors),
    ...loop(z, get(end), int(0), row),
  ];
  const locals = [
    ...Array(5).fill(I32),
    ...Array(3 + count).fill(F32),
    ...Array(3 * SIDE_BY_SIDE + count).fill(V128),
  ];
  return { name, parameters: 4, locals, body };
};

/** (y, d, bits of the bound's square, n, out): out ← d where |y| is less than the bound, else 0. */
const clipSlope = (vector: Lanes): FunctionSource => {
  const [y, d, bits, n, out, end, vectorEnd] = [0, 1, 2, 3, 4, 5, 6];
  const pass = (lanes: Lanes, until: number, value: number, bound: number): Code =>
    loop(out, get(until), int(lanes.bytes), [
      ...set(value, lanes.load(get(y))),
      ...lanes.store(
        get(out),
        lanes.positive(lanes.sub(get(bound), lanes.mul(get(value), get(value))), lanes.load(get(d))),
      ),
      ...advance(y, int(lanes.bytes)),
      ...advance(d, int(lanes.bytes)),
    ]);
  const body = [
    ...set(end, plus(get(out), times(get(n), int(4)))),
    ...set(vectorEnd, plus(get(out), times(and(get(n), -4), int(4)))),
    ...set(8, vector.ofBits(get(bits))),
    ...set(10, scalar.ofBits(get(bits))),
    ...pass(vector, vectorEnd, 7, 8),
    ...pass(scalar, end, 9, 10),
  ];
  return { name: "clipSlope", parameters: 5, locals: [I32, I32, V128, V128, F32, F32], body };
};

/** (from, bytes between its rows, to, bytes between its rows, rows, columns): copies a block of a matrix. */
const copyBlock = (vector: Lanes): FunctionSource => {
  const [from, fromRow, to, toRow, rows, columns, end, p, q, rowEnd, vectorEnd] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  const pass = (lanes: Lanes, until: number): Code =>
    loop(q, get(until), int(lanes.bytes), [
      ...lanes.store(get(q), lanes.load(get(p))),
      ...advance(p, int(lanes.bytes)),
    ]);
  const row = [
    ...set(p, get(from)),
    ...set(q, get(to)),
    ...set(rowEnd, plus(get(to), times(get(columns), int(4)))),
    ...set(vectorEnd, plus(get(to), times(and(get(columns), -4), int(4)))),
    ...pass(vector, vectorEnd),
    ...pass(scalar, rowEnd),
    ...advance(from, get(fromRow)),
  ];
  const body = [
    ...set(end, plus(get(to), times(get(rows), get(toRow)))),
    ...loop(to, get(end), get(toRow), row),
  ];
  return { name: "copyBlock", parameters: 6, locals: [I32, I32, I32, I32, I32], body };
};

/** (lanes) ⇒ the elementwise kernels. */
export const elementwiseSource = (vector: Lanes): FunctionSource[] => [
  biasThen("biasTanh", tanh, vector),
  biasThen("biasRelu", relu, vector),
  biasThen("biasLinear", linear, vector),
  clipSlope(vector),
  copyBlock(vector),
];
