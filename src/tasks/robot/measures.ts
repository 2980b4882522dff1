/**
 * Quantities of a robot, by names of its bodies and sites.
 *
 * @module
 */
import type { MujocoData, OwnMujocoSimulator } from "../mujoco_simulator.ts";
import type { Mujoco } from "../../mujoco/engine.ts";
import { RobotInvalid } from "./robot.ts";

/** What objects a name may be of. */
export type Kind = "body" | "site";

/** (engine, simulator, kind) ⇒ names in MuJoCo's order; "" where there is none. */
export const namesOf = (mujoco: Mujoco, simulator: OwnMujocoSimulator, kind: Kind): ReadonlyArray<string> => {
  const model = simulator.model(), types = mujoco.mjtObj;
  const [type, count] = kind === "body" ? [types.mjOBJ_BODY, model.nbody] : [types.mjOBJ_SITE, model.nsite];
  return Array.from({ length: count }, (_, i) => mujoco.mj_id2name(model, type.value, i) ?? "");
};

/** (names, kind, where it is said, name) ⇒ its index. Throws RobotInvalid. */
export const indexOf = (
  names: ReadonlyArray<string>,
  kind: Kind,
  path: ReadonlyArray<string>,
  name: string,
): number => {
  const index = names.indexOf(name);
  if (index >= 0) return index;
  const known = names.filter((each) => each !== "");
  const having = known.length === 0 ? `the model names no ${kind}` : `the model has ${known.join(", ")}`;
  throw new RobotInvalid(path, `must be a ${kind} of the model: ${having}: current value is "${name}"`, name, known);
};

/** (data) ⇒ one number of its state. */
export type Measure = (data: MujocoData) => number;

/** (body) ⇒ m, of its origin above z = 0. */
export const heightOf = (simulator: OwnMujocoSimulator, body: number): Measure => (data) =>
  simulator.view(data, "xpos")[3 * body + 2]!;

/**
 * (body) ⇒ cosine between its z axis and the vertical.
 *
 *   R(q) e_z · e_z = 1 − 2(x² + y²),  q = (w, x, y, z)
 */
export const uprightnessOf = (simulator: OwnMujocoSimulator, body: number): Measure => (data) => {
  const turn = simulator.view(data, "xquat"), x = turn[4 * body + 1]!, y = turn[4 * body + 2]!;
  return 1 - 2 * (x * x + y * y);
};

/** (body) ⇒ rad, in [0, π]: between its z axis and the vertical. */
export const angleOf = (simulator: OwnMujocoSimulator, body: number): Measure => {
  const cosine = uprightnessOf(simulator, body);
  return (data) => Math.acos(Math.min(1, Math.max(-1, cosine(data))));
};

/** (two sites) ⇒ m */
export const distanceOf = (simulator: OwnMujocoSimulator, from: number, to: number): Measure => (data) => {
  const at = simulator.view(data, "siteXpos");
  return Math.hypot(...[0, 1, 2].map((i) => at[3 * from + i]! - at[3 * to + i]!));
};
