/**
 * Kernels of recorded programs, assembled when a program is first met.
 *
 * @module
 */
import { type ColumnKernels, type Columns, type Program, wholeGroups } from "../passes/column_program.ts";
import { assemble, vector } from "./assembler.ts";
import { columnSource } from "./column_source.ts";
import { type Heap, makeScratch } from "./heap.ts";

interface Exports {
  readonly run: (table: number, bytes: number) => void;
  readonly pullBack: (table: number, gradients: number, bytes: number) => void;
}

/** (heap) ⇒ (program ⇒ its kernels), one instance for all programs that are alike. */
export const makeColumns = (heap: Heap): (program: Program) => ColumnKernels => {
  const made = new Map<string, ColumnKernels>();
  const tables = makeScratch(heap);
  return (program) => {
    const id = JSON.stringify(program), known = made.get(id);
    if (known !== undefined) return known;
    const kernels = columnKernels(heap, program, tables);
    made.set(id, kernels);
    return kernels;
  };
};

const columnKernels = (heap: Heap, program: Program, tables: (bytes: number) => number): ColumnKernels => {
  const module = new WebAssembly.Module(assemble(columnSource(program, vector("separate"))));
  const instance = new WebAssembly.Instance(module, { heap: { memory: heap.memory } });
  const { run, pullBack } = instance.exports as unknown as Exports;
  const values = program.inputs + program.operations.length, bytes = 2 * values * 4;
  const write = (table: number, { at, step }: Columns): void => {
    const words = new Uint32Array(heap.memory.buffer, table, 2 * values);
    for (let i = 0; i < values; i++) {
      words[i] = at[i] * 4;
      words[values + i] = step[i] * 4;
    }
  };
  return {
    run: (columns, rows) => {
      const table = tables(bytes);
      write(table, columns);
      run(table, wholeGroups(rows) * 4);
    },
    pullBack: (columns, gradients, rows) => {
      const table = tables(2 * bytes);
      write(table, columns);
      write(table + bytes, gradients);
      pullBack(table, table + bytes, wholeGroups(rows) * 4);
    },
  };
};
