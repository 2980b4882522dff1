/**
 * Mass matrix and smooth forces as code. The formulas are those of `mass.ts`, `bias.ts`, `passive.ts` and `fluid.ts`.
 *
 * @module
 */
import type { Model } from "../model.ts";
import type { Block } from "./block.ts";
import { abs, add, cross, dot, type Expression, literal, mul, neg, type Pair, sub, sum, ZERO } from "./expression.ts";
import { type Poses, rotate } from "./links.ts";

/** Lower triangle of a symmetric matrix; ZERO where the tree couples nothing. */
export type Lower = ReadonlyArray<ReadonlyArray<Expression>>;

/** (slides and hinge of link l's root and its ancestors) ⇒ dof or −1. */
const hinge = (m: Model, l: number): number => (l < 0 ? -1 : m.linkDof[l]);

/** (q̇) ⇒ (w): angular velocities of the links, and the slides'. */
export const linkVelocitiesCode = (m: Model, b: Block, rate: ReadonlyArray<Expression>): ReadonlyArray<Expression> => {
  const found: Expression[] = [];
  for (let j = 0; j < m.nv; j++) {
    const own = mul(literal(m.dofSign[j]), rate[j]), parent = m.dofParent[j];
    found.push(b.define(`spin${j}`, parent < 0 ? own : add(own, found[parent])));
  }
  return found;
};

/** (poses) ⇒ (mass matrix). */
export const massMatrixCode = (m: Model, b: Block, poses: Poses): Lower => {
  const mass = Array.from({ length: m.nv }, (_, i) => Array.from({ length: i + 1 }, () => ZERO));
  for (let j = 0; j < m.nv; j++) mass[j][j] = literal(m.dofDiagonal[j]);
  for (let l = 0; l < m.nlink; l++) {
    const dof = m.linkDof[l], [momentU, momentV] = poses.moment[l];
    if (dof < 0) continue;
    if (m.linkSlideU[l] >= 0) mass[dof][m.linkSlideU[l]] = neg(momentV);
    if (m.linkSlideV[l] >= 0) mass[dof][m.linkSlideV[l]] = momentU;
  }
  for (let k = 0; k < m.couplingA.length; k++) {
    const i = m.couplingB[k], j = m.couplingA[k];
    const product = dot(poses.stem[m.couplingStem[k]], poses.moment[m.couplingLink[k]]);
    mass[i][j] = b.define(`mass${i}_${j}`, sub(product, literal(m.couplingArmature[k])));
  }
  return mass;
};

/** Velocity of each link's anchor. */
const anchorVelocities = (m: Model, b: Block, poses: Poses, spin: ReadonlyArray<Expression>): ReadonlyArray<Pair> =>
  anchorRates(m, b, "flow", poses, spin);

/** (w or dw/dt) ⇒ the rate of each anchor that is linear in it: slides and turns of the ancestors. */
export const anchorRates = (
  m: Model,
  b: Block,
  name: string,
  poses: Poses,
  rate: ReadonlyArray<Expression>,
): ReadonlyArray<Pair> => {
  const found: Pair[] = [];
  for (let l = 0; l < m.nlink; l++) {
    const parent = m.linkParent[l], slideU = m.linkSlideU[l], slideV = m.linkSlideV[l];
    const turn = hinge(m, parent) < 0 ? ZERO : rate[hinge(m, parent)], [stemU, stemV] = poses.stem[l];
    found.push(
      parent < 0 ? [slideU < 0 ? ZERO : rate[slideU], slideV < 0 ? ZERO : rate[slideV]] : [
        b.define(`${name}${l}U`, sub(found[parent][0], mul(turn, stemV))),
        b.define(`${name}${l}V`, add(found[parent][1], mul(turn, stemU))),
      ],
    );
  }
  return found;
};

/** Terms of each dof's force, in the order in which they are added. */
type Terms = ReadonlyArray<Expression[]>;

const biasTerms = (m: Model, b: Block, poses: Poses, spin: ReadonlyArray<Expression>, force: Terms): void => {
  const square = spin.map((w, j) => b.define(`square${j}`, mul(w, w)));
  const [gravityU, gravityV] = [literal(m.gravity[0]), literal(m.gravity[1])];
  for (let j = 0; j < m.nv; j++) force[j].push(literal(m.dofWeight[j]));
  for (let l = 0; l < m.nlink; l++) {
    const dof = m.linkDof[l], [momentU, momentV] = poses.moment[l];
    if (dof < 0) continue;
    force[dof].push(mul(gravityV, momentU), neg(mul(gravityU, momentV)));
    if (m.linkSlideU[l] >= 0) force[m.linkSlideU[l]].push(mul(momentU, square[dof]));
    if (m.linkSlideV[l] >= 0) force[m.linkSlideV[l]].push(mul(momentV, square[dof]));
  }
  for (let k = 0; k < m.couplingA.length; k++) {
    const i = m.couplingB[k], j = m.couplingA[k];
    const turn = b.define(`turn${i}_${j}`, cross(poses.stem[m.couplingStem[k]], poses.moment[m.couplingLink[k]]));
    force[j].push(mul(turn, square[i]));
    force[i].push(neg(mul(turn, square[j])));
  }
};

