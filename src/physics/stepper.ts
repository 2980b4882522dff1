/**
 * Which code steps a model: the generated module whose constants are the model's, else the generic engine.
 *
 * @module
 */
import { fingerprint } from "./codegen/fingerprint.ts";
import type { Data } from "./data.ts";
import { generated } from "./generated/registry.ts";
import { stepGeneric, type Stepper } from "./integrate.ts";
import type { Model, Status } from "./model.ts";

const found = new WeakMap<Model, Stepper>();

/** (model) ⇒ (its generated step, null: none). */
export const stepGenerated = (m: Model): Stepper | null => {
  const own = fingerprint(m);
  return generated.find((module) => module.fingerprint === own)?.step ?? null;
};

/** (model, stepper) ⇒ nothing: `step` calls it for the model, before whose first step this is said. */
export const stepBy = (m: Model, stepper: Stepper): void => {
  found.set(m, stepper);
};

/** (model) ⇒ what `step` calls for it; looked up once. */
export const stepperOf = (m: Model): Stepper => {
  const known = found.get(m);
  if (known !== undefined) return known;
  const stepper = stepGenerated(m) ?? stepGeneric;
  found.set(m, stepper);
  return stepper;
};

let lastModel: Model | null = null, lastStepper: Stepper = stepGeneric;

/**
 * One step of `m.timestep` with the model's integrator: (qpos, qvel, ctrl) ⇒ (qpos, qvel, qacc, time). Fails: with the
 * state unchanged. A generated step leaves all other intermediates of `d` as they were; `forward` fills them.
 */
export const step: Stepper = (m: Model, d: Data): Status => {
  if (m !== lastModel) {
    lastStepper = stepperOf(m);
    lastModel = m;
  }
  return lastStepper(m, d);
};
