/**
 * The safetensors file format: 8 bytes little-endian header length, a JSON header
 * `{ name: { dtype, shape, data_offsets }, __metadata__ }`, then the data.
 *
 * Source: github.com/huggingface/safetensors, section "Format".
 *
 * @module
 */

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

/** Bytes that are no safetensors file. */
export class SafetensorsInvalid extends Error {
  /** The class name, as shown in a failure. */
  override readonly name = "SafetensorsInvalid";
}

const kinds = {
  F64: { bytes: 8, make: (buffer: ArrayBuffer): TensorData => new Float64Array(buffer) },
  F32: { bytes: 4, make: (buffer: ArrayBuffer): TensorData => new Float32Array(buffer) },
  I32: { bytes: 4, make: (buffer: ArrayBuffer): TensorData => new Int32Array(buffer) },
  U8: { bytes: 1, make: (buffer: ArrayBuffer): TensorData => new Uint8Array(buffer) },
};
type Dtype = keyof typeof kinds;

const dtypeOf = (data: TensorData): Dtype =>
  data instanceof Float64Array
    ? "F64"
    : data instanceof Float32Array
    ? "F32"
    : data instanceof Int32Array
    ? "I32"
    : "U8";

const bytesOf = (data: TensorData): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** (tensors, metadata) ⇒ (bytes). Widest elements come first, so that every array starts aligned. */
export const encodeSafetensors = ({ tensors, metadata }: TensorFile): Uint8Array<ArrayBuffer> => {
  const ordered = [...tensors].sort((a, b) => b[1].data.BYTES_PER_ELEMENT - a[1].data.BYTES_PER_ELEMENT);
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const [name, { shape, data }] of ordered) {
    header[name] = { dtype: dtypeOf(data), shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
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

const readHeader = (bytes: Uint8Array): { readonly header: Record<string, unknown>; readonly dataStart: number } => {
  if (bytes.length < 8) throw new SafetensorsInvalid(`it must hold at least 8 bytes: it holds ${bytes.length}`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (8 + length > bytes.length) throw new SafetensorsInvalid(`it is cut off within its header`);
  try {
    return { header: JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))), dataStart: 8 + length };
  } catch {
    throw new SafetensorsInvalid("its header must be JSON: it is not");
  }
};

const readTensor = (name: string, entry: unknown, data: Uint8Array): TensorRecord => {
  const { dtype, shape, data_offsets: [begin, end] } = entry as {
    readonly dtype: Dtype;
    readonly shape: ReadonlyArray<number>;
    readonly data_offsets: readonly [number, number];
  };
  if (!(dtype in kinds)) {
    throw new SafetensorsInvalid(`tensor "${name}" must be one of F64, F32, I32, U8: it is ${dtype}`);
  }
  const expected = shape.reduce((product, size) => product * size, kinds[dtype].bytes);
  if (end - begin !== expected) {
    throw new SafetensorsInvalid(`tensor "${name}" must hold ${expected} bytes: it holds ${end - begin}`);
  }
  if (begin < 0 || end > data.length) throw new SafetensorsInvalid(`it is cut off within tensor "${name}"`);
  return { shape, data: kinds[dtype].make(new Uint8Array(data.subarray(begin, end)).buffer) };
};

/** (bytes) ⇒ (tensors, metadata). Throws `SafetensorsInvalid`. */
export const decodeSafetensors = (bytes: Uint8Array): TensorFile => {
  const { header: { __metadata__: metadata, ...entries }, dataStart } = readHeader(bytes);
  const data = bytes.subarray(dataStart);
  const tensors = new Map(Object.entries(entries).map(([name, entry]) => [name, readTensor(name, entry, data)]));
  return { tensors, metadata: (metadata ?? {}) as Readonly<Record<string, string>> };
};
