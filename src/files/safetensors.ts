/**
 * The safetensors file format: 8 bytes little-endian header length, a JSON header
 * `{ name: { dtype, shape, data_offsets }, __metadata__ }`, then the data.
 *
 * Source: github.com/huggingface/safetensors, section "Format".
 *
 * @module
 */
import { type Dtype, metadataKey, readHeader } from "./safetensors_header.ts";

export { SafetensorsInvalid } from "./safetensors_header.ts";

/** Arrays that a file can hold: F32, F64, I32, U8. */
export type TensorData =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>;

/** A named array's content. */
export interface TensorRecord {
  readonly shape: ReadonlyArray<number>;
  /** Row-major. */
  readonly data: TensorData;
}

/** Content of a file. */
export interface TensorFile {
  readonly tensors: ReadonlyMap<string, TensorRecord>;
  readonly metadata: Readonly<Record<string, string>>;
}

const arrays: Readonly<Record<Dtype, (buffer: ArrayBuffer) => TensorData>> = {
  F64: (buffer) => new Float64Array(buffer),
  F32: (buffer) => new Float32Array(buffer),
  I32: (buffer) => new Int32Array(buffer),
  U8: (buffer) => new Uint8Array(buffer),
};

/** (array) ⇒ what a file calls its elements. */
export const dtypeOf = (data: TensorData): Dtype =>
  data instanceof Float64Array
    ? "F64"
    : data instanceof Float32Array
    ? "F32"
    : data instanceof Int32Array
    ? "I32"
    : "U8";

const bytesOf = (data: TensorData): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** Throws on what no reader would take, so that nothing is written that cannot be read back. */
const refuseUnwritable = ({ tensors, metadata }: TensorFile): void => {
  const texts = [...tensors.keys(), ...Object.entries(metadata).flat()];
  const text = texts.find((each) => !each.isWellFormed());
  if (text !== undefined) throw new Error(`Cannot write ${JSON.stringify(text)} as it must be Unicode: it is not`);
  for (const [name, { shape, data }] of tensors) {
    const count = shape.reduce((product, size) => product * size, 1);
    if (name === metadataKey) throw new Error(`Cannot write a tensor "${name}" as that is the name of the metadata`);
    if (count !== data.length) {
      throw new Error(
        `Cannot write tensor "${name}" as its shape must hold ${data.length} elements: it holds ${count}`,
      );
    }
  }
};

/**
 * (tensors, metadata) ⇒ (bytes). Widest elements come first, so that every array starts aligned.
 *
 * Throws on a name or metadata that is no Unicode, on a tensor called `__metadata__`, and on a shape of another size.
 */
export const encodeSafetensors = (file: TensorFile): Uint8Array<ArrayBuffer> => {
  refuseUnwritable(file);
  const ordered = [...file.tensors].sort((a, b) => b[1].data.BYTES_PER_ELEMENT - a[1].data.BYTES_PER_ELEMENT);
  const header: Array<readonly [string, unknown]> = [[metadataKey, file.metadata]];
  let end = 0;
  for (const [name, { shape, data }] of ordered) {
    header.push([name, { dtype: dtypeOf(data), shape, data_offsets: [end, end + data.byteLength] }]);
    end += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const headerLength = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + end).fill(0x20, 8, 8 + headerLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.set(json, 8);
  let offset = 8 + headerLength;
  for (const [, { data }] of ordered) {
    bytes.set(bytesOf(data), offset);
    offset += data.byteLength;
  }
  return bytes;
};

/** (bytes) ⇒ (tensors, metadata). Throws `SafetensorsInvalid`. */
export const decodeSafetensors = (bytes: Uint8Array): TensorFile => {
  const { places, metadata, dataStart } = readHeader(bytes);
  const tensors = places.map(({ name, dtype, shape, begin, end }): readonly [string, TensorRecord] => {
    const data = new Uint8Array(bytes.subarray(dataStart + begin, dataStart + end)); // a copy, which starts aligned
    return [name, { shape, data: arrays[dtype](data.buffer) }];
  });
  return { tensors: new Map(tensors), metadata };
};
