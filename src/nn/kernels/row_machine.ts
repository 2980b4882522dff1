/**
 * Networks on one row at a time, by SIMD kernels on a small memory of their own: no tensor library, no BLAS.
 *
 * Multiplication and addition stay separate instructions, so that every machine gives the same bits.
 *
 * @module
 */
import type { MlpShape } from "../../data/parameters.ts";
import { assemble, vector } from "./assembler.ts";
import { elementwiseSource } from "./elementwise_source.ts";
import { kernelChoice } from "./environment.ts";
import { NARROW, rowSource, WIDE } from "./row_source.ts";
import type { SimdKernels } from "./simd.ts";

interface RowKernels extends Pick<SimdKernels, "biasTanh" | "biasRelu" | "biasLinear"> {
  readonly rowTimes: (x: number, w: number, y: number, bytes: number, wide: number, narrow: number) => void;
}

/** A layer of a packed network; places are floats from the beginning of the packed array. */
interface RowLayer {
  readonly inputs: number;
  readonly outputs: number; // a multiple of four
  readonly weights: number;
  readonly bias: number;
}

/** A network whose weights are laid out for the kernels. */
export interface PackedRows {
  /** [floats] weights and biases of all layers */
  readonly parameters: Float32Array;
  /** size of the output */
  readonly outputs: number;
  readonly layers: ReadonlyArray<RowLayer>;
  readonly activation: MlpShape["activation"];
  /** floats of the widest layer */
  readonly widest: number;
}

/** One memory that holds one network at a time. */
export interface RowMachine {
  /** Makes the network the one that is held; its parameters are copied where another one was. */
  readonly load: (network: PackedRows) => void;
  /** x of the network that is held, to be written; after each `load` anew */
  readonly input: Float32Array;
  /** y of it, valid after `run` */
  readonly output: Float32Array;
  /** input ⇒ output, of the network that is held */
  readonly run: (network: PackedRows) => void;
}

const rounded = (size: number): number => Math.ceil(size / NARROW) * NARROW;

/** (shape, θ [≥ parameters]) ⇒ (network); outputs beyond a layer's size have weights of zero. */
export const packRows = (shape: MlpShape, theta: Float32Array): PackedRows => {
  const { sizes } = shape, layers: RowLayer[] = [];
  let floats = 0, offset = 0;
  for (let l = 0; l + 1 < sizes.length; l++) {
    const inputs = sizes[l], outputs = rounded(sizes[l + 1]);
    layers.push({ inputs, outputs, weights: floats, bias: floats + inputs * outputs });
    floats += (inputs + 1) * outputs;
  }
  const parameters = new Float32Array(floats);
  layers.forEach(({ inputs, outputs, weights, bias }, l) => {
    const size = sizes[l + 1], wide = Math.floor(outputs / WIDE) * WIDE;
    for (let o = 0; o < size; o++) {
      const width = o < wide ? WIDE : NARROW, block = o - o % width; // blocks begin at multiples of their width
      for (let i = 0; i < inputs; i++) {
        parameters[weights + block * inputs + i * width + o % width] = theta[offset + i * size + o];
      }
      parameters[bias + o] = theta[offset + inputs * size + o];
    }
    offset += (inputs + 1) * size;
  });
  const widest = rounded(Math.max(...sizes));
  return { parameters, outputs: sizes[sizes.length - 1], layers, activation: shape.activation, widest };
};

const PAGE = 65536; // bytes

const makeMachine = (): RowMachine => {
  const lanes = vector("separate"), memory = new WebAssembly.Memory({ initial: 1 });
  const module = new WebAssembly.Module(assemble([...elementwiseSource(lanes), rowSource(lanes)]));
  const kernels = new WebAssembly.Instance(module, { heap: { memory } }).exports as unknown as RowKernels;
  let held: PackedRows | null = null, base = 0; // bytes before the parameters
  let input: Float32Array = new Float32Array(0), output = input;
  const hold = (network: PackedRows): void => {
    const { widest, parameters, layers } = network;
    base = 2 * widest * 4; // two rows: what a layer reads, what it writes
    const missing = base + parameters.length * 4 - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
    new Float32Array(memory.buffer, base, parameters.length).set(parameters);
    input = new Float32Array(memory.buffer, 0, widest);
    output = new Float32Array(memory.buffer, (layers.length % 2) * widest * 4, widest);
    held = network;
  };
  return {
    load: (network) => {
      if (held !== network) hold(network);
    },
    get input() {
      return input;
    },
    get output() {
      return output;
    },
    run: ({ layers, activation, widest }) => {
      const hidden = activation === "tanh" ? kernels.biasTanh : kernels.biasRelu, last = layers.length - 1;
      for (let l = 0; l <= last; l++) {
        const { inputs, outputs, weights, bias } = layers[l];
        const from = (l % 2) * widest * 4, to = ((l + 1) % 2) * widest * 4, wide = Math.floor(outputs / WIDE);
        kernels.rowTimes(from, base + weights * 4, to, inputs * 4, wide, (outputs - wide * WIDE) / NARROW);
        (l < last ? hidden : kernels.biasLinear)(to, base + bias * 4, 1, outputs);
      }
    },
  };
};

let machine: RowMachine | null | undefined;

/**
 * () ⇒ the machine of this thread; null without SIMD, or where the environment variable MSCV_KERNELS is "off".
 * Fails: throws SettingInvalid.
 */
export const rowMachine = (): RowMachine | null => {
  if (machine === undefined) machine = kernelChoice() === "off" ? null : machineWhereSimd();
  return machine;
};

const machineWhereSimd = (): RowMachine | null => {
  try {
    return makeMachine();
  } catch {
    return null;
  }
};
