/**
 * Networks on memory that the caller lays out, without a tape: what gradients, Fisher products, training and imagined
 * rollouts are written in. Two implementations: `kernels/placed_passes.ts` by kernels on the tensor library's heap, and
 * `array_passes.ts` by the tensor library's own operations and loops over a plain array.
 *
 * Places are offsets in float32 numbers into one heap.
 *
 * @module
 */
import type { MlpShape } from "../../data/parameters.ts";
import type { AdamStep } from "../training/adam.ts";
import type { BlockPasses } from "./block_passes.ts";
import type { ColumnKernels, Program } from "./column_program.ts";
import { type LayerSpan, layerSpans, skipSpan } from "./layers.ts";

/** A network whose parameters lie at a place. */
export interface PlacedMlp {
  /** layer sizes */
  readonly shape: MlpShape;
  /** where each layer's parameters lie in θ */
  readonly spans: ReadonlyArray<LayerSpan>;
  /** where the weights of a skip connection lie in θ; null where there is none */
  readonly skip: ReturnType<typeof skipSpan>;
  /** place of θ */
  readonly theta: number;
}

/** Where a backward pass writes. */
export interface BackwardPlaces {
  /** [2, rows, widest layer] overwritten */
  readonly spare: number;
  /** [rows, in] ∂L/∂x, overwritten; null where it is not wanted */
  readonly input: number | null;
  /** [length of θ] to which ∂L/∂θ is added; null where it is not wanted */
  readonly theta: number | null;
}

/** What a derivative along a direction reads and writes. */
export interface TangentPlaces {
  /** [length of θ] θ̇ */
  readonly direction: number;
  /** [2, rows, widest layer] overwritten */
  readonly spare: number;
  /** [rows, out] ẏ, overwritten */
  readonly output: number;
}

/** Where the parts of a network in training lie, each [parameters]. */
export interface TrainingPlaces {
  readonly theta: number;
  readonly gradient: number;
  /** Adam's moments */
  readonly first: number;
  readonly second: number;
  /** [8] overwritten */
  readonly numbers: number;
}

/** The passes. `layers` are the places of x, the hidden activations … and, last, the output. */
export interface Passes {
  /** rows that networks run over at a time; numerically irrelevant but for rounding */
  readonly rows: number;
  /** (count of float32) ⇒ place of new memory, not initialised. Fails: `OutOfMemory`. */
  readonly allocate: (count: number) => number;
  /** Gives memory of `allocate` back. */
  readonly free: (place: number) => void;
  /** () ⇒ the whole heap; to be asked for anew after each pass and allocation, since the heap may have moved. */
  readonly floats: () => Float32Array;
  /** (network, layers, rows): fills all layers but the first. */
  readonly forward: (network: PlacedMlp, layers: ReadonlyArray<number>, rows: number) => void;
  /** (network, layers, place of ∂L/∂y [rows, out], rows, where to); the output itself is not read. */
  readonly backward: (
    network: PlacedMlp,
    layers: ReadonlyArray<number>,
    dy: number,
    rows: number,
    out: BackwardPlaces,
  ) => void;
  /** (network, layers, places, rows): ẏ, the derivative of the output along θ̇; the output itself is not read. */
  readonly tangent: (network: PlacedMlp, layers: ReadonlyArray<number>, at: TangentPlaces, rows: number) => void;
  /** elementwise arithmetic on blocks of matrices */
  readonly blocks: BlockPasses;
  /** (program) ⇒ (kernels), made once for all programs that are alike. */
  readonly columns: (program: Program) => ColumnKernels;
  /** (places, parameters, numbers of the step): moves θ and the moments as `applyAdam` does. */
  readonly adam: (places: TrainingPlaces, count: number, step: AdamStep) => void;
  /** (places, parameters, rate): mean ← mean + rate·(θ − mean). */
  readonly average: (
    places: Pick<TrainingPlaces, "theta" | "numbers"> & { readonly mean: number },
    count: number,
    rate: number,
  ) => void;
}

/** (shape, place of θ) ⇒ (network). */
export const placedMlp = (shape: MlpShape, theta: number): PlacedMlp => ({
  shape,
  spans: layerSpans(shape),
  skip: skipSpan(shape),
  theta,
});
