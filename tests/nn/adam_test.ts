import { assertAlmostEquals, assertEquals } from "@std/assert";
import { adamInPlace, adamStep, makeAdam } from "../../src/nn/adam.ts";

Deno.test("two steps of Adam by hand", () => {
  const start = new Float32Array([1]);
  const options = { learningRate: .1 };
  // g = 2: m = .2, v = .004; m/(1 − .9) = 2, v/(1 − .999) = 4, so θ = 1 − .1·2/(2 + 1e-8) = .9
  const one = adamStep(start, new Float32Array([2]), makeAdam(1), options);
  assertAlmostEquals(one.theta[0], .9, 1e-7);
  // g = −1: m = .18 − .1 = .08, v = .003996 + .001 = .004996; m̂ = .08/.19, v̂ = .004996/.001999
  const two = adamStep(one.theta, new Float32Array([-1]), one.state, options);
  assertAlmostEquals(two.theta[0], .9 - .1 * (.08 / .19) / Math.sqrt(.004996 / .001999), 1e-6);
  assertEquals(two.state.step, 2);
});

Deno.test("a step leaves its inputs alone; in place it overwrites them with the same bits", () => {
  const [theta, gradient, state] = [new Float32Array([1, -2]), new Float32Array([.3, .7]), makeAdam(2)];
  const fresh = adamStep(theta, gradient, state, { learningRate: .01 });
  assertEquals([theta, state], [new Float32Array([1, -2]), makeAdam(2)]);
  const next = adamInPlace(theta, gradient, state, { learningRate: .01 });
  assertEquals([theta, next], [fresh.theta, fresh.state]);
});