/** Springs and dampers of the joints. */
const jointTerms = (
  m: Model,
  b: Block,
  q: ReadonlyArray<Expression>,
  rate: ReadonlyArray<Expression>,
  force: Terms,
): void => {
  for (let j = 0; j < m.nv; j++) {
    const stretched = sub(q[j], literal(m.qposSpring[j]));
    const spring = mul(literal(m.dofSign[j] * m.dofStiffness[j]), stretched);
    const drag = b.define(`damping${j}`, add(mul(literal(m.dofSign[j] * m.dofDamping[j]), rate[j]), spring));
    force[j].push(neg(drag));
    if (m.dofParent[j] >= 0) force[m.dofParent[j]].push(drag);
  }
};

/** Forces of the medium on one box, carried along the chain to the root. */
const fluidTerms = (
  m: Model,
  b: Block,
  i: number,
  poses: Poses,
  flow: ReadonlyArray<Pair>,
  spin: ReadonlyArray<Expression>,
  force: Terms,
): void => {
  const { link, com, axis, viscousForce, viscousTorque, dragForce, dragTorque } = m.fluid;
  const l = link[i], turn = hinge(m, l) < 0 ? ZERO : spin[hinge(m, l)];
  const arm = rotate(b, `arm${i}`, poses.cos[l], poses.sin[l], com[2 * i], com[2 * i + 1]);
  const main = rotate(b, `axis${i}`, poses.cos[l], poses.sin[l], axis[2 * i], axis[2 * i + 1]);
  const velocity: Pair = [
    b.define(`vel${i}U`, sub(flow[l][0], mul(turn, arm[1]))),
    b.define(`vel${i}V`, add(flow[l][1], mul(turn, arm[0]))),
  ];
  const resist = (name: string, viscous: number, drag: number, x: Expression) =>
    b.define(name, neg(mul(add(literal(viscous), mul(literal(drag), abs(x))), x)));
  const along = b.define(`along${i}`, dot(main, velocity)), across = b.define(`across${i}`, cross(main, velocity));
  const forceAlong = resist(`forceAlong${i}`, viscousForce[i], dragForce[2 * i], along);
  const forceAcross = resist(`forceAcross${i}`, viscousForce[i], dragForce[2 * i + 1], across);
  const push: Pair = [
    b.define(`push${i}U`, sub(mul(main[0], forceAlong), mul(main[1], forceAcross))),
    b.define(`push${i}V`, add(mul(main[1], forceAlong), mul(main[0], forceAcross))),
  ];
  if (m.linkSlideU[l] >= 0) force[m.linkSlideU[l]].push(push[0]);
  if (m.linkSlideV[l] >= 0) force[m.linkSlideV[l]].push(push[1]);
  if (hinge(m, l) >= 0) {
    force[hinge(m, l)].push(resist(`torque${i}`, viscousTorque[i], dragTorque[i], turn), cross(arm, push));
  }
  for (let child = l, up = m.linkParent[l]; up >= 0; child = up, up = m.linkParent[up]) {
    if (hinge(m, up) >= 0) force[hinge(m, up)].push(cross(poses.stem[child], push));
  }
};

/** (poses, q, q̇, w, torques of the motors) ⇒ (all forces but the constraints'). */
export const smoothForcesCode = (
  m: Model,
  b: Block,
  poses: Poses,
  q: ReadonlyArray<Expression>,
  rate: ReadonlyArray<Expression>,
  spin: ReadonlyArray<Expression>,
  motor: ReadonlyArray<Expression>,
): ReadonlyArray<Expression> => {
  const force: Terms = Array.from({ length: m.nv }, (_, j) => [motor[j]]);
  jointTerms(m, b, q, rate, force);
  biasTerms(m, b, poses, spin, force);
  if (m.fluid.count > 0) {
    const flow = anchorVelocities(m, b, poses, spin);
    for (let i = 0; i < m.fluid.count; i++) fluidTerms(m, b, i, poses, flow, spin, force);
  }
  return force.map((terms, j) => b.define(`force${j}`, sum(...terms)));
};
