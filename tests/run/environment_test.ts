/**
 * What decides the bits of a run is recorded, and compared when it is resumed.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describeEnvironment, resumeEnvironment } from "../../src/run/environment.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";

type Fields = Record<string, unknown>;

/** A backend in which every field says something. */
const backend: Fields = {
  kernels: "auto",
  blas: "/lib/libopenblas.so.0",
  blasLibrary: "OpenBLAS 0.3.21",
  blasCore: "Haswell",
  blasThreads: 1,
  multiplyAdd: "fused",
  wasm: "SIMD",
  line: "nn: 40 GFLOPS",
};

const recordOf = (of: Fields): Fields => ({ ...describeEnvironment(of) });
const warningOf = (record: unknown, now: Fields = backend): string | null =>
  resumeEnvironment(JSON.stringify(record), now, 3).warning;

/** Fields that decide no bit, whatever they say. */
const indifferent = new Set([
  ...["startedAt", "typescript", "effect", "memoryBytes", "gitCommit", "gitChanges"],
  ...["cpu.model", "cpu.count", "backend.line"], // the library has said which kernels it runs
]);

/** (record) ⇒ its fields by path, with how to replace one. */
const fieldsOf = (record: Fields): ReadonlyArray<readonly [path: string, replaced: Fields]> =>
  Object.entries(record).flatMap(([name, value]) =>
    typeof value === "object" && value !== null
      ? Object.keys(value).map((inner) => [`${name}.${inner}`, { ...record, [name]: { ...value, [inner]: "x y z" } }])
      : [[name, { ...record, [name]: "x y z" }]]
  );

Deno.test("the same environment warns of nothing; each field that decides bits is warned of alone, and no other", () => {
  const record = recordOf(backend);
  assertEquals(warningOf(record), null);
  for (const [path, replaced] of fieldsOf(record)) {
    const warning = warningOf(replaced);
    assertEquals(warning === null, indifferent.has(path), `${path}: ${warning}`);
    if (warning === null) continue;
    const [, before, now] = warning.match(/: it ran with ([^,]*), and goes on with ([^,]*)$/) ?? [];
    assert(before?.includes("x") && now !== undefined && now !== before, warning); // one thing on either side
  }
});

Deno.test("all that the backend reports is among what is compared or shown to decide nothing", async () => {
  const report: Fields = { ...await startBackend() };
  assertEquals(Object.keys(report).sort(), Object.keys(backend).sort());
});

Deno.test("another core of the same library is told in plain words, as are two differences at once", () => {
  const record = recordOf(backend);
  assertEquals(
    warningOf(record, { ...backend, blasCore: "SkylakeX" }),
    "results may differ in rounding from those of the uninterrupted run: " +
      "it ran with BLAS core Haswell, and goes on with BLAS core SkylakeX",
  );
  const without = { ...backend, blas: null, blasLibrary: null, blasCore: null, blasThreads: null };
  assertStringIncludes(
    warningOf(record, { ...without, multiplyAdd: "separate" })!,
    "it ran with BLAS /lib/libopenblas.so.0, multiply-add fused, and goes on with BLAS none, multiply-add separate",
  );
});

Deno.test("a library that does not say which kernels it runs is compared by the processor", () => {
  const silent = { ...backend, blasLibrary: null, blasCore: null, blasThreads: null }, record = recordOf(silent);
  assertEquals(warningOf(record, silent), null);
  const elsewhere = { ...record, cpu: { model: "another", count: 2 } };
  assertStringIncludes(warningOf(elsewhere, silent)!, "it ran with processor another, and goes on with processor ");
  const without = { ...silent, blas: null }; // nothing but our own kernels, which say what they are
  assertEquals(warningOf({ ...recordOf(without), cpu: elsewhere.cpu }, without), null);
});

Deno.test("what an earlier version did not record is not compared; what it did is", () => {
  const { kernels, blas, line } = backend;
  const { tfjsWasm: _, pureRand: __, ...rest } = recordOf({ kernels, blas, line }), old = { ...rest };
  assertEquals(warningOf(old), null);
  assertEquals(warningOf({ ...old, cpu: { model: "another", count: 2 } }), null);
  assertEquals(warningOf({}), null);
  assertStringIncludes(warningOf({ ...old, v8: "1.0" })!, "it ran with V8 1.0, and goes on with V8 ");
});

Deno.test("the last resume is what is compared with; the list keeps every one", () => {
  const record = recordOf({ ...backend, blasCore: "Prescott" });
  const first = resumeEnvironment(JSON.stringify(record), backend, 3);
  assertStringIncludes(first.warning!, "it ran with BLAS core Prescott, and goes on with BLAS core Haswell");
  const second = resumeEnvironment(first.text, backend, 5);
  assertEquals(second.warning, null);
  const { resumed, backend: original } = JSON.parse(second.text);
  assertEquals(original.blasCore, "Prescott");
  assertEquals(resumed.map((each: Fields) => each.iteration), [3, 5]);
});

for (
  const text of ["", "{", "null", "[1]", "7", '{"resumed": 3}', '{"resumed": [null, 1]}', '{"backend": "x", "os": 1}']
) {
  Deno.test(`an environment file that holds ${JSON.stringify(text)} is no obstacle, and becomes a whole one`, () => {
    const { text: written } = resumeEnvironment(text, backend, 3);
    const { resumed } = JSON.parse(written);
    assertEquals(resumed.at(-1).backend, backend);
    assertEquals(resumed.length, 1);
  });
}
