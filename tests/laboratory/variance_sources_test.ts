/**
 * What control variates remove, where the answer is known.
 *
 * @module
 */
import { assert, assertAlmostEquals } from "@std/assert";
import type { IntervalEstimate } from "../../src/laboratory/bootstrap_intervals.ts";
import { resample } from "../../src/laboratory/bootstrap_intervals.ts";
import { decompose } from "../../src/laboratory/variance_sources.ts";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";

const root = makeKey(5);

const holds = ({ value, low, high }: IntervalEstimate, expected: number, what: string) =>
  assert(
    value - 2 * (value - low) <= expected && expected <= value + 2 * (high - value),
    `${what}: ${value} [${low}, ${high}], not ${expected}`,
  );

Deno.test("a control variate that knows the noise removes the trajectory part; a state baseline the state's offset", () => {
  // a, s, τ ~ N(0, 1), score a, A = b·s + c·a + d·τ: Var = b² + 2c² + d² = 1 + 2 + 4 (E[a·A | s] = c does not vary).
  //   Ã₁ = d·τ          leaves b² + 2c²: removes 4/7; of what E[A|s] leaves (2c² + d²), 4/6
  //   Ã₂ = b·s + d·τ    leaves 2c²: removes 5/7; beyond E[A|s] again 4/6, as w is that of deviations within a state
  //   Ã₃ = −4s + d·τ    has Cov(A, Ã₃) = d² − 4b = 0 over all states: w = 0 removes nothing; beyond E[A|s] once more 4/6
  //   E[A|s] removes b²: 1/7
  const [states, actions, continuations, b, c, d] = [1500, 4, 3, 1, 1, 2];
  const { normal } = makeStream(root), rows = states * actions * continuations;
  const score = new Float64Array(states * actions);
  const advantage = new Float64Array(rows), [known, all, apart] = [0, 1, 2].map(() => new Float64Array(rows));
  for (let i = 0, s = 0; i < score.length; i++) {
    if (i % actions === 0) s = normal();
    score[i] = normal();
    for (let j = 0, at = i * continuations; j < continuations; j++, at++) {
      const tau = normal();
      advantage[at] = b * s + c * score[i] + d * tau;
      known[at] = d * tau;
      all[at] = b * s + d * tau;
      apart[at] = -4 * s + d * tau;
    }
  }
  const branches = { counts: { states, actions, continuations }, perfect: [known, all, apart], learned: [known] };
  const draws = resample(fold(root, "draws"), 300, states);
  const { sources, stateBaseline, perfect, learned } = decompose(branches, score, advantage, [1, 2, 3], draws);
  holds(sources.total, 7, "total");
  holds(sources.shares.trajectory, 4 / 7, "trajectory");
  holds(sources.shares.action, 3 / 7, "action");
  holds(sources.shares.state, 0, "state");
  holds(stateBaseline, 1 / 7, "E[A|s]");
  holds(perfect[0].share, 4 / 7, "Ã₁");
  holds(perfect[0].beyondBaseline, 4 / 6, "Ã₁ beyond V");
  holds(perfect[1].share, 5 / 7, "Ã₂");
  holds(perfect[1].beyondBaseline, 4 / 6, "Ã₂ beyond V");
  assertAlmostEquals(perfect[2].share.value, 0, 0.01); // w of 1500 states errs by 4·√2/√1500/20 = .007, to second order
  holds(perfect[2].beyondBaseline, 4 / 6, "Ã₃ beyond V");
  assertAlmostEquals(perfect[0].correlation ** 2, 4 / 6, 0.03); // d²/(b² + c² + d²)
  assertAlmostEquals(learned[0].share.value, perfect[0].share.value, 1e-12);
});
