/** The passes on memory that the caller lays out, by kernels and on arrays, against networks written anew in float64. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { mlpParameterCount, type MlpShape } from "../../../src/data/parameters.ts";
import { fold, makeKey } from "../../../src/math/random.ts";
import { startBackend, tensorCount } from "../../../src/nn/kernels/backend.ts";
import { makeWasmGemm } from "../../../src/nn/kernels/gemm.ts";
import { openHeap } from "../../../src/nn/kernels/heap.ts";
import { makeHeapEngine } from "../../../src/nn/kernels/heap_engine.ts";
import { makeSimdKernels } from "../../../src/nn/kernels/simd.ts";
import { openArena } from "../../../src/nn/passes/arena.ts";
import { makeArrayMemory } from "../../../src/nn/passes/array_memory.ts";
import { widestLayer } from "../../../src/nn/passes/layers.ts";
import { plainEngine } from "../../../src/nn/passes/mlp_engine.ts";
import { OutOfMemory } from "../../../src/nn/passes/out_of_memory.ts";
import { type Passes, placedMlp } from "../../../src/nn/passes/passes.ts";
import { adamStep } from "../../../src/nn/training/adam.ts";
import { adamInPlace } from "../training/plain_training.ts";
import { assertClose, bySkipNothing, differences, normals, reference, rows } from "../reference.ts";

await startBackend({ kernels: "off" });
const heap = openHeap(), simd = makeSimdKernels(heap), key = makeKey(61);
const everyPasses: ReadonlyArray<readonly [string, Passes]> = [
  ["kernels", makeHeapEngine(heap, simd, makeWasmGemm(heap, simd)).passes],
  ["arrays", plainEngine.passes],
];

const shapes: ReadonlyArray<MlpShape> = [
  { sizes: [3, 6, 5, 2], activation: "tanh" },
  { sizes: [4, 9, 1], activation: "relu" },
  { sizes: [2, 3], activation: "tanh" },
  { sizes: [3, 6, 5, 2], activation: "relu", skip: true },
];

/** Everything that a network's passes make of n rows: y, two times ∂L/∂θ on top of 1, ∂L/∂x, ẏ. */
const everything = (
  passes: Passes,
  shape: MlpShape,
  { theta, x, dy, direction }: Readonly<Record<"theta" | "x" | "dy" | "direction", Float32Array>>,
) => {
  const { sizes } = shape, n = x.length / sizes[0], count = theta.length, outputs = sizes[sizes.length - 1];
  const { places: at, free } = openArena(passes, (take) => ({
    theta: take(count),
    direction: take(count),
    gradient: take(count),
    spare: take(2 * n * widestLayer(shape)),
    dy: take(n * outputs),
    input: take(n * sizes[0]),
    rate: take(n * outputs),
    layers: sizes.map((size) => take(n * size)),
  }));
  const network = placedMlp(shape, at.theta),
    read = (place: number, size: number) => passes.floats().slice(place, place + size);
  passes.floats().set(theta, at.theta);
  passes.floats().set(direction, at.direction);
  passes.floats().set(x, at.layers[0]);
  passes.floats().set(dy, at.dy);
  passes.floats().fill(1, at.gradient, at.gradient + count);
  passes.floats().fill(NaN, at.input, at.input + n * sizes[0]); // what is overwritten
  passes.forward(network, at.layers, n);
  passes.backward(network, at.layers, at.dy, n, { spare: at.spare, input: at.input, theta: at.gradient });
  const input = read(at.input, n * sizes[0]);
  passes.floats().fill(NaN, at.input, at.input + n * sizes[0]);
  passes.backward(network, at.layers, at.dy, n, { spare: at.spare, input: null, theta: at.gradient });
  assert(read(at.input, n * sizes[0]).every(Number.isNaN));
  const gradient = read(at.gradient, count);
  passes.backward(network, at.layers, at.dy, n, { spare: at.spare, input: at.input, theta: null });
  assertEquals(read(at.gradient, count), gradient);
  assertEquals(read(at.input, n * sizes[0]), input);
  passes.tangent(network, at.layers, { direction: at.direction, spare: at.spare, output: at.rate }, n);
  const found = {
    y: read(at.layers[sizes.length - 1], n * outputs),
    gradient,
    input,
    rate: read(at.rate, n * outputs),
  };
  free();
  return found;
};

