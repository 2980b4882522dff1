/**
 * Matrix multiplication on packed panels: C (+)= A·B in tiles of six rows by eight columns.
 *
 * @module
 */
import {
  advance,
  and,
  bits,
  choose,
  type Code,
  type FunctionSource,
  get,
  I32,
  int,
  type Lanes,
  loop,
  minus,
  plus,
  quotient,
  scalar,
  set,
  times,
  V128,
} from "./assembler.ts";

/** Columns of a panel of B. */
export const PANEL = 8;
const ROWS = 6; // of a tile

// parameters and locals of `panels`
const [A, ROW, STEP, B, C, C_ROW, M, PANELS, K, ACCUMULATE] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const [A_ROW, A_TILES, A_PAIRS, A_END, C_TILE, B_END, B_END4, B_ALL] = [10, 11, 12, 13, 14, 15, 16, 17];
const [POINTER, BP, V] = [18, 18 + ROWS, 19 + ROWS]; // a pointer into A for each row; pointer into B; the first vector local
const [B0, B1, SPLAT, SUMS] = [V, V + 1, V + 2, V + 3]; // then 2·ROWS sums

/** One step along k at unrolled position u: sums += a[r]·b. */
const multiplyAdd = (vector: Lanes, rows: number, u: number, aBytes: number): Code => [
  ...set(B0, vector.load(get(BP), u * 32)),
  ...set(B1, vector.load(get(BP), u * 32 + 16)),
  ...Array.from({ length: rows }, (_, r) => [
    ...set(SPLAT, vector.splat(get(POINTER + r), u * aBytes)),
    ...set(SUMS + 2 * r, vector.fma(get(SPLAT), get(B0), get(SUMS + 2 * r))),
    ...set(SUMS + 2 * r + 1, vector.fma(get(SPLAT), get(B1), get(SUMS + 2 * r + 1))),
  ]).flat(),
];

const pointers = (rows: number, make: (local: number, r: number) => Code): Code =>
  Array.from({ length: rows }, (_, r) => make(POINTER + r, r)).flat();

/** A tile of `rows` rows at A_ROW, B, C_TILE; unrolled by four along k where A's steps are contiguous. */
const tile = (vector: Lanes, rows: number, layout: "rows" | "columns"): Code => {
  const cRow = (r: number) => plus(get(C_TILE), times(get(C_ROW), int(r)));
  const sums = Array.from({ length: rows * 2 }, (_, i) => i);
  const atSum = (i: number): readonly [Code, number] => [cRow(i >> 1), (i & 1) * 16];
  const four = [
    ...[0, 1, 2, 3].flatMap((u) => multiplyAdd(vector, rows, u, 4)),
    ...pointers(rows, (p) => advance(p, int(16))),
  ];
  const one = [...multiplyAdd(vector, rows, 0, 0), ...pointers(rows, (p) => advance(p, get(STEP)))];
  return [
    ...pointers(rows, (p, r) => set(p, plus(get(A_ROW), times(get(ROW), int(r))))),
    ...choose(
      get(ACCUMULATE),
      sums.flatMap((i) => set(SUMS + i, vector.load(...atSum(i)))),
      sums.flatMap((i) => set(SUMS + i, vector.constant(0))),
    ),
    ...set(BP, get(B)),
    ...(layout === "rows" ? loop(BP, get(B_END4), int(128), four) : []),
    ...loop(BP, get(B_END), int(32), one),
    ...sums.flatMap((i) => vector.store(atSum(i)[0], get(SUMS + i), atSum(i)[1])),
    ...advance(C_TILE, times(get(C_ROW), int(rows))),
  ];
};

/**
 * (A, bytes between its rows, bytes between its columns, packed B, C, bytes between C's rows, m, panels, k, accumulate):
 * C[m, 8·panels] ← A·B, plus what C held where `accumulate` is 1.
 */
const panels = (name: string, vector: Lanes, layout: "rows" | "columns"): FunctionSource => {
  const panelBytes = times(get(K), int(PANEL * 4));
  const panel = [
    ...set(B_END, plus(get(B), panelBytes)),
    ...set(B_END4, plus(get(B), times(and(get(K), -4), int(PANEL * 4)))),
    ...set(A_ROW, get(A)),
    ...set(C_TILE, get(C)),
    ...loop(A_ROW, get(A_TILES), times(get(ROW), int(ROWS)), tile(vector, ROWS, layout)),
    ...loop(A_ROW, get(A_PAIRS), times(get(ROW), int(2)), tile(vector, 2, layout)),
    ...loop(A_ROW, get(A_END), get(ROW), tile(vector, 1, layout)),
    ...advance(C, int(PANEL * 4)),
  ];
  const body = [
    ...set(A_END, plus(get(A), times(get(M), get(ROW)))),
    ...set(A_TILES, plus(get(A), times(times(quotient(get(M), int(ROWS)), int(ROWS)), get(ROW)))),
    ...set(A_PAIRS, plus(get(A), times(and(get(M), -2), get(ROW)))),
    ...set(B_ALL, plus(get(B), times(get(PANELS), panelBytes))),
    ...loop(B, get(B_ALL), panelBytes, panel),
  ];
  const locals = [...Array(V - 10).fill(I32), ...Array(3 + 2 * ROWS).fill(V128)];
  return { name, parameters: 10, locals, body };
};

