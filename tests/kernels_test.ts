/**
 * Whichever kernels run, an iteration means the same: with BLAS where there is one, with our own, and with the tensor
 * library's.
 *
 * They sum in different orders, so results differ by float32 rounding: 2⁻²⁴ = 6e-8 an operation, sums over some hundred
 * rows, and the conjugate gradient and Adam, which divide by small numbers, amplify it some hundred times more. About
 * 1e-5 of a change is rounding; a wrong term of a gradient is far above 1e-3.
 *
 * @module
 */
import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import type { Change, OneIteration } from "./nn/kernels/one_iteration.ts";

const TOLERANCE = 1e-3;

const run = async (settings: Readonly<Record<string, string>>): Promise<OneIteration> => {
  const script = new URL("./nn/kernels/one_iteration.ts", import.meta.url).href;
  const { MSCV_BLAS: _blas, MSCV_KERNELS: _kernels, ...env } = Deno.env.toObject();
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", script],
    clearEnv: true,
    env: { ...env, NO_COLOR: "1", ...settings },
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals(code, 0, err);
  return JSON.parse(out);
};

const distance = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number =>
  Math.sqrt(a.reduce((sum, x, i) => sum + (x - b[i]) ** 2, 0));

/** Networks after the iteration, relative to how far it moved them. */
const assertSameChange = (found: Change, expected: Change, name: string): void => {
  assertEquals(found.before, expected.before, name);
  const moved = distance(expected.after, expected.before);
  assertGreater(moved, 0, name);
  assertLess(distance(found.after, expected.after), TOLERANCE * moved, name);
};

const assertSameMetrics = (found: OneIteration["metrics"], expected: OneIteration["metrics"]): void => {
  assertEquals(Object.keys(found), Object.keys(expected));
  for (const [name, x] of Object.entries(expected)) {
    const y = found[name];
    if (typeof x !== "number" || typeof y !== "number") assertEquals(y, x, name);
    else assert(Math.abs(y - x) <= TOLERANCE * Math.abs(x) + 1e-6, `${name}: ${y} against ${x}`);
  }
};

Deno.test("an iteration gives the same networks and metrics on all kernels, to rounding", async () => {
  const [fastest, own, plain] = await Promise.all([run({}), run({ MSCV_BLAS: "off" }), run({ MSCV_KERNELS: "off" })]);
  assertEquals([fastest, own, plain].map(({ kernels }) => kernels), ["auto", "auto", "off"]);
  assertEquals([own.blas, plain.blas], [null, null]);
  for (const found of [fastest, own]) {
    for (const name of ["policy", "value", "model"] as const) {
      assertSameChange(found.networks[name], plain.networks[name], name);
    }
    assertSameMetrics(found.metrics, plain.metrics);
  }
});
