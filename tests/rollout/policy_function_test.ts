import { assertEquals, assertThrows } from "@std/assert";
import { makeKey, makeStream } from "../../src/math/random.ts";
import { makePolicyFunction } from "../../src/rollout/policy_function.ts";
import { getTask } from "../../src/tasks/registry.ts";

const task = getTask("reacher"); // 10 numbers ⇒ 2 actions
const ones = (value: number) => new Float32Array(task.observationSize).fill(value);

/** A linear policy: μⱼ = Σᵢ w·nᵢ + bⱼ of the normalised observation n, with σ = 1/4. */
const policy = (weight: number) => ({
  shape: { sizes: [task.observationSize, 2], activation: "tanh" as const },
  theta: Float32Array.of(...Array(20).fill(weight), 0.25, -0.125, Math.log(0.25), Math.log(0.25)),
});
const normalizer = { mean: ones(1), scale: ones(0.5), bound: ones(Infinity) };

Deno.test("the mean is that of the normalised observation, by hand", () => {
  const act = makePolicyFunction(task, policy(0.0625), normalizer);
  // n = (2 − 1)/2 = ½ ten times: 10·½/16 = 0.3125; with the biases 0.5625 and 0.1875
  assertEquals(act(new Float64Array(10).fill(2)), Float64Array.of(0.5625, 0.1875));
});

Deno.test("a sample adds σ times normal numbers of the key, the same for the same key, and lies in the control range", () => {
  const act = makePolicyFunction(task, policy(0), normalizer), stream = makeStream(makeKey(7));
  const sampled = act(new Float64Array(10), makeKey(7));
  const expected = [0.25, -0.125].map((mean) => mean + Math.fround(stream.normal()) / 4);
  for (const j of [0, 1]) assertEquals(Math.abs(sampled[j] - expected[j]) < 1e-6, true);
  assertEquals(act(new Float64Array(10), makeKey(7)), sampled);
  assertEquals(makePolicyFunction(task, policy(4), normalizer)(new Float64Array(10).fill(9)), Float64Array.of(1, 1));
});

Deno.test("a control range of the task's own is the one that counts, in each dimension", () => {
  const wide = { ...task, controlRange: [[-0.5, 7], [-2, 0.25]] as const };
  // n = (9 − 1)/2 = 4 ten times: 10·4·4 + 0.25 = 160.25 and 159.875; with −4 both lie far below
  assertEquals(makePolicyFunction(wide, policy(4), normalizer)(new Float64Array(10).fill(9)), Float64Array.of(7, 0.25));
  assertEquals(
    makePolicyFunction(wide, policy(-4), normalizer)(new Float64Array(10).fill(9)),
    Float64Array.of(-0.5, -2),
  );
});

Deno.test("observations are bounded as the normaliser says", () => {
  const act = makePolicyFunction(task, policy(0.0625), { ...normalizer, bound: ones(3) });
  // 100 counts as 3: n = 1, so that the sum is 10/16 = 0.625
  assertEquals(act(new Float64Array(10).fill(100)), Float64Array.of(0.875, 0.5));
});

Deno.test("every action is fresh, and bad observations are refused in words", () => {
  const act = makePolicyFunction(task, policy(0), normalizer), observation = new Float64Array(10);
  const first = act(observation), before = first.slice();
  act(observation.fill(1), makeKey(1));
  assertEquals([first, act(new Float64Array(10))], [before, before]); // nor does anything of the sample stay
  assertThrows(() => act([1, 2]), RangeError, 'of task "reacher" must hold 10 numbers: current value is 2');
  assertThrows(() => act(observation.map((_, i) => (i === 3 ? NaN : 0))), RangeError, "its element 3 is NaN");
});
