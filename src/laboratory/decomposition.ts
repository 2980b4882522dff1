/**
 * Where the variance of a gradient estimate ∇log π(a|s)·Â comes from: nested samples, states s, actions a of each, and
 * continuations τ of each (s, a), give each part without bias.
 *
 *   Var = Var_s E_{a,τ} + E_s Var_a E_τ + E_{s,a} Var_τ       state, action and trajectory part
 *
 * Source: Tucker et al. 2018, "The Mirage of Action-Dependent Baselines", eq. 4 to 6.
 *
 * @module
 */

/** Nested samples of one factor Â of the gradient. */
export interface Nested {
  readonly states: number; // S
  readonly actions: number; // K of each state
  readonly continuations: number; // J of each action
  /** [S, K, M] projections of ∇log π(a|s), whose mean square over M is its squared length in the metric at hand */
  readonly score: Float64Array;
  /** M */
  readonly projections: number;
  /** [S, K, J] Â */
  readonly advantage: Float64Array;
}

/** Parts of the variance of one sample of the gradient; small ones may come out negative. */
export interface VarianceParts {
  /** Var_s of the mean within a state */
  readonly state: number;
  /** mean Var_a of the mean of an action */
  readonly action: number;
  /** mean Var_τ of what follows an action */
  readonly trajectory: number;
}

/** What one state contributes: it alone is resampled. */
export interface StateSums {
  readonly states: number;
  /** [S, M] mean over actions and continuations */
  readonly mean: Float64Array;
  readonly projections: number;
  /** [S] variance of the means over continuations, across actions */
  readonly betweenActions: Float64Array;
  /** [S] variance across continuations, mean over actions */
  readonly withinActions: Float64Array;
  readonly actions: number;
  readonly continuations: number;
}

/** (x [n]) ⇒ (mean, variance with n − 1). */
const spread = (x: ArrayLike<number>): readonly [number, number] => {
  let mean = 0, squares = 0;
  for (let i = 0; i < x.length; i++) mean += x[i] / x.length;
  for (let i = 0; i < x.length; i++) squares += (x[i] - mean) ** 2;
  return [mean, x.length > 1 ? squares / (x.length - 1) : 0];
};

/** (nested) ⇒ (sums): everything that is not resampled, done once. Needs two actions and two continuations at least. */
export const stateSums = ({ states, actions, continuations, score, projections, advantage }: Nested): StateSums => {
  const mean = new Float64Array(states * projections);
  const betweenActions = new Float64Array(states), withinActions = new Float64Array(states);
  const value = new Float64Array(actions);
  for (let s = 0; s < states; s++) {
    const within = new Float64Array(actions);
    for (let k = 0; k < actions; k++) {
      const at = (s * actions + k) * continuations;
      [value[k], within[k]] = spread(advantage.subarray(at, at + continuations));
    }
    for (let m = 0; m < projections; m++) {
      const u = Float64Array.from({ length: actions }, (_, k) => score[(s * actions + k) * projections + m]);
      const [average, between] = spread(u.map((x, k) => x * value[k]));
      mean[s * projections + m] = average;
      betweenActions[s] += between / projections;
      for (let k = 0; k < actions; k++) withinActions[s] += u[k] ** 2 * within[k] / (actions * projections);
    }
  }
  return { states, mean, projections, betweenActions, withinActions, actions, continuations };
};

/** (sums, how often each state counts) ⇒ (parts). */
export const varianceParts = (sums: StateSums, weight?: Float64Array): VarianceParts => {
  const { states, mean, projections, betweenActions, withinActions, actions, continuations } = sums;
  let between = 0, within = 0, betweenStates = 0;
  for (let s = 0; s < states; s++) {
    const w = (weight?.[s] ?? 1) / states;
    between += w * betweenActions[s];
    within += w * withinActions[s];
  }
  for (let m = 0; m < projections; m++) {
    let sum = 0, squares = 0;
    for (let s = 0; s < states; s++) {
      const w = weight?.[s] ?? 1, x = mean[s * projections + m];
      sum += w * x;
      squares += w * x * x;
    }
    betweenStates += (squares - sum * sum / states) / (states - 1) / projections;
  }
  const action = between - within / continuations;
  return { state: betweenStates - action / actions - within / (actions * continuations), action, trajectory: within };
};

/** (parts) ⇒ their sum, the variance of one sample. */
export const totalVariance = ({ state, action, trajectory }: VarianceParts): number => state + action + trajectory;

/**
 * (nested, how often each state counts) ⇒ total variance with the state baseline E[Â|s]: each action's baseline is the
 * mean Â of the state's other actions, and what their noise adds is subtracted. For Monte-Carlo returns that is what the
 * exact V^π would leave; for other advantages errors of V in later δ stay, which an exact V would remove too.
 */
export const varianceWithStateBaseline = (nested: Nested): (weight?: Float64Array) => number => {
  const { states, actions, continuations, score, projections, advantage } = nested;
  const centred = new Float64Array(advantage.length), added = new Float64Array(states);
  for (let s = 0; s < states; s++) {
    const of = (k: number) => (s * actions + k) * continuations;
    const means = Array.from(
      { length: actions },
      (_, k) => spread(advantage.subarray(of(k), of(k) + continuations))[0],
    );
    for (let k = 0; k < actions; k++) {
      const [baseline, variance] = spread(means.filter((_, other) => other !== k));
      for (let j = 0; j < continuations; j++) centred[of(k) + j] = advantage[of(k) + j] - baseline;
      let length = 0;
      for (let m = 0; m < projections; m++) length += score[(s * actions + k) * projections + m] ** 2 / projections;
      added[s] += length * variance / ((actions - 1) * actions);
    }
  }
  const sums = stateSums({ ...nested, advantage: centred });
  return (weight) => {
    const noise = added.reduce((sum, x, s) => sum + (weight?.[s] ?? 1) * x / states, 0);
    return totalVariance(varianceParts(sums, weight)) - noise;
  };
};
