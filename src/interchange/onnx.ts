/**
 * A policy as an ONNX model that takes raw observations.
 * (policy, normaliser, control range) ⇒ (bytes of a ModelProto)
 *
 *   observation [N, obs] ⇒ clamped to the task's bound ⇒ (o − mean) · scale ⇒ clamped to ±10 ⇒ network ⇒ mean [N, act]
 *   action [N, act] = mean, clamped to the control range;  logStd [act] is a constant
 *
 * Everything is float32. Sources: ONNX, `onnx/onnx.proto3` (fields and numbers) and `docs/Operators.md`.
 *
 * @module
 */
import protobuf from "protobufjs/minimal.js";
import { mlpParameterCount, type NormalizerInUse, type PolicyParams } from "../data/parameters.ts";
import { NORMALIZED_BOUND } from "../nn/networks/normalized_range.ts";

/** Operator set of the model: the first in which all of its operators have their present form. */
export const onnxOpset = 13;

const irVersion = 8;

/** A constant of the model. */
interface Constant {
  readonly name: string;
  readonly dims: ReadonlyArray<number>;
  readonly values: ArrayLike<number>;
}

/** An operator with one output. */
interface Operation {
  readonly type: "Max" | "Min" | "Sub" | "Mul" | "Gemm" | "Tanh" | "Relu";
  readonly inputs: ReadonlyArray<string>;
  readonly output: string;
}

const message = (fields: (writer: protobuf.Writer) => void): Uint8Array => {
  const writer = protobuf.Writer.create();
  fields(writer);
  return writer.finish();
};
const length = (id: number): number => id << 3 | 2; // wire type of strings, bytes and messages
const integer = (id: number): number => id << 3;

const float = 1; // TensorProto.DataType

const tensorProto = ({ name, dims, values }: Constant): Uint8Array =>
  message((w) => {
    for (const dim of dims) w.uint32(integer(1)).int64(dim);
    w.uint32(integer(2)).int32(float).uint32(length(8)).string(name);
    w.uint32(length(9)).bytes(new Uint8Array(Float32Array.from(values).buffer)); // raw_data, little-endian
  });

const nodeProto = ({ type, inputs, output }: Operation): Uint8Array =>
  message((w) => {
    for (const input of inputs) w.uint32(length(1)).string(input);
    w.uint32(length(2)).string(output).uint32(length(3)).string(output).uint32(length(4)).string(type);
  });

/** (name, sizes; a text names a size that is open) ⇒ ValueInfoProto. */
const valueInfo = (name: string, sizes: ReadonlyArray<number | string>): Uint8Array => {
  const shape = message((w) => {
    for (const size of sizes) {
      const dimension = message((d) =>
        typeof size === "number" ? d.uint32(integer(1)).int64(size) : d.uint32(length(2)).string(size)
      );
      w.uint32(length(1)).bytes(dimension);
    }
  });
  const tensor = message((w) => w.uint32(integer(1)).int32(float).uint32(length(2)).bytes(shape));
  const type = message((w) => w.uint32(length(1)).bytes(tensor));
  return message((w) => w.uint32(length(1)).string(name).uint32(length(2)).bytes(type));
};

/** Operators and constants, in the order in which they compute. */
interface Graph {
  readonly operations: Operation[];
  readonly constants: Constant[];
}

const constant = (graph: Graph, name: string, values: ArrayLike<number>, dims = [values.length]): string => {
  graph.constants.push({ name, dims, values });
  return name;
};

const apply = (graph: Graph, type: Operation["type"], inputs: ReadonlyArray<string>, output: string): string => {
  graph.operations.push({ type, inputs, output });
  return output;
};

/** (graph, input, name, bounds [size] each) ⇒ the input clamped. */
const clamp = (graph: Graph, x: string, name: string, low: ArrayLike<number>, high: ArrayLike<number>): string => {
  const raised = apply(graph, "Max", [x, constant(graph, `${name}_low`, low)], `${name}_raised`);
  return apply(graph, "Min", [raised, constant(graph, `${name}_high`, high)], name);
};

const normalize = (graph: Graph, { mean, scale, bound }: NormalizerInUse): string => {
  const seen = bound === undefined ? "observation" : clamp(
    graph,
    "observation",
    "bounded",
    bound.map((x) => -x),
    bound,
  );
  const centred = apply(graph, "Sub", [seen, constant(graph, "mean", mean)], "centred");
  const scaled = apply(graph, "Mul", [centred, constant(graph, "scale", scale)], "scaled");
  const reach = mean.map(() => NORMALIZED_BOUND);
  return clamp(graph, scaled, "normalized", reach.map((x) => -x), reach);
};

const network = (graph: Graph, { shape: { sizes, activation }, theta }: PolicyParams, input: string): string => {
  let x = input, offset = 0;
  const last = sizes.length - 2;
  for (let layer = 0; layer <= last; layer++) {
    const [rows, columns] = [sizes[layer], sizes[layer + 1]], weights = offset + rows * columns;
    const inputs = [
      x,
      constant(graph, `weight_${layer}`, theta.subarray(offset, weights), [rows, columns]),
      constant(graph, `bias_${layer}`, theta.subarray(weights, weights + columns)),
    ];
    x = apply(graph, "Gemm", inputs, layer === last ? "mean_action" : `layer_${layer}`);
    if (layer < last) x = apply(graph, activation === "tanh" ? "Tanh" : "Relu", [x], `hidden_${layer}`);
    offset = weights + columns;
  }
  return x;
};

/** What a model is made of. */
export interface OnnxPolicy {
  /** θ_μ and log σ. */
  readonly policy: PolicyParams;
  /** Of the observations. */
  readonly normalizer: NormalizerInUse;
  /** [act] pairs of the least and the greatest control. */
  readonly controlRange: ReadonlyArray<readonly [number, number]>;
  /** Told to whoever opens the file. */
  readonly description: string;
}

/** (policy) ⇒ (ModelProto): input `observation` [N, obs]; outputs `action` and `mean_action` [N, act], `log_std` [act]. */
export const onnxPolicy = ({ policy, normalizer, controlRange, description }: OnnxPolicy): Uint8Array => {
  const { sizes } = policy.shape, [observations, actions] = [sizes[0], sizes[sizes.length - 1]];
  const graph: Graph = { operations: [], constants: [] };
  const mean = network(graph, policy, normalize(graph, normalizer));
  clamp(graph, mean, "action", controlRange.map(([low]) => low), controlRange.map(([, high]) => high));
  constant(graph, "log_std_value", policy.theta.subarray(mlpParameterCount(policy.shape)));
  apply(graph, "Mul", ["log_std_value", constant(graph, "one", [1])], "log_std"); // an output must be computed
  const graphProto = message((w) => {
    for (const operation of graph.operations) w.uint32(length(1)).bytes(nodeProto(operation));
    w.uint32(length(2)).string("policy");
    for (const each of graph.constants) w.uint32(length(5)).bytes(tensorProto(each));
    w.uint32(length(10)).string(description).uint32(length(11)).bytes(valueInfo("observation", ["N", observations]));
    w.uint32(length(12)).bytes(valueInfo("action", ["N", actions]));
    w.uint32(length(12)).bytes(valueInfo("mean_action", ["N", actions]));
    w.uint32(length(12)).bytes(valueInfo("log_std", [actions]));
  });
  const opset = message((w) => w.uint32(length(1)).string("").uint32(integer(2)).int64(onnxOpset));
  return message((w) =>
    w.uint32(integer(1)).int64(irVersion).uint32(length(2)).string("mscv")
      .uint32(length(7)).bytes(graphProto).uint32(length(8)).bytes(opset)
  );
};
