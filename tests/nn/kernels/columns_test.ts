/**
 * Recorded programs, by kernels and interpreted on arrays, against the same operations in float64, and their pullback
 * against differences.
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  type Columns,
  type Operation,
  type OperationName,
  type Program,
  wholeGroups,
} from "../../../src/nn/passes/column_program.ts";
import { plainEngine } from "../../../src/nn/passes/mlp_engine.ts";
import type { Passes } from "../../../src/nn/passes/passes.ts";
import { startBackend } from "../../../src/nn/kernels/backend.ts";
import { makeColumns } from "../../../src/nn/kernels/columns.ts";
import { openHeap } from "../../../src/nn/kernels/heap.ts";

await startBackend({ kernels: "off" });
const heap = openHeap(), columns = makeColumns(heap);

/** What runs programs, and where their columns lie. */
interface Runner extends Pick<Passes, "allocate" | "free" | "floats" | "columns"> {
  readonly name: string;
}

const runners: ReadonlyArray<Runner> = [
  {
    name: "kernels",
    columns,
    allocate: (count) => heap.allocate(4 * count) / 4,
    free: (place) => heap.free(4 * place),
    floats: () => new Float32Array(heap.memory.buffer),
  },
  { name: "arrays", ...plainEngine.passes },
];

/** Each operation on numbers, from its definition. */
const definitions: Readonly<Record<OperationName, (a: number, b: number, c: number) => number>> = {
  constant: (_a, _b, c) => c,
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  scale: (a, _b, c) => a * c,
  shift: (a, _b, c) => a + c,
  square: (a) => a * a,
  sqrt: (a) => Math.sqrt(a),
  sin: (a) => Math.sin(a),
  cos: (a) => Math.cos(a),
  ramp: (a, _b, c) => (a + Math.sqrt(a * a + c * c)) / 2,
  sigmoid: (a) => 1 / (1 + Math.exp(-a)),
  indicator: (a) => (a > 0 ? 1 : 0),
};

const reference = ({ operations }: Program, inputs: ReadonlyArray<number>): number[] => {
  const values = [...inputs];
  for (const { name, a, b, constant } of operations) values.push(definitions[name](values[a], values[b], constant));
  return values;
};

interface Ran {
  /** [rows][values] */
  readonly values: number[][];
  /** [rows][inputs] */
  readonly gradients: number[][];
}

/** Inputs lie in a matrix one column wider than they are; gradients begin at 1, outputs weigh 1, 2, 3 …. */
const runBy = (runner: Runner, program: Program, rows: ReadonlyArray<ReadonlyArray<number>>): Ran => {
  const { inputs, operations, outputs } = program, width = inputs + 1, room = wholeGroups(rows.length);
  const floats = room * (width + operations.length), base = runner.allocate(2 * floats), f = runner.floats;
  const place = (first: number): Columns => ({
    at: [
      ...Array.from({ length: inputs }, (_, i) => base + first + i),
      ...operations.map((_, i) => base + first + room * width + i * room),
    ],
    step: [...Array(inputs).fill(width), ...operations.map(() => 1)],
  });
  const [values, gradients] = [place(0), place(floats)];
  f().fill(NaN, base, base + floats); // what is not written must not be read
  f().fill(1, base + floats, base + 2 * floats);
  rows.forEach((row, r) => row.forEach((x, i) => f()[values.at[i] + r * width] = x));
  const kernels = runner.columns(program);
  kernels.run(values, rows.length);
  outputs.forEach((v, i) => f().fill(i + 1, gradients.at[v], gradients.at[v] + room));
  kernels.pullBack(values, gradients, rows.length);
  const read = ({ at, step }: Columns, count: number) =>
    rows.map((_, r) => Array.from({ length: count }, (_, v) => f()[at[v] + r * step[v]]));
  const ran = { values: read(values, inputs + operations.length), gradients: read(gradients, inputs) };
  runner.free(base);
  return ran;
};

const one = (name: OperationName, constant = 0): Program => ({
  inputs: 2,
  operations: [{ name, a: 0, b: 1, constant }],
  outputs: [2],
});

const near = (found: number, expected: number, tolerance: number, what: string): void =>
  assert(Math.abs(found - expected) <= tolerance * (1 + Math.abs(expected)), `${what}: ${found} against ${expected}`);

const cases: ReadonlyArray<readonly [OperationName, number]> = [
  ...(Object.keys(definitions) as OperationName[]).map((name) => [name, 0.7] as const),
  ["ramp", 1e-3],
  ["scale", -2],
];

const step = fc.record({
  name: fc.constantFrom<OperationName>(
    ...(Object.keys(definitions) as OperationName[]).filter((name) => name !== "sqrt"),
  ),
  a: fc.nat(),
  b: fc.nat(),
  constant: fc.double({ min: 0.1, max: 1.5, noNaN: true }),
});

