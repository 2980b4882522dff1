/**
 * The JSON header of a safetensors file, decoded as strictly as the format's reference reader does.
 * (bytes) ⇒ (places of the tensors, metadata, where the data starts)
 *
 * Source: github.com/huggingface/safetensors, `SafeTensors::read_metadata` and `Metadata::validate` of 0.8.
 * Departure: a name that stands twice is refused everywhere (there, the last of two metadata entries or empty tensors
 * counts); so are sizes above 2⁵³ − 1, a header that does not begin with `{`, and lists in place of records.
 *
 * @module
 */
import { parseStrictJson, quote, StrictJsonInvalid } from "./strict_json.ts";

/** Bytes that are no safetensors file. */
export class SafetensorsInvalid extends Error {
  /** The class name, as shown in a failure. */
  override readonly name = "SafetensorsInvalid";
}

/** Bytes of an element, by the names of what a file can hold here. */
export const dtypeBytes = { F64: 8, F32: 4, I32: 4, U8: 1 } as const;

/** F64, F32, I32 or U8. */
export type Dtype = keyof typeof dtypeBytes;

/** Where a tensor lies, and what it is. */
export interface TensorPlace {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: ReadonlyArray<number>;
  /** First byte, counted from the start of the data. */
  readonly begin: number;
  /** Byte after the last. */
  readonly end: number;
}

/** What a header says. */
export interface Header {
  /** In the header's order. */
  readonly places: ReadonlyArray<TensorPlace>;
  readonly metadata: Readonly<Record<string, string>>;
  /** First byte of the data. */
  readonly dataStart: number;
}

/** Key of the metadata, which no tensor can have as its name. */
export const metadataKey = "__metadata__";

const lengthBytes = 8;
const largestHeader = 100_000_000; // bytes, as in the reference reader
const largestCount = 2n ** 64n - 1n;

const refuse = (reason: string): never => {
  throw new SafetensorsInvalid(reason);
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value !== null && typeof value === "object" && !Array.isArray(value);

const parseJson = (bytes: Uint8Array): Readonly<Record<string, unknown>> => {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const header = text.startsWith("{") ? parseStrictJson(text) : null;
    if (isRecord(header)) return header;
  } catch (error) {
    return refuse(
      `its header cannot be read as ${
        error instanceof StrictJsonInvalid ? error.message : "it must be UTF-8: it is not"
      }`,
    );
  }
  return refuse("its header must begin with {: it does not");
};

const metadataOf = (value: unknown): Readonly<Record<string, string>> => {
  if (value === undefined || value === null) return {};
  if (!isRecord(value)) return refuse(`${metadataKey} must hold texts by name: it does not`);
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== "string") refuse(`${metadataKey} must hold texts: ${quote(name)} is none`);
  }
  return value as Readonly<Record<string, string>>;
};

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** (shape, bytes of an element) ⇒ bytes, as long as no product leaves 64 bits. */
const byteCount = (shape: ReadonlyArray<number>, name: string, bytes: number): bigint => {
  let count = 1n;
  for (const size of shape) {
    count *= BigInt(size);
    if (count > largestCount) refuse(`tensor ${quote(name)} must hold fewer than 2^64 elements: it does not`);
  }
  return count * BigInt(bytes);
};

const placeOf = (name: string, entry: unknown): TensorPlace => {
  const { dtype, shape, data_offsets: offsets } = isRecord(entry) ? entry : {};
  if (typeof dtype !== "string" || !Object.hasOwn(dtypeBytes, dtype)) {
    const found = typeof dtype === "string" ? quote(dtype).slice(1, -1) : "not named";
    return refuse(`tensor ${quote(name)} must be one of ${Object.keys(dtypeBytes).join(", ")}: it is ${found}`);
  }
  if (!Array.isArray(shape) || !shape.every(isSize)) {
    return refuse(`tensor ${quote(name)} must have a shape of whole numbers from 0 on: it has none`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize) || offsets[0] > offsets[1]) {
    return refuse(`tensor ${quote(name)} must have two data_offsets, ascending whole numbers: it has not`);
  }
  const [begin, end] = offsets, expected = byteCount(shape, name, dtypeBytes[dtype as Dtype]);
  if (BigInt(end - begin) !== expected) {
    return refuse(`tensor ${quote(name)} must hold ${expected} bytes: it holds ${end - begin}`);
  }
  return { name, dtype: dtype as Dtype, shape, begin, end };
};

/** The tensors must cover the data once, without a gap and to its end. */
const refuseGaps = (places: ReadonlyArray<TensorPlace>, dataLength: number): void => {
  let covered = 0;
  for (const { name, begin, end } of [...places].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered) {
      refuse(`tensor ${quote(name)} must begin at byte ${covered} of the data: it does at ${begin}`);
    }
    covered = end;
  }
  if (covered > dataLength) refuse(`it must hold ${covered} bytes of data: it is cut off after ${dataLength}`);
  if (covered < dataLength) refuse(`it must end with its last tensor: ${dataLength - covered} bytes follow`);
};

/** (bytes of a file) ⇒ (header). Throws `SafetensorsInvalid`; all places lie within the bytes. */
export const readHeader = (bytes: Uint8Array): Header => {
  if (bytes.length < lengthBytes) refuse(`it must hold at least ${lengthBytes} bytes: it holds ${bytes.length}`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, lengthBytes).getBigUint64(0, true);
  if (length > largestHeader) refuse(`its header must be of at most ${largestHeader} bytes: it is of ${length}`);
  const dataStart = lengthBytes + Number(length);
  if (dataStart > bytes.length) refuse("it is cut off within its header");
  const entries = Object.entries(parseJson(bytes.subarray(lengthBytes, dataStart)));
  const places = entries.filter(([name]) => name !== metadataKey).map(([name, entry]) => placeOf(name, entry));
  refuseGaps(places, bytes.length - dataStart);
  return { places, metadata: metadataOf(entries.find(([name]) => name === metadataKey)?.[1]), dataStart };
};
