/**
 * The backward pass of an imagined rollout: ∂Ã/∂a₀, the derivative of each start by its first action.
 *
 *   Ã = −V(s₀) + Σᵢ ρᵢ Sᵢ rᵢ + Σⱼ νⱼ Sⱼ V(sⱼ),  ρᵢ = γⁱ·λⁱ,  νⱼ = γʲ·(λʲ⁻¹ − λʲ) and ν_k = γᵏ·λᵏ⁻¹; λ = 1 for kStep
 *
 * @module
 */
import type { ReturnForm } from "../data/gradient.ts";
import { stepAt } from "./rollout_forward.ts";
import type { Rollout } from "./open_rollout.ts";
import { addColumn, boundSlopeRows, clipSlopeRows } from "../nn/passes/row_loops.ts";
import { leadingObservations } from "./step_programs.ts";
import type { BackwardPlaces, ImaginedStepPlaces } from "./rollout_places.ts";

const decayOf = ({ weighting, lambda }: ReturnForm): number => (weighting === "kStep" ? 1 : lambda);

/** (form, t) ⇒ ρₜ, the factor of a step's reward in Ã. */
const rewardFactor = (form: ReturnForm, t: number): number => form.discount ** t * decayOf(form) ** t;

/** (form, horizon, t) ⇒ νₜ, the factor of V of the state before step t in Ã, t = 1 … k; 0 for t = 0, which is fixed. */
const valueFactor = (form: ReturnForm, horizon: number, t: number): number => {
  if (t === 0) return 0;
  const decay = decayOf(form), own = decay ** (t - 1);
  return form.discount ** t * (t === horizon ? own : own - own * decay);
};

/** What the backward pass of a chunk works on. */
interface BackwardPass {
  readonly rollout: Rollout;
  readonly gradients: BackwardPlaces;
  readonly rows: number;
}

/** (rollout, after `rollForward` of the chunk): leaves ∂Ã/∂μ₀ [rows, act] in `gradients.mean`. */
export const rollBack = (rollout: Rollout, rows: number): void => {
  const gradients = rollout.places.gradients!, pass: BackwardPass = { rollout, gradients, rows };
  const { horizon, form, passes, shape } = rollout, size = rows * shape.observationSize;
  const heap = passes.floats();
  heap.fill(0, gradients.alive, gradients.alive + rows);
  heap.fill(0, gradients.state[horizon % 2], gradients.state[horizon % 2] + size);
  for (let t = horizon - 1; t >= 0; t--) {
    const step = stepAt(rollout, t), next = stepAt(rollout, t + 1);
    const [own, after] = [(t % 2) as 0 | 1, ((t + 1) % 2) as 0 | 1];
    throughState(pass, next, after, valueFactor(form, horizon, t + 1), t + 1 < horizon);
    throughOutcome(pass, step, own, rewardFactor(form, t));
    throughModel(pass, step, after);
    if (t > 0) throughFeatures(pass, step, own, after);
  }
};

/** (∂/∂a′, ∂/∂V(s′)) ⇒ adds to ∂/∂s′ and ∂/∂S′. */
const throughState = (
  pass: BackwardPass,
  next: ImaginedStepPlaces,
  after: 0 | 1,
  factor: number,
  acts: boolean,
): void => {
  const { rollout: { passes, places, shape }, gradients: g, rows } = pass, { spare } = g;
  const width = shape.observationSize, size = rows * width, theta = null;
  if (factor === 0) passes.floats().fill(0, g.normalByValue, g.normalByValue + size);
  else {
    const f = passes.floats(), value = next.value[next.value.length - 1];
    for (let i = 0; i < rows; i++) {
      f[g.value + i] = factor * f[next.alive + i];
      f[g.alive + i] += factor * f[value + i];
    }
    passes.backward(places.value, next.value, g.value, rows, { spare, input: g.normalByValue, theta });
  }
  if (!acts) passes.floats().fill(0, g.normalByPolicy, g.normalByPolicy + size);
  else passes.backward(places.policy.mean, next.policy, g.mean, rows, { spare, input: g.normalByPolicy, theta });
  const [normal, byValue, byPolicy, state] = [next.policy[0], g.normalByValue, g.normalByPolicy, g.state[after]].map(
    (at) => ({ at, width }),
  );
  passes.blocks.addNormalizeSlope(normal, byValue, byPolicy, state, rows, width, places.seen);
};

