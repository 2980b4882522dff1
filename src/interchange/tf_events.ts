/**
 * TensorBoard's event files.
 * (events) ⇒ (bytes), and back
 *
 * A file is a sequence of records: length (uint64), masked CRC-32C of those eight bytes, a serialised `Event`, masked CRC-32C
 * of it; all little-endian. Only what is shown as a scalar or as text is written or read.
 *
 * Source: TensorFlow, `tensorflow/core/util/event.proto`, `core/framework/summary.proto`, `core/lib/io/record_writer.h`.
 *
 * @module
 */
import CRC32C from "crc-32/crc32c.js";
import protobuf from "protobufjs/minimal.js";

/** Numbers and texts at one step. */
export interface Event {
  /** s since 1970 */
  readonly wallTime: number;
  /** Environment steps, or whatever the x axis counts. */
  readonly step: number;
  /** By tag. Kept as float32, which is all that scalars have there. */
  readonly scalars: Readonly<Record<string, number>>;
  /** By tag, in Markdown; absent: none. */
  readonly texts?: Readonly<Record<string, string>>;
}

/** A file that is none of TensorBoard's, or is damaged. */
export class EventFileInvalid extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "EventFileInvalid";
  /** The class name, as shown. */
  override readonly name = "EventFileInvalid";
}

const field = { wallTime: 1, step: 2, fileVersion: 3, summary: 5 } as const; // of Event
const valueField = { tag: 1, simpleValue: 2, tensor: 8, metadata: 9 } as const; // of Summary.Value
const varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5; // wire types

const tagOf = (id: number, type: number): number => (id << 3 | type) >>> 0;

const textMetadata = (): Uint8Array => {
  const plugin = protobuf.Writer.create().uint32(tagOf(1, bytes)).string("text").finish(); // PluginData.plugin_name
  return protobuf.Writer.create().uint32(tagOf(1, bytes)).bytes(plugin).finish();
};

const stringTensor = (text: string): Uint8Array => {
  const size = protobuf.Writer.create().uint32(tagOf(1, varint)).int64(1).finish(); // TensorShapeProto.Dim.size
  const shape = protobuf.Writer.create().uint32(tagOf(2, bytes)).bytes(size).finish();
  return protobuf.Writer.create().uint32(tagOf(1, varint)).int32(7) // DT_STRING
    .uint32(tagOf(2, bytes)).bytes(shape).uint32(tagOf(8, bytes)).string(text).finish();
};

const valueMessage = (tag: string): protobuf.Writer =>
  protobuf.Writer.create().uint32(tagOf(valueField.tag, bytes)).string(tag);

const summaryOf = ({ scalars, texts = {} }: Event): Uint8Array => {
  const writer = protobuf.Writer.create();
  const add = (value: Uint8Array) => writer.uint32(tagOf(1, bytes)).bytes(value); // Summary.value
  for (const [tag, value] of Object.entries(scalars)) {
    add(valueMessage(tag).uint32(tagOf(valueField.simpleValue, fixed32)).float(value).finish());
  }
  for (const [tag, text] of Object.entries(texts)) {
    add(
      valueMessage(tag).uint32(tagOf(valueField.tensor, bytes)).bytes(stringTensor(text))
        .uint32(tagOf(valueField.metadata, bytes)).bytes(textMetadata()).finish(),
    );
  }
  return writer.finish();
};

/** (data) ⇒ its checksum as records hold it. */
const maskedCrc = (data: Uint8Array): number => {
  const crc = CRC32C.buf(data) >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
};

const record = (data: Uint8Array): Uint8Array => {
  const out = new Uint8Array(data.length + 16), view = new DataView(out.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc(out.subarray(0, 8)), true);
  out.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc(data), true);
  return out;
};

const timed = (wallTime: number): protobuf.Writer =>
  protobuf.Writer.create().uint32(tagOf(field.wallTime, fixed64)).double(wallTime);

/** A number at its default is left out, as proto3 has it. */
const stepped = (writer: protobuf.Writer, step: number): protobuf.Writer =>
  step === 0 ? writer : writer.uint32(tagOf(field.step, varint)).int64(step);

