/**
 * A planar robot as a model of our physics.
 *
 * (path of an MJCF file) ⇒ (model)
 *
 * @module
 */
import { compileMjcf } from "../../mujoco/compile.ts";
import { loadMujoco } from "../../mujoco/engine.ts";
import { readMjcf } from "../../mujoco/mjcf_files.ts";
import { planarModel } from "../../mujoco/planar.ts";
import { generateStep } from "../../physics/codegen/at_run_time.ts";
import type { Model } from "../../physics/physics.ts";

/**
 * (path of an MJCF file) ⇒ (model of our planar physics), for `planarSimulator`; its step is generated here, with the bits of
 * code that is written into files.
 *
 * Fails: MjcfInvalid in MuJoCo's words, NotPlanar with each feature that our engine lacks, MujocoMissing; what reading the
 * file throws where it is not there.
 *
 * @example
 * ```ts
 * import { loadMjcf } from "./load_mjcf.ts";
 * import { planarSimulator } from "../planar_simulator.ts";
 *
 * const model = await loadMjcf("fixtures/robot/walker.xml"), simulator = planarSimulator(model), data = simulator.make();
 * if (simulator.step(data, new Float64Array(model.nu)) !== null) throw new Error("a walker at rest stays within numbers");
 * ```
 */
export const loadMjcf = async (path: string): Promise<Model> => {
  const mujoco = await loadMujoco(), compiled = compileMjcf(mujoco, readMjcf(path));
  try {
    const model = planarModel(mujoco, compiled, path);
    generateStep(model);
    return model;
  } finally {
    compiled.delete();
  }
};
