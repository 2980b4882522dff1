/**
 * One evaluation of the dynamics as code: (state: qpos, qvel, motor torques, guess) ⇒ (state: qacc, dw/dt).
 *
 * @module
 */
import { LARGEST } from "../forward.ts";
import type { Model } from "../model.ts";
import { type Block, makeBlock } from "./block.ts";
import { leaveTouchingCapsules } from "./capsules.ts";
import { addContacts, type ContactCode, findContactsCode, sumContactsCode, updateContactsCode } from "./contacts.ts";
import { dampAccelerations, dampedMatrix, isDampedImplicitly } from "./damping.ts";
import { anchorRates, linkVelocitiesCode, type Lower, massMatrixCode, smoothForcesCode } from "./dynamics.ts";
import { solveCode } from "./elimination.ts";
import { gapConditions, gapsCode, planeEnds, type Tables } from "./ends.ts";
import { add, atom, type Expression, literal, mul, sub, sum } from "./expression.ts";
import { addLimits, copyLower, limitConditions, limitRowsCode, rangesCode, updateLimitsCode } from "./limits.ts";
import { linkPosesCode, type Poses } from "./links.ts";

const LEAVE = "return evaluateGenerically(m, d, state);";
const MOST_GUESSES = 12;

/** Offsets in `state`, in multiples of nv. */
export const Part = { qpos: 0, qvel: 1, qacc: 2, linkAcc: 3, motor: 4, length: 5 } as const;

/** (model, part, j) ⇒ `state[…]`. */
export const stateEntry = (m: Model, part: keyof typeof Part, j: number): string => `state[${Part[part] * m.nv + j}]`;

const dofs = <T>(m: Model, value: (j: number) => T): ReadonlyArray<T> =>
  Array.from({ length: m.nv }, (_, j) => value(j));

/** What the constrained and the unconstrained solution share. */
interface Problem {
  readonly poses: Poses;
  readonly mass: Lower;
  readonly force: ReadonlyArray<Expression>;
}

const assign = (b: Block, acc: ReadonlyArray<Expression>): void =>
  acc.forEach((e, j) => b.line(`acc${j} = ${e.text};`));

/** Newton on the active set, from the guess in `state`; after 12 guesses the generic solver takes over. */
const activeSetCode = (code: ContactCode, { poses, mass, force }: Problem): void => {
  const { m, b, ends } = code, acc = dofs(m, (j) => atom(`acc${j}`));
  dofs(m, (j) => b.line(`acc${j} = ${stateEntry(m, "linkAcc", j)};`));
  b.nest("for (let guess = 0;; guess++)", () => {
    b.line("let change = guess === 0 ? 1 : 0;");
    updateLimitsCode(m, b, acc);
    if (ends.length > 0) updateContactsCode(code, anchorRates(m, b, "rate", poses, acc), acc);
    b.line("if (change === 0) break;");
    b.line(`if (guess === ${MOST_GUESSES}) ${LEAVE}`);
    if (ends.length > 0) sumContactsCode(code);
    const matrix = copyLower(mass), right = [...force];
    addLimits(m, matrix, right);
    if (ends.length > 0) addContacts(code, poses, matrix, right);
    assign(b, solveCode(b, matrix, right, LEAVE));
  });
};

/** (mass matrix, dw/dt, all other forces) ⇒ `d.qfrcConstraint` = M ẇ − forces, in joint coordinates. */
const constraintForcesCode = (m: Model, b: Block, { mass, force }: Problem, acc: ReadonlyArray<Expression>): void => {
  const link = dofs(m, (i) => {
    const product = dofs(m, (j) => mul(j <= i ? mass[i][j] : mass[j][i], acc[j]));
    return b.define(`constraint${i}`, sub(sum(...product), force[i]));
  });
  const gathered = [...link];
  for (let j = m.nv - 1; j >= 0; j--) {
    const parent = m.dofParent[j];
    if (parent >= 0) gathered[parent] = add(gathered[parent], gathered[j]);
  }
  gathered.forEach((e, j) => b.line(`d.qfrcConstraint[${j}] = ${mul(literal(m.dofSign[j]), e).text};`));
};

/** What the branch with constraints leaves: outputs, then dw/dt with implicit damping where Euler has some. */
const finishActiveCode = (m: Model, b: Block, problem: Problem): void => {
  const acc = dofs(m, (j) => atom(`acc${j}`));
  if (m.outputs.includes("qfrcConstraint")) constraintForcesCode(m, b, problem, acc);
  if (isDampedImplicitly(m)) assign(b, dampAccelerations(m, b, problem.mass, acc, LEAVE));
};

/** (mass matrix, forces) ⇒ dw/dt where nothing is constrained. */
const freeCode = (m: Model, b: Block, { mass, force }: Problem): void => {
  assign(b, solveCode(b, isDampedImplicitly(m) ? dampedMatrix(m, mass) : mass, force, LEAVE));
  if (m.outputs.includes("qfrcConstraint")) dofs(m, (j) => b.line(`d.qfrcConstraint[${j}] = 0;`));
};

/** (acc0, acc1, …) ⇒ `state`, joint accelerations and the status. */
const finishCode = (m: Model, b: Block): void => {
  const joint = dofs(m, (j) => {
    const parent = m.dofParent[j], own = atom(`acc${j}`);
    const turn = parent < 0 ? own : sub(own, atom(`acc${parent}`));
    return b.define(`joint${j}`, mul(literal(m.dofSign[j]), turn));
  });
  dofs(m, (j) => b.line(`${stateEntry(m, "qacc", j)} = ${joint[j].text};`));
  dofs(m, (j) => b.line(`${stateEntry(m, "linkAcc", j)} = acc${j};`));
  const bounded = joint.map((e) => `Math.abs(${e.minus?.text ?? e.text}) <= ${LARGEST}`).join(" && ");
  b.line(`return ${bounded} ? Status.ok : Status.diverged;`);
};

/** (model, tables) ⇒ body of the function `evaluate`. */
export const evaluationCode = (m: Model, tables: Tables): string => {
  const b = makeBlock(), ends = planeEnds(m), code: ContactCode = { m, b, ends, tables };
  const q = dofs(m, (j) => b.define(`q${j}`, atom(stateEntry(m, "qpos", j))));
  const rate = dofs(m, (j) => b.define(`v${j}`, atom(stateEntry(m, "qvel", j))));
  const motor = dofs(m, (j) => b.define(`motor${j}`, atom(stateEntry(m, "motor", j))));
  const poses = linkPosesCode(m, b, LEAVE);
  leaveTouchingCapsules(m, b, poses, LEAVE);
  const spin = linkVelocitiesCode(m, b, rate), mass = massMatrixCode(m, b, poses);
  const force = smoothForcesCode(m, b, poses, q, rate, spin, motor), problem: Problem = { poses, mass, force };
  const ranges = rangesCode(m, b, q), passed = limitConditions(ranges);
  const gaps = gapsCode(b, poses, ends), touched = gapConditions(m, ends, gaps);
  b.line(`let ${dofs(m, (j) => `acc${j}: number`).join(", ")};`);
  const free = () => freeCode(m, b, problem);
  if (passed.length + touched.length > 0) {
    b.nest(`if (${[...touched, ...passed].join(" || ")})`, () => {
      limitRowsCode(m, b, rate, ranges, LEAVE);
      if (ends.length > 0) findContactsCode(code, gaps, touched, poses, anchorRates(m, b, "flow", poses, spin), spin);
      activeSetCode(code, problem);
      finishActiveCode(m, b, problem);
    });
    b.nest("else", free);
  } else free();
  finishCode(m, b);
  return b.render();
};
