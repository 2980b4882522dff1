/**
 * MuJoCo itself (WASM build), given the MJCF files of `fixtures/mujoco`: what the parity tests compare with.
 *
 * @module
 */
import load from "@mujoco/mujoco";
import { compile, type Data, type Model, type ModelDescription, models } from "../../src/physics/physics.ts";
import type { Stream } from "../../src/math/random.ts";

// deno-lint-ignore no-explicit-any
type Any = any; // the package types all arrays as any

/** The models of the package. */
export const descriptions: ReadonlyArray<ModelDescription> = Object.values(models);

const mujoco: Any = await load();

/** Version of MuJoCo that the tests run against. */
export const mujocoVersion: string = mujoco.mj_versionString();

/** MuJoCo's arrays in their own order; each property is a view into WASM memory and may become stale. */
export interface Reference {
  readonly model: Any;
  readonly data: Any;
  readonly forward: () => void;
  readonly step: () => void;
  readonly fullMass: () => Float64Array;
}

/** Solver accuracy: "tight" is as exact as MuJoCo gets, "default" is what Gymnasium runs. */
export type Accuracy = "tight" | "default";

/** (name of a fixture, accuracy, integrator; default: the model's) ⇒ (a MuJoCo model with its data). */
export const makeReference = (
  name: string,
  accuracy: Accuracy = "tight",
  integrator: "rk4" | "euler" = models[name].integrator,
): Reference => {
  const xml = Deno.readTextFileSync(new URL(`../../fixtures/mujoco/${name}.xml`, import.meta.url));
  return referenceOf(xml, accuracy, integrator);
};

/** (MJCF text, accuracy, integrator) ⇒ (a MuJoCo model with its data). */
export const referenceOf = (xml: string, accuracy: Accuracy, integrator: "rk4" | "euler"): Reference => {
  const model = mujoco.MjModel.from_xml_string(xml), data = new mujoco.MjData(model);
  if (accuracy === "tight") {
    model.opt.tolerance = 1e-15;
    model.opt.ls_tolerance = 1e-6;
    model.opt.iterations = 500;
    model.opt.ls_iterations = 500;
  }
  const kinds = mujoco.mjtIntegrator;
  model.opt.integrator = (integrator === "rk4" ? kinds.mjINT_RK4 : kinds.mjINT_EULER).value;
  const buffer = new mujoco.DoubleBuffer(model.nv * model.nv);
  return {
    model,
    data,
    forward: () => mujoco.mj_forward(model, data),
    step: () => mujoco.mj_step(model, data),
    fullMass: () => {
      mujoco.mj_fullM(model, data, buffer);
      return Float64Array.from(buffer.GetView());
    },
  };
};

/** (our state and controls) ⇒ MuJoCo's, with the warm start cleared. */
export const copyState = (from: Data, to: Reference): void => {
  to.data.qpos.set(from.qpos);
  to.data.qvel.set(from.qvel);
  to.data.ctrl.set(from.ctrl);
  to.data.qacc_warmstart.fill(0);
};

/** Lowest point of all colliding capsules above the floor, in m. */
export const clearance = (m: Model, d: Data): number => {
  let lowest = Infinity;
  for (let g = 0; g < m.ngeom; g++) {
    if (m.geom.isPlane[g] === 1) continue;
    const l = m.geom.link[g];
    for (const k of [4 * g, 4 * g + 2]) {
      const [u, v] = m.geom.ends.subarray(k, k + 2);
      const height = d.linkAnchor[2 * l + 1] + d.linkSin[l] * u + d.linkCos[l] * v;
      lowest = Math.min(lowest, height - m.geom.radius[g]);
    }
  }
  return lowest;
};

/**
 * (stream) ⇒ a random state and random controls in `d`: joints up to 0.05 beyond their limits, the lowest point between
 * 20 mm in the floor and 20 mm above it, so that limits and contacts are now on, now off.
 */
export const randomState = (m: Model, d: Data, stream: Stream, pose: (m: Model, d: Data) => void): void => {
  const within = (low: number, high: number) => low + (high - low) * stream.uniform();
  for (let j = 0; j < m.nq; j++) {
    const limit = m.limit.dof.indexOf(j);
    const low = limit < 0 ? m.qpos0[j] - 1.5 : m.limit.range[2 * limit] - 0.05;
    const high = limit < 0 ? m.qpos0[j] + 1.5 : m.limit.range[2 * limit + 1] + 0.05;
    const near = stream.uniform(); // a quarter of the joints close to either end
    d.qpos[j] = near < 0.125 ? within(low, low + 0.1) : near < 0.25 ? within(high - 0.1, high) : within(low, high);
    d.qvel[j] = 3 * stream.normal();
  }
  for (let i = 0; i < m.nu; i++) d.ctrl[i] = m.actuatorCtrlrange[2 * i + 1] * within(-1.5, 1.5);
  pose(m, d);
  if (m.npair > 0) d.qpos[1] += within(-0.02, 0.02) - clearance(m, d);
};

/** max|a − b| / max|b|, or max|a − b| where b is below `floor`. */
export const relativeError = (a: ArrayLike<number>, b: ArrayLike<number>, floor = 1e-6): number => {
  let difference = 0, size = floor;
  for (let i = 0; i < b.length; i++) {
    difference = Math.max(difference, Math.abs(a[i] - b[i]));
    size = Math.max(size, Math.abs(b[i]));
    if (Number.isNaN(a[i]) || Number.isNaN(b[i])) return NaN;
  }
  return a.length === b.length ? difference / size : NaN;
};

/** (values, share in [0, 1]) ⇒ the quantile; NaN counts as largest. */
export const quantile = (values: ReadonlyArray<number>, share: number): number => {
  const sorted = values.map((x) => (Number.isNaN(x) ? Infinity : x)).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
};

/** (description with another integrator) ⇒ (compiled model). */
export const compileWith = (d: ModelDescription, integrator: "rk4" | "euler"): Model => compile({ ...d, integrator });
