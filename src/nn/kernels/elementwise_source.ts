/**
 * The elementwise kernels of a network: bias with activation, slope of the activation, column sums; slope of a clip, copies of blocks.
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

/** An elementwise formula: given lanes, the local that holds x and two spare ones of the same type. */
type Formula = (lanes: Lanes, x: number, spare: readonly [number, number]) => { before: Code; value: Code };

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
const tanh: Formula = (lanes, x, [square, sum]) => {
  const horner = (coefficients: ReadonlyArray<number>): Code =>
    coefficients.slice(1).reduce<Code>(
      (code, c) => lanes.fma(code, get(square), lanes.constant(c)),
      lanes.constant(coefficients[0]),
    );
  const clamped = lanes.min(lanes.max(get(x), lanes.constant(-SATURATION)), lanes.constant(SATURATION));
  return {
    before: [
      ...set(x, clamped),
      ...set(square, lanes.mul(get(x), get(x))),
      ...set(sum, lanes.mul(get(x), horner(NUMERATOR))),
    ],
    value: lanes.div(get(sum), horner(DENOMINATOR)),
  };
};

const relu: Formula = (lanes, x) => ({ before: [], value: lanes.max(get(x), lanes.constant(0)) });
const linear: Formula = (_, x) => ({ before: [], value: get(x) });

/** (z [rows, columns], bias [columns], rows, columns): z ← f(z + bias). */
const biasThen = (name: string, formula: Formula, vector: Lanes): FunctionSource => {
  const [z, bias, rows, columns, end, rowEnd, vectorEnd, b] = [0, 1, 2, 3, 4, 5, 6, 7];
  const pass = (lanes: Lanes, until: number, x: number): Code => {
    const { before, value } = formula(lanes, x, [x + 1, x + 2]);
    const sum = set(x, lanes.add(lanes.load(get(z)), lanes.load(get(b))));
    const body = [...sum, ...before, ...lanes.store(get(z), value), ...advance(b, int(lanes.bytes))];
    return loop(z, get(until), int(lanes.bytes), body);
  };
  const row = [
    ...set(b, get(bias)),
    ...set(rowEnd, plus(get(z), times(get(columns), int(4)))),
    ...set(vectorEnd, plus(get(z), times(and(get(columns), -4), int(4)))),
    ...pass(vector, vectorEnd, 8),
    ...pass(scalar, rowEnd, 11),
  ];
  const body = [
    ...set(end, plus(get(z), times(times(get(rows), get(columns)), int(4)))),
    ...loop(z, get(end), int(0), row),
  ];
  return { name, parameters: 4, locals: [I32, I32, I32, I32, V128, V128, V128, F32, F32, F32], body };
};

/** (d, h, n): d ← d·f′, f′ by the activation's value h. */
const timesSlope = (
  name: string,
  slope: (lanes: Lanes, d: Code, h: number) => Code,
  vector: Lanes,
): FunctionSource => {
  const [d, h, n, end, vectorEnd] = [0, 1, 2, 3, 4];
  const pass = (lanes: Lanes, until: number, value: number): Code =>
    loop(d, get(until), int(lanes.bytes), [
      ...set(value, lanes.load(get(h))),
      ...lanes.store(get(d), slope(lanes, lanes.load(get(d)), value)),
      ...advance(h, int(lanes.bytes)),
    ]);
  const body = [
    ...set(end, plus(get(d), times(get(n), int(4)))),
    ...set(vectorEnd, plus(get(d), times(and(get(n), -4), int(4)))),
    ...pass(vector, vectorEnd, 5),
    ...pass(scalar, end, 6),
  ];
  return { name, parameters: 3, locals: [I32, I32, V128, F32], body };
};

/** (d [rows, columns], rows, columns, out [columns]): out ← out + column sums of d. */
const columnSums = (vector: Lanes): FunctionSource => {
  const [d, rows, columns, out, outEnd, vectorEnd, p, end, stride] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const pass = (lanes: Lanes, until: number, sum: number): Code =>
    loop(out, get(until), int(lanes.bytes), [
      ...set(p, get(d)),
      ...set(end, plus(get(d), times(get(rows), get(stride)))),
      ...set(sum, lanes.load(get(out))),
      ...loop(p, get(end), get(stride), set(sum, lanes.add(get(sum), lanes.load(get(p))))),
      ...lanes.store(get(out), get(sum)),
      ...advance(d, int(lanes.bytes)),
    ]);
  const body = [
    ...set(stride, times(get(columns), int(4))),
    ...set(outEnd, plus(get(out), get(stride))),
    ...set(vectorEnd, plus(get(out), times(and(get(columns), -4), int(4)))),
    ...pass(vector, vectorEnd, 9),
    ...pass(scalar, outEnd, 10),
  ];
  return { name: "columnSums", parameters: 4, locals: [I32, I32, I32, I32, I32, V128, F32], body };
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
  timesSlope(
    "slopeTanh",
    (l, d, h) => l.mul(d, l.sub(l.constant(1), l.mul(get(h), get(h)))),
    vector,
  ),
  timesSlope("slopeRelu", (l, d, h) => l.positive(get(h), d), vector),
  columnSums(vector),
  clipSlope(vector),
  copyBlock(vector),
];
