/** The linear-quadratic problem of the estimators' tests as a task of one's own, whose simulator may be wrong. */
import { defineTask } from "../../src/tasks/define_task.ts";
import { number, option, positive, record } from "../../src/options/options.ts";
import type { Batch } from "../../src/data/batch.ts";
import { lqr } from "../estimators/lqr.ts";

/** Factors of its physics. */
export interface LqrFactors {
  /** Of the drift F */
  readonly drift: number;
  /** Of the input B */
  readonly push: number;
  /** Of the reward */
  readonly reward: number;
}

/** s′ = drift·F s + push·B a, without noise; an episode ends where s₀ exceeds 1.2, as no other thing in the tests knows. */
export const lqrTask = defineTask({
  name: "lqr",
  options: {
    physics: record<LqrFactors>({
      drift: option(number, 1, "of the drift"),
      push: option(positive, 1, "of the input"),
      reward: option(number, 1, "of the reward"),
    }, "factors"),
  },
  make: ({ physics: { drift, push, reward } }: { readonly physics: LqrFactors }) => ({
    stateSize: 2,
    timeLimit: lqr.steps,
    observationSize: 2,
    controlRange: [[-20, 20]],
    reset: (stream, state) => {
      state[0] = stream.normal();
      state[1] = stream.normal();
    },
    step: (state: Float64Array, [a]: Float64Array) => {
      const { dynamics: F, input: B } = lqr, [x, y] = state;
      for (let i = 0; i < 2; i++) state[i] = drift * (F[i][0] * x + F[i][1] * y) + push * B[i] * a;
    },
    observe: (state, out) => out.set(state),
    reward: (before, [a]) =>
      -reward * (lqr.stateCost[0] * before[0] ** 2 + lqr.stateCost[1] * before[1] ** 2 + lqr.actionCost * a ** 2),
    terminated: (state) => state[0] > 1.2,
  }),
});

/** (batch) ⇒ the same with its states, which are its observations. */
export const withStates = (batch: Batch): Batch => ({ ...batch, state: Float64Array.from(batch.observation) });
