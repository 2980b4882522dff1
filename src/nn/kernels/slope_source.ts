/**
 * The elementwise kernels of a network's way back, and of its derivative along a direction: slope of the activation,
 * column sums, and both at once.
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

const SIDE_BY_SIDE = 4; // vectors

/** (d, local of h) ⇒ d·f′, f′ by the activation's value h. */
type Slope = (lanes: Lanes, d: Code, h: number) => Code;

const slopes: Readonly<Record<"Tanh" | "Relu", Slope>> = {
  Tanh: (l, d, h) => l.mul(d, l.sub(l.constant(1), l.mul(get(h), get(h)))),
  Relu: (l, d, h) => l.positive(get(h), d),
};

/** (d, h, n): d ← d·f′. */
const timesSlope = (name: string, slope: Slope, vector: Lanes): FunctionSource => {
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
  const [d, rows, columns, out, outEnd, vectorEnd, groupEnd, p, end, stride] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const pass = (lanes: Lanes, until: number, sums: ReadonlyArray<number>): Code => {
    const bytes = int(lanes.bytes * sums.length),
      each = (code: (sum: number, offset: number) => Code): Code =>
        sums.flatMap((sum, i) => code(sum, i * lanes.bytes));
    return loop(out, get(until), bytes, [
      ...set(p, get(d)),
      ...set(end, plus(get(d), times(get(rows), get(stride)))),
      ...each((sum, offset) => set(sum, lanes.load(get(out), offset))),
      ...loop(
        p,
        get(end),
        get(stride),
        each((sum, offset) => set(sum, lanes.add(get(sum), lanes.load(get(p), offset)))),
      ),
      ...each((sum, offset) => lanes.store(get(out), get(sum), offset)),
      ...advance(d, bytes),
    ]);
  };
  const group = Array.from({ length: SIDE_BY_SIDE }, (_, i) => 10 + i),
    endOf = (multiple: number): Code => plus(get(out), times(and(get(columns), -multiple), int(4)));
  const body = [
    ...set(stride, times(get(columns), int(4))),
    ...set(outEnd, plus(get(out), get(stride))),
    ...set(vectorEnd, endOf(4)),
    ...set(groupEnd, endOf(4 * SIDE_BY_SIDE)),
    ...pass(vector, groupEnd, group),
    ...pass(vector, vectorEnd, group.slice(0, 1)),
    ...pass(scalar, outEnd, [10 + SIDE_BY_SIDE]),
  ];
  const locals = [...Array(6).fill(I32), ...Array(SIDE_BY_SIDE).fill(V128), F32];
  return { name: "columnSums", parameters: 4, locals, body };
};

/**
 * (d [rows, columns], h, rows, columns, edge [columns]), column by column, some side by side. With "bias" d ← (d + edge)·f′;
 * with "sums" d ← d·f′, edge ← edge + column sums of d.
 */
const slopeOfColumns = (name: string, slope: Slope, edgeIs: "bias" | "sums", vector: Lanes): FunctionSource => {
  const [d, h, rows, columns, edge, edgeEnd, vectorEnd, groupEnd] = [0, 1, 2, 3, 4, 5, 6, 7];
  const [p, q, end, stride] = [8, 9, 10, 11];
  const pass = (lanes: Lanes, until: number, edges: ReadonlyArray<number>, value: number): Code => {
    const bytes = int(lanes.bytes * edges.length);
    const each = (code: (local: number, offset: number) => Code): Code =>
      edges.flatMap((local, i) => code(local, i * lanes.bytes));
    const element = (local: number, offset: number): Code => {
      const found = lanes.load(get(p), offset), height = set(value, lanes.load(get(q), offset));
      return edgeIs === "bias"
        ? [...height, ...lanes.store(get(p), slope(lanes, lanes.add(found, get(local)), value), offset)]
        : [
          ...height,
          ...set(value, slope(lanes, found, value)),
          ...lanes.store(get(p), get(value), offset),
          ...set(local, lanes.add(get(local), get(value))),
        ];
    };
    return loop(edge, get(until), bytes, [
      ...set(p, get(d)),
      ...set(q, get(h)),
      ...set(end, plus(get(d), times(get(rows), get(stride)))),
      ...each((local, offset) => set(local, lanes.load(get(edge), offset))),
      ...loop(p, get(end), get(stride), [...each(element), ...advance(q, get(stride))]),
      ...(edgeIs === "bias" ? [] : each((local, offset) => lanes.store(get(edge), get(local), offset))),
      ...advance(d, bytes),
      ...advance(h, bytes),
    ]);
  };
  const group = Array.from({ length: SIDE_BY_SIDE }, (_, i) => 12 + i), ofVectors = 12 + SIDE_BY_SIDE;
  const endOf = (multiple: number): Code => plus(get(edge), times(and(get(columns), -multiple), int(4)));
  const body = [
    ...set(stride, times(get(columns), int(4))),
    ...set(edgeEnd, plus(get(edge), get(stride))),
    ...set(vectorEnd, endOf(4)),
    ...set(groupEnd, endOf(4 * SIDE_BY_SIDE)),
    ...pass(vector, groupEnd, group, ofVectors),
    ...pass(vector, vectorEnd, group.slice(0, 1), ofVectors),
    ...pass(scalar, edgeEnd, [ofVectors + 1], ofVectors + 2),
  ];
  return {
    name,
    parameters: 5,
    locals: [...Array(7).fill(I32), ...Array(SIDE_BY_SIDE + 1).fill(V128), F32, F32],
    body,
  };
};

/** (lanes) ⇒ the kernels of slopes. */
export const slopeSource = (vector: Lanes): FunctionSource[] => [
  ...(["Tanh", "Relu"] as const).flatMap((activation) => [
    timesSlope(`slope${activation}`, slopes[activation], vector),
    slopeOfColumns(`slopeSums${activation}`, slopes[activation], "sums", vector),
    slopeOfColumns(`biasSlope${activation}`, slopes[activation], "bias", vector),
  ]),
  columnSums(vector),
];
