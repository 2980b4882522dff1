import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Buffer } from "node:buffer";
import { decodeSafetensors, encodeSafetensors, SafetensorsInvalid } from "../../src/files/safetensors.ts";
import type { TensorRecord } from "../../src/files/safetensors.ts";

const tensors = new Map<string, TensorRecord>([
  ["bytes", { shape: [3], data: Uint8Array.of(1, 0, 255) }],
  ["halves", { shape: [2, 1], data: Float32Array.of(0.5, -0.1) }],
  ["thirds", { shape: [1, 2], data: Float64Array.of(1 / 3, -0) }],
  ["counts", { shape: [2], data: Int32Array.of(-1, 2 ** 31 - 1) }],
  ["nothing", { shape: [0], data: new Float32Array(0) }],
  ["scalar", { shape: [], data: Float32Array.of(7) }],
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
  assertEquals(header.bytes, { dtype: "U8", shape: [3], data_offsets: [36, 39] }); // after 2·8 + 2·4 + 2·4 + 4 bytes
  assertEquals(bytes.length, 8 + length + 39);
});

Deno.test("a file cut off anywhere is refused", () => {
  const bytes = encodeSafetensors(file);
  for (let length = 0; length < bytes.length; length++) {
    assertThrows(() => decodeSafetensors(bytes.subarray(0, length)), SafetensorsInvalid);
  }
});

/** (header, bytes of data, header's length where that is to be wrong) ⇒ a file. */
const fileOf = (header: string | Uint8Array, data: number, length?: bigint): Uint8Array => {
  const json = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + json.length + data);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
};
const place = (dtype: string, shape: string, offsets: string) =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;
const u8 = (from: number, to: number) => place("U8", `[${to - from}]`, `[${from},${to}]`);
const deep = "[".repeat(200000) + "]".repeat(200000);
const notUtf8 = Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d);

