/**
 * Recorded programs as kernels: four rows at a time, every value in a register or on the stack of the engine.
 *
 * A kernel reads where its values lie from a table: the address of each value's row 0, then the bytes from row to row.
 *
 * @module
 */
import type { Operation, Program } from "../passes/column_program.ts";
import {
  advance,
  bits,
  type Code,
  type FunctionSource,
  get,
  I32,
  int,
  type Lanes,
  loop,
  plus,
  set,
  V128,
  word,
} from "./assembler.ts";
import { type OperationContext, slopesOf, SPARE, valueOf } from "./column_operations.ts";

const GROUP = 4; // rows, as ROW_GROUP

/** Which values an operation reads. */
const readsOf = ({ name, a, b }: Operation): number[] => {
  if (name === "constant") return [];
  return ["add", "subtract", "multiply"].includes(name) ? [a, b] : [a];
};

/** Where a pass finds things: the table of the values or of the gradients, and a pointer for each input. */
interface Access {
  readonly lanes: Lanes;
  readonly inputs: number;
  readonly values: number;
  /** local of the table */
  readonly table: number;
  /** local of the group's offset in columns of their own */
  readonly offset: number;
  /** first local of the pointers into the inputs */
  readonly pointers: number;
}

const stepOf = ({ table, values }: Access, input: number): Code => word(get(table), (values + input) * 4);
const ownAddress = ({ table, offset }: Access, value: number): Code => plus(word(get(table), value * 4), get(offset));

const begin = (access: Access, used: ReadonlyArray<number>): Code =>
  used.flatMap((i) => set(access.pointers + i, word(get(access.table), i * 4)));

/** local ← the input's four rows; its pointer goes on. */
const gather = (access: Access, input: number, local: number): Code => {
  const pointer = access.pointers + input, { lanes } = access;
  return [
    ...set(local, lanes.splat(get(pointer))),
    ...advance(pointer, stepOf(access, input)),
    ...[1, 2, 3].flatMap((row) => [
      ...set(local, bits.loadLane(get(pointer), get(local), row)),
      ...advance(pointer, stepOf(access, input)),
    ]),
  ];
};

/** The input's four rows ← value; its pointer goes on. */
const scatter = (access: Access, input: number, value: Code): Code => {
  const pointer = access.pointers + input;
  return [0, 1, 2, 3].flatMap((row) => [
    ...bits.storeLane(get(pointer), value, row),
    ...advance(pointer, stepOf(access, input)),
  ]);
};

/** (table, bytes of a column's groups): fills the values of the operations. */
const runSource = (lanes: Lanes, { inputs, operations }: Program): FunctionSource => {
  const used = [...new Set(operations.flatMap(readsOf))].filter((v) => v < inputs), values = inputs + operations.length;
  const access: Access = { lanes, inputs, values, table: 0, offset: 2, pointers: 3 };
  const first = 3 + inputs, spare = first + values;
  const context: OperationContext = { lanes, spare, value: (v) => get(first + v) };
  const body = [
    ...used.flatMap((i) => gather(access, i, first + i)),
    ...operations.flatMap((operation, i) => [
      ...set(first + inputs + i, valueOf(context, operation)),
      ...lanes.store(ownAddress(access, inputs + i), get(first + inputs + i)),
    ]),
  ];
  return {
    name: "run",
    parameters: 2,
    locals: [...Array(1 + inputs).fill(I32), ...Array(values + SPARE).fill(V128)],
    body: [...begin(access, used), ...loop(2, get(1), int(GROUP * 4), body)],
  };
};

/** (table of values, table of gradients, bytes of a column's groups): adds to the gradients by the inputs. */
const pullBackSource = (lanes: Lanes, { inputs, operations, outputs }: Program): FunctionSource => {
  const used = [...new Set(operations.flatMap(readsOf))].filter((v) => v < inputs), values = inputs + operations.length;
  const offset = 3, ofValues = 4, ofGradients = 4 + inputs, gradient = 4 + 2 * inputs, value = gradient + values;
  const own: Access = { lanes, inputs, values, table: 0, offset, pointers: ofValues };
  const by: Access = { ...own, table: 1, pointers: ofGradients };
  const context: OperationContext = {
    lanes,
    spare: value + inputs,
    value: (v) => v < inputs ? get(value + v) : lanes.load(ownAddress(own, v)),
  };
  const back = [...operations.keys()].reverse().flatMap((i) =>
    slopesOf(context, operations[i], get(gradient + inputs + i), lanes.load(ownAddress(own, inputs + i)))
      .flatMap(([argument, slope]) => set(gradient + argument, lanes.add(get(gradient + argument), slope)))
  );
  const body = [
    ...used.flatMap((i) => [...gather(own, i, value + i), ...set(gradient + i, lanes.constant(0))]),
    ...operations.flatMap((_, i) =>
      set(
        gradient + inputs + i,
        outputs.includes(inputs + i) ? lanes.load(ownAddress(by, inputs + i)) : lanes.constant(0),
      )
    ),
    ...back,
    ...used.flatMap((i) => addRows(by, i, gradient + i, value + i)),
  ];
  return {
    name: "pullBack",
    parameters: 3,
    locals: [...Array(1 + 2 * inputs).fill(I32), ...Array(values + inputs + SPARE).fill(V128)],
    body: [...begin(own, used), ...begin(by, used), ...loop(offset, get(2), int(GROUP * 4), body)],
  };
};

/** The four rows of a gradient by an input ← themselves + what the local holds; another one is overwritten. */
const addRows = (access: Access, input: number, local: number, spare: number): Code => {
  const pointer = access.pointers + input, step = stepOf(access, input), { lanes } = access;
  const back = [0x41, 0x7c]; // i32 −4
  return [
    ...gather(access, input, spare),
    ...set(pointer, plus(get(pointer), [...step, ...back, 0x6c])), // to the first row again
    ...scatter(access, input, lanes.add(get(spare), get(local))),
  ];
};

/** (program, lanes of four) ⇒ its kernels' sources. */
export const columnSource = (program: Program, lanes: Lanes): FunctionSource[] => [
  runSource(lanes, program),
  pullBackSource(lanes, program),
];
