/**
 * The reference gradient: what decides it.
 *
 * @module
 */
import { oneFold } from "../../src/data/folds.ts";
import { assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { collectStationary } from "../../src/laboratory/collection.ts";
import { tailOf, truthBlock } from "../../src/laboratory/truth.ts";
import { makeKey } from "../../src/math/random.ts";
import { normalizeInto } from "../../src/nn/networks/normalizer.ts";
import { frozenAt } from "./frozen.ts";

const key = makeKey(21), norm = (x: Float32Array): number => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0));

Deno.test("tails are long enough that V counts 1%, up to 2000 steps", () => {
  assertEquals([0.9, 0.99, 0.995].map(tailOf), [44, 459, 919]); // ln .01 / ln γ = 43.7, 458.2, 918.7
  assertEquals([tailOf(0.9999), tailOf(1)], [2000, 2000]);
  assertAlmostEquals(0.995 ** tailOf(0.995), 0.00999, 1e-5);
});

Deno.test("the reference does not move with V: the physics goes on to where V counts for nothing", async () => {
  const frozen = await frozenAt("reacher");
  // another V, by a constant: without the tail, the ends of the batch would move against the rest
  const { first: { network: value } } = frozen.value, theta = value.theta.slice();
  theta[theta.length - 1] += 50;
  const raised = { ...frozen, value: oneFold({ ...value, theta }) };
  const shape = { environments: 4, steps: 20 };
  const moved = (tail: number) => {
    const plan = { shape, tail, discount: 0.9, states: 4 };
    const [one, other] = [frozen, raised].map((networks) => truthBlock(networks, plan, key).gradient);
    return norm(one.map((g, i) => g - other[i])) / norm(one);
  };
  assertLess(moved(150), 1e-3);
  assertGreater(moved(1), 0.1); // there is something to remove
});

Deno.test("states of the Fisher matrix are of all environments and of all stretches of a block", async () => {
  const frozen = await frozenAt("reacher"), shape = { environments: 10, steps: 50 }, states = 25;
  const block = truthBlock(frozen, { shape, tail: 1, discount: 0.9, states }, key),
    width = block.states.length / states;
  const { batch } = collectStationary(frozen, shape, 1, key), all = normalizeInto(frozen.normalizer, batch.observation);
  const rowOf = (i: number) => {
    const state = block.states.subarray(i * width, (i + 1) * width);
    return Array.from({ length: 500 }, (_, row) => row)
      .find((row) => state.every((x, j) => x === all[row * width + j]))!;
  };
  const rows = Array.from({ length: states }, (_, i) => rowOf(i));
  assertEquals(new Set(rows.map((row) => row % 10)).size, 10);
  assertEquals(rows.map((row) => Math.floor(row / 10)), Array.from({ length: 25 }, (_, i) => 2 * i)); // of 50 steps
});
