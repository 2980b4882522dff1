/**
 * The SIMD kernels, assembled at start and run on the tensor library's own heap.
 *
 * @module
 */
import { adamSource, averageSource } from "./adam_source.ts";
import { assemble, vector } from "./assembler.ts";
import { blockSource } from "./block_source.ts";
import { elementwiseSource } from "./elementwise_source.ts";
import { gemmSource } from "./gemm_source.ts";
import type { Heap } from "./heap.ts";
import { slopeSource } from "./slope_source.ts";

/** The kernels by name; the arguments are described beside their sources. */
export interface SimdKernels {
  readonly biasTanh: (z: number, bias: number, rows: number, columns: number) => void;
  readonly biasRelu: (z: number, bias: number, rows: number, columns: number) => void;
  readonly biasLinear: (z: number, bias: number, rows: number, columns: number) => void;
  readonly slopeTanh: (d: number, h: number, n: number) => void;
  readonly slopeRelu: (d: number, h: number, n: number) => void;
  readonly slopeSumsTanh: SlopeOfColumns;
  readonly slopeSumsRelu: SlopeOfColumns;
  readonly biasSlopeTanh: SlopeOfColumns;
  readonly biasSlopeRelu: SlopeOfColumns;
  readonly columnSums: (d: number, rows: number, columns: number, out: number) => void;
  readonly clipSlope: (y: number, d: number, boundSquareBits: number, n: number, out: number) => void;
  readonly copyBlock: (
    from: number,
    fromRow: number,
    to: number,
    toRow: number,
    rows: number,
    columns: number,
  ) => void;
  readonly addBlocks: Blockwise;
  readonly copySignificant: Blockwise;
  readonly normalizeBlock: Blockwise;
  readonly addNormalizeSlope: Blockwise;
  readonly adam: (theta: number, gradient: number, first: number, second: number, n: number, numbers: number) => void;
  readonly average: (mean: number, theta: number, n: number, rate: number) => void;
  readonly panelsByRows: Panels;
  readonly panelsByColumns: Panels;
  readonly packContiguous: (b: number, row: number, k: number, out: number) => void;
  readonly packStrided: (b: number, row: number, column: number, k: number, columns: number, out: number) => void;
  readonly transpose: (from: number, rows: number, columns: number, to: number) => void;
  readonly scatter: (from: number, c: number, row: number, m: number, columns: number, accumulate: 0 | 1) => void;
}

type Blockwise = (...blocksNumbersRowsColumns: number[]) => void;
type SlopeOfColumns = (d: number, h: number, rows: number, columns: number, edge: number) => void;

type Panels = (
  a: number,
  row: number,
  step: number,
  b: number,
  c: number,
  cRow: number,
  m: number,
  panels: number,
  k: number,
  accumulate: 0 | 1,
) => void;

/** (heap) ⇒ (kernels), with fused multiply-add where this engine has it. Fails: without SIMD. */
export const makeSimdKernels = (heap: Heap): SimdKernels => {
  const build = (fused: "fused" | "separate") => {
    const lanes = vector(fused);
    const elementwise = [...elementwiseSource(lanes), ...slopeSource(lanes), ...blockSource(lanes)];
    return assemble([...elementwise, ...gemmSource(lanes), adamSource(lanes), averageSource(lanes)]);
  };
  const fused = build("fused");
  const bytes = WebAssembly.validate(fused) ? fused : build("separate");
  const module = new WebAssembly.Module(bytes);
  const { exports } = new WebAssembly.Instance(module, { heap: { memory: heap.memory } });
  return exports as unknown as SimdKernels;
};
