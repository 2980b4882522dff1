/**
 * Ends of capsules that may touch a plane, and tables of their constants.
 *
 * @module
 */
import type { Model } from "../model.ts";
import type { Block } from "./block.ts";
import { add, atom, type Expression, literal, mul, sub } from "./expression.ts";
import type { Poses } from "./links.ts";

/** One end of one capsule against one plane. */
export interface End {
  /** Collision pair */
  readonly pair: number;
  /** Moving link */
  readonly link: number;
  /** m, from the link's anchor */
  readonly u: number;
  /** m, from the link's anchor */
  readonly v: number;
  /** m */
  readonly radius: number;
  /** m, of the plane */
  readonly height: number;
}

/** (model) ⇒ (ends), in the order of the pairs. */
export const planeEnds = (m: Model): ReadonlyArray<End> => {
  const { geom1, geom2 } = m.pair, { ends, link, radius, isPlane, isSphere } = m.geom, found: End[] = [];
  for (let pair = 0; pair < m.npair; pair++) {
    const plane = geom1[pair], capsule = geom2[pair];
    if (isPlane[plane] === 0) continue;
    for (const k of isSphere[capsule] === 1 ? [4 * capsule] : [4 * capsule, 4 * capsule + 2]) {
      const [u, v] = ends.subarray(k, k + 2);
      found.push({ pair, link: link[capsule], u, v, radius: radius[capsule], height: ends[4 * plane + 1] });
    }
  }
  return found;
};

/** (ends) ⇒ links that own some, in order. */
export const touchingLinks = (ends: ReadonlyArray<End>): ReadonlyArray<number> =>
  [...new Set(ends.map((end) => end.link))].sort((a, b) => a - b);

/** (poses) ⇒ distance of each end's sphere from its plane, by name. */
export const gapsCode = (b: Block, poses: Poses, ends: ReadonlyArray<End>): ReadonlyArray<Expression> =>
  ends.map(({ link, u, v, radius, height }, i) => {
    const arm = add(mul(poses.sin[link], literal(u)), mul(poses.cos[link], literal(v)));
    return b.define(`gap${i}`, sub(add(poses.anchor[link][1], arm), literal(height + radius)));
  });

/** (m, gaps) ⇒ conditions under which some end touches. */
export const gapConditions = (
  m: Model,
  ends: ReadonlyArray<End>,
  gaps: ReadonlyArray<Expression>,
): ReadonlyArray<string> => gaps.map((gap, i) => `${gap.text} < ${literal(m.pair.margin[ends[i].pair]).text}`);

/** Declarations of one generated module, and constants by entry. */
export interface Tables {
  /** (name, constants of all entries, index) ⇒ the literal where they are equal, else an entry of a new table. */
  readonly column: (name: string, values: ReadonlyArray<number>, index: string) => Expression;
  /** The declarations. */
  readonly render: () => string;
}

/** () ⇒ (no tables yet). */
export const makeTables = (): Tables => {
  const declared: string[] = [];
  const column = (name: string, values: ReadonlyArray<number>, index: string): Expression => {
    if (values.every((value) => value === values[0])) return literal(values[0]);
    const entries = values.map((value) => literal(value).text).join(", ");
    const kind = values.every(Number.isInteger) ? "Int32Array" : "Float64Array";
    declared.push(`const ${name}: ${kind} = ${kind}.of(${entries});`);
    return atom(`${name}[${index}]`);
  };
  return { column, render: () => declared.join("\n") };
};