// what each is answered with by PyPI safetensors 0.8 is in brackets where that is not the same
const refused: ReadonlyArray<readonly [string, Uint8Array, string]> = [
  ["nothing", new Uint8Array(0), "must hold at least 8 bytes"],
  ["a length beyond the file", fileOf("{}", 0, 3n), "cut off within its header"],
  ["a length beyond the limit", fileOf("{}", 0, 100_000_001n), "at most 100000000 bytes: it is of 100000001"],
  ["a length beyond 2^53", fileOf("{}", 0, 2n ** 63n), "at most 100000000 bytes"],
  ["no UTF-8", fileOf(notUtf8, 0), "it must be UTF-8"],
  ["a byte order mark", fileOf(Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d), 0), "must begin with {"],
  ["half a surrogate pair", fileOf(`{"\\ud800":${u8(0, 1)}}`, 1), "must be Unicode"],
  ["no JSON", fileOf("{", 0), "it must be JSON"],
  ["a comma at its end", fileOf('{"__metadata__":{},}', 0), "it must be JSON"],
  ["a comma in place of all", fileOf("{,}", 0), "it must be JSON"],
  ["a string without end", fileOf('{"a', 0), "it must be JSON"],
  ["a wrong escape", fileOf('{"\\x":1}', 0), "it must be JSON"],
  ["a control character in a name", fileOf('{"\n":1}', 0), "it must be JSON"],
  ["a number with a nought before it", fileOf('{"a":01}', 0), "it must be JSON"],
  ["text after the JSON", fileOf("{}\0", 0), "it must be JSON"],
  ["a space before it [accepted]", fileOf(" {}", 0), "must begin with {"],
  ["a list", fileOf("[]", 0), "must begin with {"],
  ["null", fileOf("null", 0), "must begin with {"],
  ["a number", fileOf("5", 0), "must begin with {"],
  ["a text", fileOf('"a"', 0), "must begin with {"],
  ["lists without end", fileOf(`{"a":${deep}}`, 0), "127 deep at most"],
  ["one name twice", fileOf(`{"a":${u8(0, 1)},"a":${u8(1, 2)}}`, 2), '"a" stands twice'],
  ["one name twice, escaped", fileOf(`{"a":${u8(0, 1)},"\\u0061":${u8(1, 2)}}`, 2), '"a" stands twice'],
  ["one empty tensor twice [accepted]", fileOf(`{"a":${u8(0, 0)},"a":${u8(0, 0)}}`, 0), '"a" stands twice'],
  ["a part twice", fileOf(`{"a":{"dtype":"F32",${u8(0, 1).slice(1)}}`, 1), '"dtype" stands twice'],
  ["metadata twice", fileOf('{"__metadata__":{},"__metadata__":{}}', 0), "stands twice"],
  ["a metadata entry twice [accepted]", fileOf('{"__metadata__":{"x":"","x":""}}', 0), '"x" stands twice'],
  ["metadata that are a number", fileOf('{"__metadata__":5}', 0), "must hold texts by name"],
  ["metadata that are a list", fileOf('{"__metadata__":["a"]}', 0), "must hold texts by name"],
  ["metadata with a number", fileOf('{"__metadata__":{"a":1}}', 0), '"a" is none'],
  ["metadata that are a tensor", fileOf(`{"__metadata__":${u8(0, 1)}}`, 0), "is none"],
  ["a tensor that is a number", fileOf('{"a":5}', 0), 'tensor "a" must be one of F64, F32, I32, U8: it is not named'],
  ["a tensor that is null", fileOf('{"a":null}', 0), 'tensor "a" must be one of'],
  ["a tensor that is a list [accepted]", fileOf('{"a":["U8",[1],[0,1]]}', 1), 'tensor "a" must be one of'],
  [
    "an unknown dtype",
    fileOf(`{"x":${place("BF16", "[1]", "[0,2]")}}`, 2),
    'tensor "x" must be one of F64, F32, I32, U8: it is BF16',
  ],
  ["an inherited dtype", fileOf(`{"x":${place("toString", "[1]", "[0,2]")}}`, 2), "it is toString"],
  ["no shape", fileOf('{"a":{"dtype":"U8","data_offsets":[0,1]}}', 1), "must have a shape"],
  ["a shape that is a text", fileOf(`{"a":${place("U8", '"1"', "[0,1]")}}`, 1), "must have a shape"],
  ["negative sizes", fileOf(`{"a":${place("F32", "[-1,-2]", "[0,8]")}}`, 8), "must have a shape"],
  ["fractional sizes", fileOf(`{"a":${place("F32", "[0.5,4]", "[0,8]")}}`, 8), "must have a shape"],
  ["a size with a point", fileOf(`{"a":${place("U8", "[1.0]", "[0,1]")}}`, 1), "must have a shape"],
  ["a size with an exponent", fileOf(`{"a":${place("U8", "[1e0]", "[0,1]")}}`, 1), "must have a shape"],
  ["minus nothing", fileOf(`{"a":${place("U8", "[-0]", "[0,0]")}}`, 0), "must have a shape"],
  [
    "a size above 2^53 [accepted]",
    fileOf(`{"a":${place("U8", "[0,9007199254740993]", "[0,0]")}}`, 0),
    "must have a shape",
  ],
  ["a product above 2^64", fileOf(`{"a":${place("U8", "[4294967296,4294967296,0]", "[0,0]")}}`, 0), "fewer than 2^64"],
  [
    "a product that wraps to what is there",
    fileOf(`{"a":${place("F64", "[4503599627370496,4096]", "[0,0]")}}`, 0),
    "fewer than 2^64",
  ],
  ["no offsets", fileOf('{"a":{"dtype":"F32","shape":[2]}}', 8), "two data_offsets"],
  ["offsets as text", fileOf(`{"a":${place("F32", "[2]", '["0","8"]')}}`, 8), "two data_offsets"],
  ["three offsets", fileOf(`{"a":${place("U8", "[1]", "[0,1,2]")}}`, 1), "two data_offsets"],
  ["descending offsets", fileOf(`{"a":${place("U8", "[0]", "[1,0]")}}`, 1), "two data_offsets"],
  [
    "another length than the shape's",
    fileOf(`{"a":${place("F32", "[2]", "[0,7]")}}`, 7),
    "must hold 8 bytes: it holds 7",
  ],
  ["two tensors on the same bytes", fileOf(`{"a":${u8(0, 4)},"b":${u8(0, 4)}}`, 4), 'tensor "b" must begin at byte 4'],
  ["an empty tensor within another", fileOf(`{"a":${u8(0, 2)},"z":${u8(1, 1)}}`, 2), 'tensor "z" must begin at byte 2'],
  ["a hole between tensors", fileOf(`{"a":${u8(0, 1)},"b":${u8(5, 6)}}`, 6), 'tensor "b" must begin at byte 1'],
  ["a hole before the first", fileOf(`{"a":${u8(1, 2)}}`, 2), 'tensor "a" must begin at byte 0'],
  ["bytes after the last tensor", fileOf(`{"a":${u8(0, 1)}}`, 50), "49 bytes follow"],
  ["data cut off", fileOf(`{"a":${u8(0, 9)}}`, 8), "cut off after 8"],
  ["__proto__ that is a list", fileOf('{"__proto__":[]}', 0), 'tensor "__proto__" must be one of'],
];

for (const [what, bytes, reason] of refused) {
  Deno.test(`safetensors: refused: ${what}`, () => {
    const error = assertThrows(() => decodeSafetensors(bytes), SafetensorsInvalid, reason);
    assertEquals(error.message.includes("\n"), false);
  });
}

const unaligned = `{"a":${u8(0, 1)},"b":${place("F32", "[1]", "[1,5]")}}`;
const emptyBetween = `{"b":${u8(1, 2)},"z":${place("F32", "[3,0]", "[1,1]")},"a":${u8(0, 1)}}`;

