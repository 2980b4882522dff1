/**
 * The reference gradient: what decides it.
 *
 * @module
 */
import { oneFold } from "../../src/data/folds.ts";
import { assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { tailOf, truthBlock } from "../../src/laboratory/truth.ts";
import { makeKey } from "../../src/math/random.ts";
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
