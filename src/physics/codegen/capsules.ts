/**
 * Contacts between two capsules as code: they are rare, so the generic engine evaluates them.
 *
 * @module
 */
import type { Model } from "../model.ts";
import type { Block } from "./block.ts";
import { type Expression, literal, ONE, type Pair, sub, ZERO } from "./expression.ts";
import { type Poses, rotate } from "./links.ts";

const SLACK = 1e-9; // m, beyond any rounding; too early a leave costs time and nothing else

/** The axis of one capsule in the world. */
interface Axis {
  readonly anchor: Pair;
  /** m, from the anchor */
  readonly middle: Pair;
  /** m */
  readonly half: Pair;
  readonly length: number;
}

const axisCode = (m: Model, b: Block, poses: Poses, g: number): Axis => {
  const l = m.geom.link[g], [u1, v1, u2, v2] = m.geom.ends.subarray(4 * g, 4 * g + 4);
  const cos = l < 0 ? ONE : poses.cos[l], sin = l < 0 ? ZERO : poses.sin[l]; // −1: the world
  const turned = (name: string, u: number, v: number) => rotate(b, `${name}${g}`, cos, sin, u, v);
  return {
    anchor: l < 0 ? [ZERO, ZERO] : poses.anchor[l],
    middle: turned("middle", (u1 + u2) / 2, (v1 + v2) / 2),
    half: turned("half", (u1 - u2) / 2, (v1 - v2) / 2),
    length: Math.hypot(u1 - u2, v1 - v2),
  };
};

/** One pair: whether the bounding circles meet, and whether the capsules do. */
const pairConditions = (m: Model, b: Block, poses: Poses, pair: number): { near: string; meet: string } => {
  const g1 = m.pair.geom1[pair], g2 = m.pair.geom2[pair];
  const one = axisCode(m, b, poses, g1), two = axisCode(m, b, poses, g2);
  const apart = ([0, 1] as const).map((k) =>
    b.define(
      `apart${pair}${"UV"[k]}`,
      sub(sub(one.anchor[k], two.anchor[k]), sub(two.middle[k], one.middle[k])),
    )
  );
  const reach = m.geom.radius[g1] + m.geom.radius[g2] + m.pair.margin[pair] + SLACK;
  const circle = reach + (one.length + two.length) / 2, [u, v] = apart.map((e: Expression) => e.text);
  const inputs = [...apart, ...one.half, ...two.half, literal(reach)].map((e) => e.text).join(", ");
  return { near: `${u} * ${u} + ${v} * ${v} < ${circle * circle}`, meet: `segmentsMeet(${inputs})` };
};

/** (poses) ⇒ leaves the evaluation to the generic engine where two capsules touch. */
export const leaveTouchingCapsules = (m: Model, b: Block, poses: Poses, leave: string): void => {
  const pairs = Array.from({ length: m.npair }, (_, i) => i).filter((i) => m.geom.isPlane[m.pair.geom1[i]] === 0);
  if (pairs.length === 0) return;
  const conditions = pairs.map((pair) => pairConditions(m, b, poses, pair));
  b.nest(`if (${conditions.map(({ near }) => near).join(" || ")})`, () => {
    b.line(`if (${conditions.map(({ meet }) => meet).join(" || ")}) ${leave}`);
  });
};