// accepted by PyPI safetensors 0.8, too
const accepted: ReadonlyArray<readonly [string, Uint8Array, Readonly<Record<string, ReadonlyArray<number>>>]> = [
  ["nothing in it", fileOf("{}", 0), {}],
  ["metadata that are null", fileOf('{"__metadata__":null}', 0), {}],
  ["white space after the header", fileOf(`{"a":${u8(0, 1)}}\n\t `, 1), { a: [1] }],
  ["a scalar", fileOf(`{"a":${place("F32", "[]", "[0,4]")}}`, 4), { a: [] }],
  ["an empty tensor between two", fileOf(emptyBetween, 2), { a: [1], b: [1], z: [3, 0] }],
  ["unaligned data", fileOf(unaligned, 5), { a: [1], b: [1] }],
  ["a further part", fileOf(`{"a":{"x":{"dtype":[1.5,{}]},${u8(0, 1).slice(1)}}`, 1), { a: [1] }],
  ["the same name as a part", fileOf(`{"dtype":${u8(0, 1)},"shape":${u8(1, 2)}}`, 2), { dtype: [1], shape: [1] }],
  ["texts like JSON", fileOf(`{"__metadata__":{"{\\"a\\":":",\\"a\\":"},"a":${u8(0, 1)}}`, 1), { a: [1] }],
];

for (const [what, bytes, shapes] of accepted) {
  Deno.test(`safetensors: accepted: ${what}`, () => {
    const { tensors } = decodeSafetensors(bytes);
    assertEquals(Object.fromEntries([...tensors].sort().map(([name, { shape }]) => [name, shape])), shapes);
  });
}

const names = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.constantFrom("__proto__", "constructor", "toString", "1", "", '"', "\\", "dtype"),
).filter((name) => name !== "__metadata__" && name.isWellFormed());
const shapes = fc.array(fc.nat(4), { maxLength: 3 });
const arrays = [Float32Array, Float64Array, Int32Array, Uint8Array] as const;
const records = fc.tuple(shapes, fc.constantFrom(...arrays), fc.infiniteStream(fc.nat(255))).map(
  ([shape, Kind, bytes]): TensorRecord => {
    const data = new Kind(shape.reduce((a, b) => a * b, 1));
    const view = new Uint8Array(data.buffer);
    for (let i = 0; i < view.length; i++) view[i] = bytes.next().value;
    return { shape, data };
  },
);
const files = fc.record({
  tensors: fc.uniqueArray(fc.tuple(names, records), { selector: ([name]) => name, maxLength: 5 })
    .map((entries) => new Map(entries)),
  metadata: fc.array(fc.tuple(names, names), { maxLength: 3 }).map((entries) => Object.fromEntries(entries)),
});

/** Bits, so that two NaNs of other payloads differ. */
const bitsOf = (read: ReturnType<typeof decodeSafetensors>) =>
  [...read.tensors].sort(([a], [b]) => a < b ? -1 : 1).map(([name, { shape, data }]) =>
    [name, shape, data.constructor.name, ...new Uint8Array(data.buffer)] as const
  );

Deno.test("safetensors: any tensors and metadata are read back, bit for bit", () => {
  fc.assert(fc.property(files, (written) => {
    const read = decodeSafetensors(encodeSafetensors(written));
    assertEquals(bitsOf(read), bitsOf(written));
    assertEquals(Object.entries(read.metadata).sort(), Object.entries(written.metadata).sort());
  }));
});

const mutation = fc.oneof(
  fc.record({ kind: fc.constant("set" as const), at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) }),
  fc.record({ kind: fc.constant("cut" as const), at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(20) }),
  fc.record({ kind: fc.constant("put" as const), at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) }),
);

Deno.test("safetensors: whatever is done to the bytes, they are read or refused, and nothing is read beyond them", () => {
  fc.assert(
    fc.property(files, fc.array(mutation, { minLength: 1, maxLength: 4 }), (written, mutations) => {
      const bytes = mutations.reduce((before, { kind, at, byte }) => {
        const i = Math.floor(at * before.length);
        if (kind === "set") return before.map((x, j) => j === i ? byte : x);
        const after = kind === "cut" ? before.subarray(i + byte) : before.subarray(i);
        return Uint8Array.of(...before.subarray(0, i), ...(kind === "put" ? [byte] : []), ...after);
      }, encodeSafetensors(written));
      try {
        const { tensors } = decodeSafetensors(bytes);
        const held = [...tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
        assertEquals(held <= bytes.length, true);
      } catch (error) {
        assertEquals(error instanceof SafetensorsInvalid, true, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});

Deno.test("safetensors: what could not be read back is not written", () => {
  const one = { shape: [1], data: Uint8Array.of(1) };
  const write = (name: string, tensor: TensorRecord, metadata = {}) => () =>
    encodeSafetensors({ tensors: new Map([[name, tensor]]), metadata });
  assertThrows(write("__metadata__", one), Error, "is the name of the metadata");
  assertThrows(write("\ud800", one), Error, "must be Unicode");
  assertThrows(write("a", one, { a: "\udfff" }), Error, "must be Unicode");
  assertThrows(write("a", { ...one, shape: [2] }), Error, "must hold 1 elements: it holds 2");
});