/** ∂/∂S′ ⇒ (∂/∂S, adds to ∂/∂s′; begins ∂/∂s, ∂/∂a and the residual's part of ∂/∂output). */
const throughOutcome = (pass: BackwardPass, step: ImaginedStepPlaces, own: 0 | 1, factor: number): void => {
  const { rollout: { passes, shape, kernels }, gradients: g, rows } = pass, { outcome } = shape.programs;
  const { observationSize: no, actionSize: na } = shape, width = shape.model.sizes.at(-1)!;
  const f = passes.floats(), values = step.outcome, gradients = g.outcome[own];
  f.fill(0, g.state[own], g.state[own] + rows * no);
  f.fill(0, g.action, g.action + rows * na);
  for (const v of outcome.outputs) if (v >= outcome.inputs) f.fill(0, gradients.at[v], gradients.at[v] + rows);
  const [reward, survival] = outcome.outputs;
  const [r, dr] = [gradients.at[reward], gradients.step[reward]];
  const [p, dp] = [gradients.at[survival], gradients.step[survival]];
  const [probability, stride] = [values.at[survival], values.step[survival]];
  for (let i = 0; i < rows; i++) {
    const alive = f[step.alive + i], byAlive = f[g.alive + i];
    f[r + i * dr] += factor * alive;
    f[p + i * dp] += byAlive * alive;
    f[g.alive + i] = byAlive * f[probability + i * stride] + factor * f[step.reward + i];
    if (width > no) f[g.output + i * width + no] = factor * alive;
  }
  kernels.outcome.pullBack(values, gradients, rows);
};

/** ∂/∂s′ ⇒ (∂/∂inputs of the model, ∂/∂μ). */
const throughModel = (pass: BackwardPass, step: ImaginedStepPlaces, after: 0 | 1): void => {
  const { rollout: { passes, places, shape, range, control }, gradients: g, rows } = pass;
  const { observationSize: no, featureSize: nf, inputSize: width } = shape;
  const output = { at: g.output, width: shape.model.sizes.at(-1)! };
  passes.blocks.copySignificant({ at: g.state[after], width: no }, output, rows, no);
  if (range !== null) boundSlopeRows(passes.floats(), step.model.at(-1)!, g.output, rows, range.mean, range.reach);
  passes.backward(places.model, step.model, g.output, rows, { spare: g.spare, input: g.input, theta: null });
  clipSlopeRows(passes.floats(), step.model[0] + nf, g.action, g.input + nf, width, g.mean, rows, control);
};

/** (∂/∂features, ∂/∂s′) ⇒ adds to ∂/∂s. */
const throughFeatures = (pass: BackwardPass, step: ImaginedStepPlaces, own: 0 | 1, after: 0 | 1): void => {
  const { rollout: { passes, shape, kernels }, gradients: g, rows } = pass, { features } = shape.programs;
  const { observationSize: no, inputSize: ni } = shape;
  const f = passes.floats(), { at, step: stride } = g.features[own];
  const before = { at: g.state[own], width: no };
  passes.blocks.add(before, { at: g.state[after], width: no }, before, rows, no);
  for (const v of features.outputs) if (v >= features.inputs) f.fill(0, at[v], at[v] + rows);
  const same = leadingObservations(features);
  passes.blocks.add(before, { at: g.input, width: ni }, before, rows, same);
  features.outputs.forEach((v, j) => {
    if (j >= same) addColumn(f, g.input + j, ni, at[v], stride[v], rows);
  });
  kernels.features.pullBack(step.features, g.features[own], rows);
};
