import { assertAlmostEquals, assertEquals } from "@std/assert";
import { makeAdam } from "../../../src/nn/training/adam.ts";
import { adamInPlace, copyAdam } from "./plain_training.ts";

Deno.test("two steps of Adam by hand, in place", () => {
  const theta = new Float32Array([1]), options = { learningRate: .1 };
  // g = 2: m = .2, v = .004; m/(1 − .9) = 2, v/(1 − .999) = 4, so θ = 1 − .1·2/(2 + 1e-8) = .9
  const one = adamInPlace(theta, new Float32Array([2]), makeAdam(1), options);
  assertAlmostEquals(theta[0], .9, 1e-7);
  // g = −1: m = .18 − .1 = .08, v = .003996 + .001 = .004996; m̂ = .08/.19, v̂ = .004996/.001999
  const two = adamInPlace(theta, new Float32Array([-1]), one, options);
  assertAlmostEquals(theta[0], .9 - .1 * (.08 / .19) / Math.sqrt(.004996 / .001999), 1e-6);
  assertEquals(two.step, 2);
});

Deno.test("a step on a copy leaves the state that was copied alone", () => {
  const state = makeAdam(2);
  adamInPlace(new Float32Array(2), new Float32Array([.3, .7]), copyAdam(state), { learningRate: .01 });
  assertEquals(state, makeAdam(2));
});
