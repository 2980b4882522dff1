/**
 * A very small WebAssembly assembler: expressions are arrays of bytes, so that kernels are written as nested calls and
 * unrolled by ordinary loops. Addresses and counters are i32; data are f32 and vectors of four f32.
 *
 * @module
 */

/** Bytes of an instruction sequence. */
export type Code = ReadonlyArray<number>;

/** Value types. */
export const I32 = 0x7f;
/** A 32-bit float. */
export const F32 = 0x7d;
/** Four 32-bit floats. */
export const V128 = 0x7b;

/** (n ≥ 0) ⇒ LEB128. */
const unsigned = (n: number): number[] => {
  const out: number[] = [];
  do {
    const rest = Math.floor(n / 128);
    out.push((n % 128) | (rest > 0 ? 128 : 0));
    n = rest;
  } while (n > 0);
  return out;
};

/** (n) ⇒ signed LEB128. */
const signed = (n: number): number[] => {
  for (const out: number[] = [];;) {
    const low = n & 127;
    n >>= 7;
    const done = (n === 0 && low < 64) || (n === -1 && low >= 64);
    out.push(done ? low : low | 128);
    if (done) return out;
  }
};

const simd = (op: number): number[] => [0xfd, ...unsigned(op)];

/** (local) ⇒ its value. */
export const get = (local: number): Code => [0x20, ...unsigned(local)];
/** local ← value. */
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];
/** (n) ⇒ i32 constant. */
export const int = (n: number): Code => [0x41, ...signed(n)];
/** (a, b) ⇒ a + b on i32. */
export const plus = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
/** (a, b) ⇒ a − b on i32. */
export const minus = (a: Code, b: Code): Code => [...a, ...b, 0x6b];
/** (a, b) ⇒ a·b on i32. */
export const times = (a: Code, b: Code): Code => [...a, ...b, 0x6c];
/** (a, b) ⇒ ⌊a/b⌋ on i32, unsigned. */
export const quotient = (a: Code, b: Code): Code => [...a, ...b, 0x6e];
/** (a, mask) ⇒ a & mask on i32. */
export const and = (a: Code, mask: number): Code => [...a, ...int(mask), 0x71];
/** (address, bytes beyond it) ⇒ the i32 there. */
export const word = (address: Code, offset = 0): Code => [...address, 0x28, 2, ...unsigned(offset)];
/** local ← local + n. */
export const advance = (local: number, by: Code): Code => set(local, plus(get(local), by));

/** while (local < end, unsigned) { body; local ← local + step }. */
export const loop = (local: number, end: Code, step: Code, body: Code): Code => [
  ...[0x02, 0x40, 0x03, 0x40], // block, loop
  ...[...get(local), ...end, 0x4f, 0x0d, 1], // leave when local ≥ end
  ...body,
  ...advance(local, step),
  ...[0x0c, 0, 0x0b, 0x0b], // again; end, end
];

/** if (condition ≠ 0) then … else …. */
export const choose = (condition: Code, then: Code, otherwise: Code): Code => [
  ...condition,
  ...[0x04, 0x40, ...then, 0x05, ...otherwise, 0x0b],
];

/** Arithmetic of f32 or of vectors of four, so that one formula makes both the main loop and its remainder. */
export interface Lanes {
  readonly type: number; // F32 or V128
  readonly bytes: number; // 4 or 16
  readonly load: (address: Code, offset?: number) => Code;
  readonly splat: (address: Code, offset?: number) => Code; // one f32 in every lane
  readonly store: (address: Code, value: Code, offset?: number) => Code;
  readonly constant: (value: number) => Code;
  readonly ofBits: (bits: Code) => Code; // the f32 with these bits, in every lane
  readonly add: (a: Code, b: Code) => Code;
  readonly sub: (a: Code, b: Code) => Code;
  readonly mul: (a: Code, b: Code) => Code;
  readonly div: (a: Code, b: Code) => Code;
  readonly sqrt: (a: Code) => Code;
  readonly min: (a: Code, b: Code) => Code; // NaN in a wins
  readonly max: (a: Code, b: Code) => Code; // NaN in a wins
  readonly positive: (a: Code, value: Code) => Code; // value where a > 0, else 0
  readonly fma: (a: Code, b: Code, sum: Code) => Code; // a·b + sum
}

const binary = (...op: number[]) => (a: Code, b: Code): Code => [...a, ...b, ...op];
const access = (...op: number[]) => (address: Code, offset = 0): Code => [...address, ...op, 2, ...unsigned(offset)];
const f32Bytes = (value: number): number[] => [...new Uint8Array(new Float32Array([value]).buffer)];

/** One f32. */
export const scalar: Lanes = {
  type: F32,
  bytes: 4,
  load: access(0x2a),
  splat: access(0x2a),
  store: (address, value, offset = 0) => [...address, ...value, 0x38, 2, ...unsigned(offset)],
  constant: (value) => [0x43, ...f32Bytes(value)],
  ofBits: (bits) => [...bits, 0xbe],
  add: binary(0x92),
  sub: binary(0x93),
  mul: binary(0x94),
  div: binary(0x95),
  sqrt: (a) => [...a, 0x91],
  min: binary(0x96),
  max: binary(0x97),
  positive: (a, value) => [...value, ...scalar.constant(0), ...a, ...scalar.constant(0), 0x5e, 0x1b], // gt, select
  fma: (a, b, sum) => scalar.add(scalar.mul(a, b), sum),
};

