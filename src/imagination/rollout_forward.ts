/**
 * The forward pass of an imagined rollout.
 *
 * @module
 */
import type { Rollout } from "./open_rollout.ts";
import {
  actRows,
  addColumn,
  boundRows,
  clipRows,
  copyColumn,
  multiplyColumns,
  placeRows,
} from "../nn/passes/row_loops.ts";
import { leadingObservations } from "./step_programs.ts";
import type { ImaginedStepPlaces } from "./rollout_places.ts";

/** (t) ⇒ whether V of the state before step t is wanted, t = 0 … k. */
export type Valued = (t: number) => boolean;

/** (rollout, t) ⇒ places of step t. */
export const stepAt = ({ places }: Rollout, t: number): ImaginedStepPlaces => places.steps[t % places.steps.length];

/** Steps 0 … k − 1 from the starts of a chunk; `visit(t)` is called when step t, and V after it, are there. */
export const rollForward = (
  rollout: Rollout,
  start: number,
  rows: number,
  valued: Valued,
  visit: (t: number) => void,
): void => {
  const { passes, shape: { observationSize: no }, horizon, observation } = rollout;
  const heap = passes.floats(), first = stepAt(rollout, 0);
  heap.set(observation.subarray(start * no, (start + rows) * no), first.state);
  heap.fill(1, first.alive, first.alive + rows);
  evaluate(rollout, first, rows, valued(0));
  firstAction(rollout, start, rows);
  for (let t = 0; t < horizon; t++) {
    const step = stepAt(rollout, t), next = stepAt(rollout, t + 1), goesOn = t + 1 < horizon;
    placeLatent(rollout, t, start, rows);
    advance(rollout, step, next, rows);
    if (goesOn || valued(t + 1)) evaluate(rollout, next, rows, valued(t + 1));
    visit(t);
    if (goesOn) act(rollout, t + 1, start, rows);
  }
};

/** s ⇒ (normalised s, V(s) if wanted). */
const evaluate = (
  { passes, places, shape }: Rollout,
  step: ImaginedStepPlaces,
  rows: number,
  valued: boolean,
): void => {
  const width = shape.observationSize;
  passes.blocks.normalize({ at: step.state, width }, { at: step.policy[0], width }, rows, width, places.seen);
  if (valued) passes.forward(places.value, step.value, rows);
};

/** Action of step 0: as given, or by the policy. */
const firstAction = (rollout: Rollout, start: number, rows: number): void => {
  const { action, passes, shape: { featureSize: nf, actionSize: na, inputSize: ni }, control } = rollout;
  if (action === null) return act(rollout, 0, start, rows);
  clipRows(passes.floats(), stepAt(rollout, 0).model[0] + nf, ni, rows, control, action, start * na);
};

/** normalised s ⇒ clip(μ(s) + σ·ε), among the model's inputs. */
const act = (rollout: Rollout, t: number, start: number, rows: number): void => {
  const { passes, noise, count, shape: { featureSize: nf, actionSize: na, inputSize: ni }, control, places } = rollout;
  const step = stepAt(rollout, t), mean = step.policy[step.policy.length - 1];
  passes.forward(places.policy.mean, step.policy, rows);
  const to = step.model[0] + nf, at = (t * count + start) * na;
  actRows(passes.floats(), mean, to, ni, rows, control, places.policy.std, noise, at);
};

/** η of step t, among the model's inputs; nothing where the dynamics are deterministic. */
const placeLatent = (rollout: Rollout, t: number, start: number, rows: number): void => {
  const { passes, latent, count, shape } = rollout;
  const { featureSize: nf, actionSize: na, inputSize: ni } = shape, size = ni - nf - na;
  if (size === 0) return;
  const to = stepAt(rollout, t).model[0] + nf + na;
  placeRows(passes.floats(), to, ni, rows, size, latent, (t * count + start) * size);
};

/** (s, clipped a, η, S) ⇒ (s′, r, S′). */
const advance = (rollout: Rollout, step: ImaginedStepPlaces, next: ImaginedStepPlaces, rows: number): void => {
  const { passes, places, shape, kernels } = rollout, { features, outcome } = shape.programs;
  const { observationSize: no, inputSize: ni } = shape;
  const { at, step: stride } = step.features;
  kernels.features.run(step.features, rows);
  const same = leadingObservations(features), before = passes.floats();
  passes.blocks.copy({ at: step.state, width: no }, { at: step.model[0], width: ni }, rows, same);
  features.outputs.forEach((v, j) => {
    if (j >= same) copyColumn(before, at[v], stride[v], step.model[0] + j, ni, rows);
  });
  passes.forward(places.model, step.model, rows);
  const output = step.model[step.model.length - 1], width = shape.model.sizes.at(-1)!;
  if (rollout.range !== null) boundRows(passes.floats(), output, rows, rollout.range.mean, rollout.range.reach);
  passes.blocks.add({ at: step.state, width: no }, { at: output, width }, { at: next.state, width: no }, rows, no);
  kernels.outcome.run(step.outcome, rows);
  const f = passes.floats();
  const [reward, survival] = outcome.outputs;
  copyColumn(f, step.outcome.at[reward], step.outcome.step[reward], step.reward, 1, rows);
  if (width > no) addColumn(f, output + no, width, step.reward, 1, rows);
  multiplyColumns(f, step.alive, step.outcome.at[survival], step.outcome.step[survival], next.alive, rows);
};