/** (B, bytes between rows, k, out): one panel of eight contiguous columns. */
const packContiguous = (vector: Lanes): FunctionSource => {
  const [b, row, k, out, end] = [0, 1, 2, 3, 4];
  const body = [
    ...vector.store(get(out), vector.load(get(b))),
    ...vector.store(get(out), vector.load(get(b), 16), 16),
    ...advance(b, get(row)),
  ];
  return {
    name: "packContiguous",
    parameters: 4,
    locals: [I32],
    body: [...set(end, plus(get(out), times(get(k), int(32)))), ...loop(out, get(end), int(32), body)],
  };
};

/** (B, bytes between rows, bytes between columns, k, columns ≤ 8, out): one panel, zeros beyond its columns. */
const packStrided: FunctionSource = (() => {
  const [b, row, column, k, columns, out, end, valid, full, p] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const line = [
    ...set(p, get(b)),
    ...set(valid, plus(get(out), times(get(columns), int(4)))),
    ...set(full, plus(get(out), int(32))),
    ...loop(out, get(valid), int(4), [...scalar.store(get(out), scalar.load(get(p))), ...advance(p, get(column))]),
    ...loop(out, get(full), int(4), scalar.store(get(out), scalar.constant(0))),
    ...advance(b, get(row)),
  ];
  return {
    name: "packStrided",
    parameters: 6,
    locals: [I32, I32, I32, I32],
    body: [...set(end, plus(get(out), times(get(k), int(32)))), ...loop(out, get(end), int(0), line)],
  };
})();

/** (from [m, 8], C, bytes between C's rows, m, columns ≤ 8, accumulate): C[m, columns] ← from, plus C if asked. */
const scatter: FunctionSource = (() => {
  const [from, c, row, m, columns, accumulate, end, p, valid] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const copy = (value: Code) => loop(p, get(valid), int(4), [...scalar.store(get(p), value), ...advance(from, int(4))]);
  const line = [
    ...set(p, get(c)),
    ...set(valid, plus(get(c), times(get(columns), int(4)))),
    ...choose(
      get(accumulate),
      copy(scalar.add(scalar.load(get(p)), scalar.load(get(from)))),
      copy(scalar.load(get(from))),
    ),
    ...advance(from, times(minus(int(PANEL), get(columns)), int(4))),
    ...advance(c, get(row)),
  ];
  return {
    name: "scatter",
    parameters: 6,
    locals: [I32, I32, I32],
    body: [...set(end, plus(get(from), times(get(m), int(32)))), ...loop(from, get(end), int(0), line)],
  };
})();

/** (from [rows, columns], rows, columns, to [columns, rows]): the transposed matrix, in blocks of four by four. */
const transpose = (vector: Lanes): FunctionSource => {
  const [from, rows, columns, to, end, blocksEnd, lineEnd, p, q, fromRow, toRow] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  const [r, t] = [11, 15]; // four rows; what becomes of them
  const four = [0, 1, 2, 3],
    line = (local: number, i: number, stride: number) => plus(get(local), times(get(stride), int(i)));
  const pair = (to: number, a: number, b: number, which: ReadonlyArray<number>) =>
    set(to, bits.lanesOf(get(a), get(b), which));
  const block = [
    ...four.flatMap((i) => set(r + i, vector.load(line(p, i, fromRow)))),
    ...[0, 2].flatMap((
      i,
    ) => [...pair(t + i, r + i, r + i + 1, [0, 4, 1, 5]), ...pair(t + i + 1, r + i, r + i + 1, [2, 6, 3, 7])]),
    ...[0, 1].flatMap((
      i,
    ) => [...pair(r + 2 * i, t + i, t + 2 + i, [0, 1, 4, 5]), ...pair(r + 2 * i + 1, t + i, t + 2 + i, [2, 3, 6, 7])]),
    ...four.flatMap((i) => vector.store(line(q, i, toRow), get(r + i))),
    ...advance(q, times(get(toRow), int(4))),
  ];
  const column = (count: number): Code => [
    ...four.slice(0, count).flatMap((i) => scalar.store(get(q), scalar.load(line(p, i, fromRow)), 4 * i)),
    ...advance(q, get(toRow)),
  ];
  const lines = (count: number, blocks: Code): Code => [
    ...set(p, get(from)),
    ...set(q, get(to)),
    ...set(lineEnd, plus(get(from), get(fromRow))),
    ...blocks,
    ...loop(p, get(lineEnd), int(4), column(count)),
    ...advance(to, int(4 * count)),
  ];
  const blocks = loop(p, plus(get(from), times(and(get(columns), -4), int(4))), int(16), block);
  const body = [
    ...set(fromRow, times(get(columns), int(4))),
    ...set(toRow, times(get(rows), int(4))),
    ...set(end, plus(get(from), times(get(rows), get(fromRow)))),
    ...set(blocksEnd, plus(get(from), times(and(get(rows), -4), get(fromRow)))),
    ...loop(from, get(blocksEnd), times(get(fromRow), int(4)), lines(4, blocks)),
    ...loop(from, get(end), get(fromRow), lines(1, [])),
  ];
  return { name: "transpose", parameters: 4, locals: [...Array(7).fill(I32), ...Array(8).fill(V128)], body };
};

/** (lanes) ⇒ the kernels of the matrix multiplication. */
export const gemmSource = (vector: Lanes): FunctionSource[] => [
  panels("panelsByRows", vector, "rows"),
  panels("panelsByColumns", vector, "columns"),
  packContiguous(vector),
  packStrided,
  scatter,
  transpose(vector),
];
