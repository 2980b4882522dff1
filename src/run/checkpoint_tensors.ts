/**
 * Training state ⇄ named tensors and a structure that says where each belongs.
 *
 * Every array of a record becomes a tensor named by its path (`normalizer.mean`, `value.adam.first`, `envs.state`), and
 * every number or string stays in the structure. The flat θ of a network is cut into its layers, as readers of other
 * languages expect it:
 *
 *   policy.layer0.weight [in, out]  policy.layer0.bias [out]  …  policy.logStd [act]
 *   value.layer0.weight  …  value.target.layer0.weight  …  model.layer0.weight  …
 *
 * @module
 */
import type { Batch } from "../data/batch.ts";
import type { MlpShape } from "../data/parameters.ts";
import type { TensorData, TensorRecord } from "../files/safetensors.ts";

/** JSON in which `{ $tensors: [names] }` stands for one array, cut into the named tensors. */
export type Structure =
  | null
  | boolean
  | number
  | string
  | ReadonlyArray<Structure>
  | { readonly [name: string]: Structure };

/** A record taken apart. */
export interface Packed {
  readonly structure: Structure;
  readonly tensors: ReadonlyMap<string, TensorRecord>;
}

/** (name, number of elements) ⇒ shape of a tensor. */
export type ShapeOf = (name: string, length: number) => ReadonlyArray<number>;

type Record_ = Readonly<Record<string, unknown>>;
type Parts = Array<readonly [string, TensorRecord]>;

const isTensorData = (value: unknown): value is TensorData =>
  value instanceof Float32Array || value instanceof Float64Array || value instanceof Int32Array ||
  value instanceof Uint8Array;

const isRecord = (value: unknown): value is Record_ =>
  value !== null && typeof value === "object" && !Array.isArray(value) && !ArrayBuffer.isView(value);

const mlpShapeOf = (record: Record_): MlpShape | null =>
  isRecord(record.shape) && Array.isArray(record.shape.sizes) ? record.shape as unknown as MlpShape : null;

/** (θ, shape) ⇒ its layers, and what follows them: a skip connection of the dynamics, `logStd` of a policy. */
const cutLayers = (theta: TensorData, { sizes, skip }: MlpShape, prefix: string): Parts => {
  const parts: Parts = [];
  let offset = 0;
  const take = (name: string, shape: ReadonlyArray<number>) => {
    const length = shape.reduce((product, size) => product * size, 1);
    parts.push([`${prefix}.${name}`, { shape, data: theta.slice(offset, offset + length) as TensorData }]);
    offset += length;
  };
  for (let i = 0; i + 1 < sizes.length; i++) {
    take(`layer${i}.weight`, [sizes[i], sizes[i + 1]]);
    take(`layer${i}.bias`, [sizes[i + 1]]);
  }
  if (skip !== undefined) take("skip.weight", [sizes[0], sizes[sizes.length - 1]]);
  if (offset < theta.length) take("logStd", [theta.length - offset]);
  return parts;
};

const join = (prefix: string, name: string): string => prefix === "" ? name : `${prefix}.${name}`;

/** (record, prefix of the names, shapes) ⇒ (structure, tensors). Throws on a kind of array that a file cannot hold. */
export const pack = (value: unknown, prefix: string, shapeOf: ShapeOf): Packed => {
  const tensors = new Map<string, TensorRecord>();
  const keep = (parts: Parts): Structure => {
    for (const [name, tensor] of parts) tensors.set(name, tensor);
    return { $tensors: parts.map(([name]) => name) };
  };
  const visit = (inner: unknown, path: string): Structure => {
    if (isTensorData(inner)) return keep([[path, { shape: shapeOf(path, inner.length), data: inner }]]);
    if (Array.isArray(inner)) return inner.map((item, i) => visit(item, join(path, String(i))));
    if (isRecord(inner)) return visitRecord(inner, path);
    if (inner === null || typeof inner === "string" || typeof inner === "boolean") return inner;
    if (typeof inner === "number" && Number.isFinite(inner)) return inner;
    throw new Error(`Cannot write "${path}" as it must be an array or a finite number: current value is ${inner}`);
  };
  const visitRecord = (record: Record_, path: string): Structure => {
    const shape = mlpShapeOf(record);
    const entries = Object.entries(record).map(([name, inner]): readonly [string, Structure] => {
      if (shape !== null && name === "theta") return [name, keep(cutLayers(inner as TensorData, shape, path))];
      if (shape !== null && name === "target") {
        return [name, keep(cutLayers(inner as TensorData, shape, join(path, name)))];
      }
      return [name, visit(inner, join(path, name))];
    });
    return Object.fromEntries(entries);
  };
  return { structure: visit(value, prefix), tensors };
};

const glue = (names: ReadonlyArray<string>, tensors: ReadonlyMap<string, TensorRecord>): TensorData => {
  const parts = names.map((name) => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new Error(`tensor "${name}" must be there: it is not`);
    return tensor.data;
  });
  if (parts.length === 1) return parts[0];
  const length = parts.reduce((total, part) => total + part.length, 0);
  const whole = new (parts[0].constructor as new (length: number) => TensorData)(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
};

/** (structure, tensors) ⇒ the record that `pack` took apart, bit for bit. Throws on a missing tensor. */
export const unpack = (structure: Structure, tensors: ReadonlyMap<string, TensorRecord>): unknown => {
  if (Array.isArray(structure)) return structure.map((item) => unpack(item, tensors));
  if (!isRecord(structure)) return structure;
  if (Array.isArray(structure.$tensors)) return glue(structure.$tensors, tensors);
  return Object.fromEntries(
    Object.entries(structure).map(([name, inner]) => [name, unpack(inner as Structure, tensors)]),
  );
};

/** Shapes of the state without its memory: rows of `envs` belong to one environment each. */
export const stateShape = (environments: number): ShapeOf => (name, length) =>
  name === "envs.state" && environments > 0 && length % environments === 0
    ? [environments, length / environments]
    : [length];

/** Shapes of a batch's arrays: [T, N, ·], [T, N] or [episodes]. */
export const batchShape =
  ({ steps, environments }: Pick<Batch, "steps" | "environments">): ShapeOf => (name, length) => {
    const cells = steps * environments;
    if (name.startsWith("episode") || cells === 0 || length % cells !== 0) return [length];
    return length === cells && !["observation", "nextObservation", "action", "noise", "state"].includes(name)
      ? [steps, environments]
      : [steps, environments, length / cells];
  };