/** (s since 1970) ⇒ the record that every file begins with. */
export const fileHeader = (wallTime: number): Uint8Array =>
  record(timed(wallTime).uint32(tagOf(field.fileVersion, bytes)).string("brain.Event:2").finish());

/** (event) ⇒ its record. */
export const eventRecord = (event: Event): Uint8Array =>
  record(
    stepped(timed(event.wallTime), event.step).uint32(tagOf(field.summary, bytes)).bytes(summaryOf(event)).finish(),
  );

/** Splits a file into its records. Throws EventFileInvalid; a last record that is cut off is left out. */
function* recordsIn(file: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let at = 0; at + 12 <= file.length;) {
    const length = Number(view.getBigUint64(at, true)), end = at + 12 + length;
    if (view.getUint32(at + 8, true) !== maskedCrc(file.subarray(at, at + 8))) {
      throw new EventFileInvalid(`the length of the record at byte ${at} has another checksum`);
    }
    if (end + 4 > file.length) return; // being written
    const data = file.subarray(at + 12, end);
    if (view.getUint32(end, true) !== maskedCrc(data)) {
      throw new EventFileInvalid(`the record at byte ${at} has another checksum`);
    }
    yield data;
    at = end + 4;
  }
}

/** (message, what to do with a field: true where it was read) ⇒ reads it to its end. */
const eachField = (message: Uint8Array, read: (id: number, reader: protobuf.Reader) => boolean): void => {
  const reader = protobuf.Reader.create(message);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (!read(tag >>> 3, reader)) reader.skipType(tag & 7);
  }
};

/** (TensorProto) ⇒ its only number; null where it is none. */
const scalarTensor = (message: Uint8Array): number | null => {
  let type = 0, value: number | null = null, content: Uint8Array | null = null;
  eachField(message, (id, reader) => {
    if (id === 1) type = reader.int32();
    else if (id === 4) content = reader.bytes(); // tensor_content
    else if (id === 5 && type === 1) value = floatIn(reader.bytes()); // packed float_val
    else return false;
    return true;
  });
  if (content === null) return value;
  const raw: Uint8Array = content, view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  if (type === 1 && raw.length === 4) return view.getFloat32(0, true);
  return type === 2 && raw.length === 8 ? view.getFloat64(0, true) : null;
};

/** (bytes) ⇒ the one float that they hold; null where they hold none or more. */
const floatIn = (raw: Uint8Array): number | null =>
  raw.length === 4 ? new DataView(raw.buffer, raw.byteOffset, 4).getFloat32(0, true) : null;

const readValue = (message: Uint8Array, into: Record<string, number>): void => {
  let tag = "", value: number | null = null;
  eachField(message, (id, reader) => {
    if (id === valueField.tag) tag = reader.string();
    else if (id === valueField.simpleValue) value = reader.float();
    else if (id === valueField.tensor) value = scalarTensor(reader.bytes());
    else return false;
    return true;
  });
  if (value !== null) into[tag] = value;
};

const readEvent = (message: Uint8Array): Event => {
  let wallTime = 0, step = 0;
  const scalars: Record<string, number> = {};
  eachField(message, (id, reader) => {
    if (id === field.wallTime) wallTime = reader.double();
    else if (id === field.step) step = Number(reader.int64());
    else if (id === field.summary) {
      eachField(reader.bytes(), (id, inner) => id === 1 && (readValue(inner.bytes(), scalars), true));
    } else return false;
    return true;
  });
  return { wallTime, step, scalars };
};

/** (file) ⇒ (events that hold scalars, in the order of the file). Throws EventFileInvalid. */
export const readEvents = (file: Uint8Array): ReadonlyArray<Event> => {
  if (file.length > 0 && file.length < 12) throw new EventFileInvalid("it is too short for a record");
  try {
    return [...recordsIn(file)].map(readEvent).filter(({ scalars }) => Object.keys(scalars).length > 0);
  } catch (error) {
    throw error instanceof EventFileInvalid ? error : new EventFileInvalid((error as Error).message);
  }
};
