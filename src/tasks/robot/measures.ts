/**
 * Quantities of a robot, by names of its bodies and sites.
 *
 * @module
 */
import type { RobotEngine } from "./engine.ts";
import { RobotInvalid } from "./robot.ts";

/** (robot, kind, where it is said, name) ⇒ its index. Throws RobotInvalid. */
export const indexOf = (
  names: RobotEngine<unknown>["names"],
  kind: "body" | "site",
  path: ReadonlyArray<string>,
  name: string,
): number => {
  const index = name === "" ? -1 : names[kind].indexOf(name);
  if (index >= 0) return index;
  const known = names[kind].filter((each) => each !== "");
  const having = known.length === 0 ? `the model names no ${kind}` : `the model has ${known.join(", ")}`;
  throw new RobotInvalid(path, `must be a ${kind} of the model: ${having}: current value is "${name}"`, name, known);
};

/** (data) ⇒ one number of its state. */
export type Measure<D> = (data: D) => number;

/** (body) ⇒ m, of its origin above z = 0. */
export const heightOf = <D>(engine: RobotEngine<D>, body: number): Measure<D> => (data) =>
  engine.xpos(data)[3 * body + 2]!;

/** (body) ⇒ rad, in [0, π]: between its z axis and the vertical. */
export const angleOf = <D>(engine: RobotEngine<D>, body: number): Measure<D> => (data) =>
  Math.acos(Math.min(1, Math.max(-1, engine.uprightness(data, body))));

/** (two sites) ⇒ m */
export const distanceOf = <D>(engine: RobotEngine<D>, from: number, to: number): Measure<D> => (data) => {
  const at = engine.siteXpos(data);
  return Math.hypot(...[0, 1, 2].map((i) => at[3 * from + i]! - at[3 * to + i]!));
};