/** (whether multiply-add is one instruction) ⇒ four f32. */
export const vector = (fused: "fused" | "separate"): Lanes => {
  const mul = binary(...simd(0xe6));
  const add = binary(...simd(0xe4));
  const constant = (value: number) => [...simd(0x0c), ...[1, 2, 3, 4].flatMap(() => f32Bytes(value))];
  return {
    type: V128,
    bytes: 16,
    load: access(...simd(0x00)),
    splat: access(...simd(0x09)),
    store: (address, value, offset = 0) => [...address, ...value, ...simd(0x0b), 2, ...unsigned(offset)],
    constant,
    ofBits: (bits) => [...scalar.ofBits(bits), ...simd(0x13)],
    add,
    sub: binary(...simd(0xe5)),
    mul,
    div: binary(...simd(0xe7)),
    sqrt: (a) => [...a, ...simd(0xe3)],
    min: binary(...simd(0xea)), // pmin and pmax: one instruction each, where those that look at both for NaN take seven
    max: binary(...simd(0xeb)),
    positive: (a, value) => [...value, ...a, ...constant(0), ...simd(0x44), ...simd(0x4e)], // gt, and
    fma: (a, b, sum) => fused === "fused" ? [...a, ...b, ...sum, ...simd(0x105)] : add(mul(a, b), sum),
  };
};

const lane = (op: number) => (address: Code, value: Code, index: number): Code => [
  ...address,
  ...value,
  ...simd(op),
  ...[2, 0, index],
];
const unary = (...op: number[]) => (a: Code): Code => [...a, ...op];

/** What vectors of four f32 offer besides arithmetic; their bits may be taken as four i32. */
export const bits = {
  /** (address, vector, lane) ⇒ the vector with that lane read from the address. */
  loadLane: lane(0x56),
  /** (address, vector, lane): writes that lane. */
  storeLane: lane(0x5a),
  /** (a) ⇒ |a|. */
  abs: unary(...simd(0xe0)),
  /** (a) ⇒ nearest whole numbers, as f32. */
  nearest: unary(...simd(0x6a)),
  /** (a) ⇒ as i32. */
  truncate: unary(...simd(0xf8)),
  /** (n) ⇒ i32 n in every lane. */
  splat: (n: number): Code => [...int(n), ...simd(0x11)],
  /** (a, b) ⇒ a + b on i32. */
  add: binary(...simd(0xae)),
  /** (a, b) ⇒ a − b on i32. */
  sub: binary(...simd(0xb1)),
  /** (a, n) ⇒ a·2ⁿ on i32. */
  shift: (a: Code, by: number): Code => [...a, ...int(by), ...simd(0xab)],
  /** (a, b) ⇒ bits in both. */
  and: binary(...simd(0x4e)),
  /** (a, b) ⇒ bits in one of them. */
  xor: binary(...simd(0x51)),
  /** (a, b) ⇒ all ones where a > b on f32, else zeros. */
  greater: binary(...simd(0x44)),
  /** (a, b, four numbers) ⇒ these lanes of a (0 … 3) and b (4 … 7). */
  lanesOf: (a: Code, b: Code, which: ReadonlyArray<number>): Code => [
    ...a,
    ...b,
    ...simd(0x0d),
    ...which.flatMap((l) => [4 * l, 4 * l + 1, 4 * l + 2, 4 * l + 3]),
  ],
  /** (a, b, mask) ⇒ a where the mask is ones, b where it is zeros. */
  select: (a: Code, b: Code, mask: Code): Code => [...a, ...b, ...mask, ...simd(0x52)],
} as const;

/** A function of i32 parameters without a result; locals follow the parameters. */
export interface FunctionSource {
  readonly name: string;
  readonly parameters: number;
  readonly locals: ReadonlyArray<number>; // types
  readonly body: Code;
}

const section = (id: number, content: ReadonlyArray<number>): number[] => [id, ...unsigned(content.length), ...content];
const list = (items: ReadonlyArray<ReadonlyArray<number>>): number[] => [...unsigned(items.length), ...items.flat()];
const text = (s: string): number[] => {
  const bytes = [...new TextEncoder().encode(s)];
  return [...unsigned(bytes.length), ...bytes];
};

/** (functions) ⇒ the module's bytes; it imports its memory as "heap"."memory" and exports every function. */
export const assemble = (functions: ReadonlyArray<FunctionSource>): Uint8Array<ArrayBuffer> => {
  const types = functions.map((f) => [0x60, ...list(Array(f.parameters).fill([I32])), 0]);
  const bodies = functions.map((f) => {
    const code = [...list(f.locals.map((type) => [1, type])), ...f.body, 0x0b];
    return [...unsigned(code.length), ...code];
  });
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(types)),
    ...section(2, list([[...text("heap"), ...text("memory"), 2, 0, 0]])),
    ...section(3, list(functions.map((_, i) => unsigned(i)))),
    ...section(7, list(functions.map((f, i) => [...text(f.name), 0, ...unsigned(i)]))),
    ...section(10, list(bodies)),
  ]);
};
