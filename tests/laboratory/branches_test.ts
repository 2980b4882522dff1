/**
 * Nested samples from physics states.
 *
 * @module
 */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { joinBranches, sampleBranches } from "../../src/laboratory/branches.ts";
import { stationaryState } from "../../src/laboratory/collection.ts";
import { makeKey } from "../../src/math/random.ts";
import { unbiasedOptions } from "../estimators/world.ts";
import { frozenAt } from "./frozen.ts";

const key = makeKey(6), horizons = [1, 5, 20];
const counts = { states: 150, actions: 2, continuations: 2 };

Deno.test("advantages end at the time limit: that many steps before it, they are a perfect model's Ã over those steps", async () => {
  const frozen = await frozenAt("reacher"); // 50 steps an episode, none of which ends before
  const options = { ...unbiasedOptions, discount: 0.9 };
  const plan = { counts, first: 0, tail: 60, options, horizons };
  const { monteCarlo, advantage, perfect } = sampleBranches(frozen, plan, key);
  assertEquals(advantage, monteCarlo);
  const seen = horizons.map(() => 0);
  for (let s = 0; s < counts.states; s++) {
    const left = 50 - stationaryState(frozen, s, key).elapsed;
    horizons.forEach((k, h) => {
      for (let row = 4 * s; row < 4 * s + 4; row++) {
        if (left === k) assertAlmostEquals(monteCarlo[row], perfect[h][row], 1e-9);
        else assert(Math.abs(monteCarlo[row] - perfect[h][row]) > 1e-6);
      }
      seen[h] += Number(left === k);
    });
  }
  assert(seen.every((count) => count > 0), `${seen}`);
});

Deno.test("continuations share state and first action: their first rewards are equal; states in pieces are the same states", async () => {
  const frozen = await frozenAt("hopper");
  const options = { ...unbiasedOptions, discount: 0.9 }, small = { ...counts, states: 6 };
  const plan = { counts: small, first: 0, tail: 30, options, horizons };
  const whole = sampleBranches(frozen, plan, key);
  // Ã₁ = r + γV(s′) − V(s) depends on state and action alone; Ã₂₀ on what follows too
  for (let i = 0; i < whole.perfect[0].length; i += 2) {
    assertEquals(whole.perfect[0][i], whole.perfect[0][i + 1]);
  }
  assert(whole.perfect[2].some((x, i) => i % 2 === 1 && x !== whole.perfect[2][i - 1]));
  const parts = [0, 3].map((first) => sampleBranches(frozen, { ...plan, first, counts: { ...small, states: 3 } }, key));
  assertEquals({ ...joinBranches(parts), learned: [] }, { ...whole, learned: [] });
  // the learned model's fresh rollouts run in other chunks: equal to rounding
  joinBranches(parts).learned.forEach((x, h) =>
    x.forEach((v, i) => assertAlmostEquals(v, whole.learned[h][i], 1e-3 * (1 + Math.abs(v))))
  );
});