for (const runner of runners) {
  for (const [name, c] of cases) {
    Deno.test(`${runner.name}, ${name} ${c}: values and derivatives, for numbers of rows that groups do and do not divide`, () => {
      for (const count of [1, 3, 4, 9]) {
        const rows = Array.from(
          { length: count },
          (_, i) => [0.13 + 0.9 * i * (name === "sqrt" ? 1 : (-1) ** i), 1.7 - i],
        );
        const { values, gradients } = runBy(runner, one(name, c), rows);
        rows.forEach(([a, b], r) => {
          const at = (da: number, db: number) => definitions[name](Math.fround(a) + da, Math.fround(b) + db, c),
            h = 1e-6;
          const [ofA, ofB] = [(at(h, 0) - at(-h, 0)) / (2 * h), (at(0, h) - at(0, -h)) / (2 * h)];
          near(values[r][2], at(0, 0), 3e-7, `${name}(${a}, ${b})`);
          near(gradients[r][0], 1 + (name === "indicator" ? 0 : ofA), 2e-6, `${name} by a at ${a}`);
          near(gradients[r][1], 1 + ofB, 2e-6, `${name} by b at ${b}`);
        });
      }
    });
  }

  Deno.test(`${runner.name}: sine, cosine and sigmoid over their ranges`, () => {
    const rows = Array.from({ length: 4001 }, (_, i) => [(i - 2000) / 4, 0]); // ±500 rad
    for (const name of ["sin", "cos", "sigmoid"] as const) {
      const { values } = runBy(runner, one(name), rows);
      rows.forEach(([a], r) => near(values[r][2], definitions[name](a, 0, 0), 3e-7, `${name}(${a})`));
    }
  });

  Deno.test(`${runner.name}: extremes: bounded far out, no number stays no number`, () => {
    const rows = [1e9, -1e9, 3e38, NaN, Infinity].map((x) => [x, 0]);
    const [sin, cos, sigmoid, ramp] = (["sin", "cos", "sigmoid", "ramp"] as const).map((name) =>
      runBy(runner, one(name, 0.1), rows).values.map((row) => row[2])
    );
    for (const turned of [sin, cos]) {
      assert(turned.slice(0, 3).every((y) => Math.abs(y) <= 1));
      assert(turned.slice(3).every(Number.isNaN));
    }
    sigmoid.forEach((y, i) => assert(i === 3 ? Number.isNaN(y) : Math.abs(y - [1, 0, 1, 0, 1][i]) < 1e-30));
    near(ramp[0], 1e9, 1e-6, "ramp");
    assertEquals([ramp[1] >= 0 && ramp[1] < 1e-6, Number.isNaN(ramp[3])], [true, true]);
  });

  Deno.test(`${runner.name}: the rounded corner does not cancel: at −1 with width 1e-3 it is w²/4 to seven digits`, () => {
    const { values: [[, , y]] } = runBy(runner, one("ramp", 1e-3), [[-1, 0]]);
    near(y / 2.5e-7, 1 - 2.5e-7, 3e-7, "ramp"); // w²/(2(1 + √(1 + w²)))
  });

  Deno.test(`${runner.name}: random programs: values equal float64, gradients its differences`, () => {
    const inputs = 3,
      row = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: inputs, maxLength: inputs });
    fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), row, (steps, start) => {
      const operations: Operation[] = steps.map((s, i) => ({ ...s, a: s.a % (inputs + i), b: s.b % (inputs + i) }));
      const last = inputs + operations.length - 1, program = { inputs, operations, outputs: [last] };
      const x = start.map(Math.fround), h = 1e-5;
      const smooth = (at: number[]) => reference(program, at).every((v, i) => i < inputs || Math.abs(v) < 50);
      const { values: [values], gradients: [gradients] } = runBy(runner, program, [x]);
      const expected = reference(program, x);
      fc.pre(smooth(x) && operations.every(({ name, a }) => name !== "indicator" || Math.abs(expected[a]) > 0.01));
      expected.forEach((v, i) => near(values[i], v, 2e-5, `value ${i}`));
      for (let i = 0; i < inputs; i++) {
        const at = (d: number) => reference(program, x.map((v, j) => (i === j ? v + d : v)))[last];
        near(gradients[i], 1 + (at(h) - at(-h)) / (2 * h), 1e-3, `gradient ${i}`);
      }
    }));
  });
}

Deno.test("programs that are alike share their kernels, others do not; broken ones are refused", () => {
  assertEquals(columns(one("sin")) === columns(one("sin")), true);
  assertEquals(columns(one("scale", 2)) === columns(one("scale", 3)), false);
  assertThrows(
    () => columns({ ...one("add"), operations: [{ name: "add", a: 900, b: 0, constant: 0 }] }),
    WebAssembly.CompileError,
  );
});