for (const [name, passes] of everyPasses) {
  for (const shape of shapes) {
    Deno.test(`${name}: forward, backward and tangent of ${JSON.stringify(shape)} equal float64 and its differences`, () => {
      const before = tensorCount(), [inputs, outputs] = [shape.sizes[0], shape.sizes[shape.sizes.length - 1]], n = 7;
      const count = mlpParameterCount(shape);
      const theta = normals(fold(key, 1), count, .5), x = normals(fold(key, 2), n * inputs);
      const dy = normals(fold(key, 3), n * outputs), direction = normals(fold(key, 4), count);
      const found = everything(passes, shape, { theta, x, dy, direction });
      const yOf = (t: ArrayLike<number>, at: ArrayLike<number>) =>
        rows(at, inputs).flatMap((row) => reference(shape, t, row));
      const loss = (t: ArrayLike<number>, at: ArrayLike<number>) =>
        yOf(t, at).reduce((sum, y, i) => sum + dy[i] * y, 0);
      assertClose(found.y, yOf(theta, x), 1e-6);
      assertClose(
        found.gradient.map((g) => (g - 1) / 2),
        bySkipNothing(shape, differences((t) => loss(t, x), theta)),
        1e-5,
      );
      assertClose(found.input, differences((at) => loss(theta, at), x), 1e-5);
      const trained = bySkipNothing(shape, Float64Array.from(direction));
      const along = (h: number) => yOf(Float64Array.from(theta, (t, i) => t + h * trained[i]), x);
      const [above, below] = [along(1e-5), along(-1e-5)];
      assertClose(found.rate, above.map((y, i) => (y - below[i]) / 2e-5), 1e-5);
      assertEquals(tensorCount(), before);
    });
  }

  Deno.test(`${name}: Adam equals the one on arrays of its own, vectors and remainder`, () => {
    const n = 4003, place = passes.allocate(4 * n + 8);
    const [theta, gradient, first] = [1, 2, 3].map((label) => normals(fold(makeKey(6), label), n));
    const second = first.map((m) => m * m + .1), state = { first, second, step: 4 };
    const places = { theta: place, gradient: place + n, first: place + 2 * n, second: place + 3 * n };
    [theta, gradient, first, second].forEach((x, i) => passes.floats().set(x, place + i * n));
    passes.adam({ ...places, numbers: place + 4 * n }, n, adamStep({ learningRate: .01 }, 5));
    const found = [0, 2, 3].map((i) => passes.floats().slice(place + i * n, place + (i + 1) * n));
    passes.free(place);
    const { step } = adamInPlace(theta, gradient, state, { learningRate: .01 });
    assertEquals(step, 5);
    found.forEach((actual, i) => assertClose(actual, [theta, first, second][i], 3e-7));
  });

  Deno.test(`${name}: a running mean moves by its rate, vectors and remainder, and leaves θ`, () => {
    const n = 4003, place = passes.allocate(2 * n + 8);
    const [theta, mean] = [1, 2].map((label) => normals(fold(makeKey(7), label), n));
    passes.floats().set(theta, place);
    passes.floats().set(mean, place + n);
    passes.average({ theta: place, mean: place + n, numbers: place + 2 * n }, n, .3);
    const found = passes.floats().slice(place, place + 2 * n);
    passes.free(place);
    assertEquals(found.subarray(0, n), theta);
    assertClose(found.subarray(n), mean.map((m, i) => .7 * m + .3 * theta[i]), 3e-7);
  });
}

Deno.test("memory of an array: pieces do not overlap, gaps are used again, what lies there survives growth", () => {
  const { allocate, free, floats } = makeArrayMemory(), [a, b, c] = [3, 5, 4].map(allocate);
  assertEquals([a, b, c], [0, 3, 8]);
  floats().set([1, 2, 3], a);
  floats().set([4, 5, 6, 7], c);
  free(b);
  assertEquals([allocate(2), allocate(3), allocate(1)], [3, 5, 12]); // within the gap of five, then behind the last
  const large = allocate(10_000);
  assertEquals([large, [...floats().subarray(a, 3)], [...floats().subarray(c, c + 4)]], [13, [1, 2, 3], [4, 5, 6, 7]]);
  assert(floats().length >= large + 10_000);
  assertThrows(() => allocate(2 ** 50), OutOfMemory);
  free(large);
  assertEquals(allocate(1), 13); // what failed holds nothing
});
