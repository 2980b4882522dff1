import { assertEquals, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { decodeSafetensors, encodeSafetensors, SafetensorsInvalid } from "../../src/program/safetensors.ts";
import type { TensorRecord } from "../../src/program/safetensors.ts";

const tensors = new Map<string, TensorRecord>([
  ["bytes", { shape: [3], data: Uint8Array.of(1, 0, 255) }],
  ["halves", { shape: [2, 1], data: Float32Array.of(0.5, -0.1) }],
  ["thirds", { shape: [1, 2], data: Float64Array.of(1 / 3, -0) }],
  ["counts", { shape: [2], data: Int32Array.of(-1, 2 ** 31 - 1) }],
  ["nothing", { shape: [0], data: new Float32Array(0) }],
]);
const file = { tensors, metadata: { made: "here" } };

Deno.test("what is written is read back, bit for bit", () => {
  const read = decodeSafetensors(encodeSafetensors(file));
  assertEquals(read.metadata, { made: "here" });
  assertEquals(new Map([...read.tensors].sort()), new Map([...tensors].sort()));
  assertEquals(Object.is(read.tensors.get("thirds")!.data[1], -0), true);
});

Deno.test("bytes in the middle of a larger buffer are read, and copied", () => {
  const bytes = encodeSafetensors(file);
  const shifted = Buffer.concat([Buffer.of(7), bytes]).subarray(1);
  const read = decodeSafetensors(shifted).tensors.get("thirds")!.data;
  shifted.fill(0);
  assertEquals(read[0], 1 / 3);
});

Deno.test("the layout is the format's: length, JSON header, data without gaps, widest elements first", () => {
  const bytes = encodeSafetensors(file);
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  assertEquals(length % 8, 0);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  assertEquals(header.__metadata__, { made: "here" });
  assertEquals(header.thirds, { dtype: "F64", shape: [1, 2], data_offsets: [0, 16] });
  assertEquals(header.bytes, { dtype: "U8", shape: [3], data_offsets: [32, 35] }); // after 2·8 + 2·4 + 2·4 bytes
  assertEquals(bytes.length, 8 + length + 35);
});

Deno.test("a file cut off anywhere is refused", () => {
  const bytes = encodeSafetensors(file);
  for (let length = 0; length < bytes.length; length++) {
    assertThrows(() => decodeSafetensors(bytes.subarray(0, length)), SafetensorsInvalid);
  }
});

Deno.test("an unknown dtype is named", () => {
  const text = JSON.stringify({ x: { dtype: "BF16", shape: [1], data_offsets: [0, 2] } });
  const bytes = new Uint8Array(8 + text.length + 2);
  bytes[0] = text.length;
  bytes.set(new TextEncoder().encode(text), 8);
  assertThrows(
    () => decodeSafetensors(bytes),
    SafetensorsInvalid,
    'tensor "x" must be one of F64, F32, I32, U8: it is BF16',
  );
});
