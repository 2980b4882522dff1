/**
 * A model of MuJoCo's whose physics are changed by factors, as `changePhysics` changes a description of ours.
 *
 * (compiled model, factors) ⇒ (the same model, other figures)
 *
 * @module
 */
import type { MjModel } from "@mujoco/mujoco";
import { changeNothing, type PhysicsFactors } from "../physics/factors.ts";
import type { Mujoco } from "./engine.ts";

const SLIDING = 3; // of a geom's coefficients of friction, the first slides, the others twist and roll

const scale = (values: Float64Array, factor: number, stride = 1): void => {
  for (let i = 0; i < values.length; i += stride) values[i]! *= factor;
};

/** (engine, model, factors) ⇒ model whose figures are multiplied; what MuJoCo's compiler derives of them is derived anew. */
export const changeModel = (mujoco: Mujoco, model: MjModel, factors: PhysicsFactors): void => {
  if (changeNothing(factors)) return; // not a bit of the model moves
  scale(model.body_mass, factors.mass);
  scale(model.body_inertia, factors.mass);
  scale(model.geom_friction, factors.friction, SLIDING);
  scale(model.dof_damping, factors.damping);
  scale(model.dof_armature, factors.armature);
  scale(model.jnt_stiffness, factors.stiffness);
  scale(model.actuator_gear, factors.gear);
  scale(model.opt.gravity, factors.gravity);
  model.opt.density *= factors.fluidDensity;
  model.opt.viscosity *= factors.fluidViscosity;
  const data = new mujoco.MjData(model);
  try {
    mujoco.mj_setConst(model, data); // masses of subtrees, inverse weights, lengths
  } finally {
    data.delete();
  }
};
