/**
 * Mass properties of a body as MuJoCo compiled them, where its solids alone do not say them.
 *
 * (mjModel, mjData at qpos0, body, its solids) ⇒ (InertialDescription, or null)
 *
 * @module
 */
import type { MjData, MjModel } from "@mujoco/mujoco";
import type { GeomDescription, InertialDescription, Vec3 } from "../physics/description.ts";
import { solidInertia } from "../physics/inertia.ts";

const NEAR = 1e-9; // of the largest entry: rounding of frames is far below

/** (principal moments [3], axes [3, 3] as columns) ⇒ the tensor: xx, yy, zz, xy, xz, yz. */
const tensor = (moments: Vec3, axes: ArrayLike<number>): InertialDescription["fullinertia"] => {
  const entry = (i: number, j: number): number =>
    moments.reduce((sum, moment, k) => sum + moment * axes[3 * i + k]! * axes[3 * j + k]!, 0);
  return [entry(0, 0), entry(1, 1), entry(2, 2), entry(0, 1), entry(0, 2), entry(1, 2)];
};

const differ = (a: ArrayLike<number>, b: ArrayLike<number>, scale: number): boolean =>
  Array.from(a).some((x, i) => Math.abs(x - b[i]!) > NEAR * scale);

/**
 * (model, data at qpos0, body, its solids at one density in the body's frame) ⇒ what is to be given beside the solids; null
 * where mass, centre and inertia are theirs.
 */
export const inertialOf = (
  m: MjModel,
  d: MjData,
  body: number,
  geoms: ReadonlyArray<GeomDescription>,
): InertialDescription | null => {
  const vector = (values: Float64Array): Vec3 => [values[3 * body]!, values[3 * body + 1]!, values[3 * body + 2]!];
  const mass = m.body_mass[body] as number, [x, y, z] = vector(d.xipos), [x0, y0, z0] = vector(d.xpos);
  const pos: Vec3 = [x - x0, y - y0, z - z0];
  const axes = Float64Array.from({ length: 9 }, (_, i) => d.ximat[9 * body + i]!);
  const fullinertia = tensor(vector(m.body_inertia), axes), trace = fullinertia[0] + fullinertia[1] + fullinertia[2];
  const solid = solidInertia(geoms), [xx, xy, xz, , yy, yz, , , zz] = solid.moment;
  const same = !differ([mass], [solid.mass], mass) && !differ(pos, solid.com, Math.sqrt(trace / (2 * mass))) &&
    !differ(fullinertia, [xx!, yy!, zz!, xy!, xz!, yz!], trace);
  if (mass === 0 || same) return null;
  return { mass, pos, fullinertia, frame: m.body_simple[body] === 2 ? "body" : "own" };
};
