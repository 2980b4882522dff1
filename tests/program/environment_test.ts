import { assertEquals } from "@std/assert";
import { resumeEnvironment } from "../../src/program/environment.ts";

const backend = { kernels: "simd", blas: null };

Deno.test("an environment of another form tells nothing, and the resume is recorded", () => {
  const others = ["", "null", "5", "[]", '"x"', '{"resumed":5}', '{"resumed":[null]}', '{"backend":"x"}'];
  for (const recorded of others) {
    const { text, warning } = resumeEnvironment(recorded, backend, 3);
    const { resumed } = JSON.parse(text);
    assertEquals([resumed.length, resumed[0].iteration, warning], [1, 3, null], recorded);
  }
  const { warning } = resumeEnvironment('{"backend":{"kernels":"none"}}', backend, 3);
  assertEquals(warning?.includes("it ran with kernels none, BLAS none"), true);
});
