/**
 * A step as code, of Runge–Kutta 4 or of Euler, unrolled over stages and dofs.
 *
 * @module
 */
import { LARGEST } from "../forward.ts";
import type { Model } from "../model.ts";
import { type Block, makeBlock } from "./block.ts";
import { stateEntry } from "./evaluation.ts";
import { add, atom, type Expression, literal, mul, neg, sum } from "./expression.ts";

/**
 * (ctrl) ⇒ torques of the motors on the links: gear · clamp(ctrl), all 0 where one control is NaN. No other is bad once it
 * is clamped, as the ranges lie within ±1e10. Throws where they do not.
 */
const motorCode = (m: Model, b: Block): void => {
  const controls = Array.from({ length: m.nu }, (_, i) => `ctrl${i}`);
  const torque = Array.from({ length: m.nv }, (): Expression[] => []);
  const wide = m.actuatorCtrlrange.find((x) => !(Math.abs(x) <= LARGEST));
  if (wide !== undefined) {
    throw new Error(`Cannot generate a step as control ranges must be within ±${LARGEST}: current value is ${wide}`);
  }
  if (m.nu > 0) {
    b.line(`let ${controls.map((name, i) => `${name} = ctrl[${i}]`).join(", ")};`);
    b.nest(`if (${controls.map((name) => `${name} !== ${name}`).join(" || ")})`, () => {
      controls.forEach((name) => b.line(`${name} = 0;`));
    });
  }
  controls.forEach((name, i) => {
    const dof = m.actuatorDof[i], [low, high] = Array.from(m.actuatorCtrlrange.subarray(2 * i, 2 * i + 2), literal);
    const clamped = atom(`(${name} < ${low.text} ? ${low.text} : ${name} > ${high.text} ? ${high.text} : ${name})`);
    const force = b.define(`torque${i}`, mul(literal(m.dofSign[dof] * m.actuatorGear[i]), clamped));
    torque[dof].push(force);
    if (m.dofParent[dof] >= 0) torque[m.dofParent[dof]].push(neg(force));
  });
  torque.forEach((terms, j) => b.line(`${stateEntry(m, "motor", j)} = ${sum(...terms).text};`));
};

/** One stage: evaluates, adds to the weighted sums, and writes the state of the next stage. */
const stageCode = (m: Model, b: Block, stage: number, sums: ReadonlyArray<[Expression, Expression]>): void => {
  const call = "evaluate(m, d)";
  b.line(stage === 0 ? `let status: Status = ${call};` : `status = ${call};`);
  b.line("if (status !== Status.ok) return status;");
  const weight = literal(stage === 0 || stage === 3 ? 1 / 6 : 1 / 3);
  for (let j = 0; j < m.nv; j++) {
    const at = (part: "qvel" | "qacc") => b.read(`${part}${j}_${stage}`, atom(stateEntry(m, part, j)));
    const vel = stage === 0 ? atom(`startVel${j}`) : at("qvel"), acc = at("qacc");
    sums[j][0] = b.define(`sumVel${j}_${stage}`, add(sums[j][0], mul(weight, vel)));
    sums[j][1] = b.define(`sumAcc${j}_${stage}`, add(sums[j][1], mul(weight, acc)));
    if (stage === 3) continue;
    const h = literal(stage === 2 ? m.timestep : 0.5 * m.timestep);
    b.line(`${stateEntry(m, "qpos", j)} = ${add(atom(`startPos${j}`), mul(h, vel)).text};`);
    b.line(`${stateEntry(m, "qvel", j)} = ${add(atom(`startVel${j}`), mul(h, acc)).text};`);
  }
};

/** (startPos, startVel) ⇒ (endPos, endVel), by name. */
type Advance = (m: Model, b: Block) => readonly [ReadonlyArray<Expression>, ReadonlyArray<Expression>];

const dofsOf = (m: Model): ReadonlyArray<number> => Array.from({ length: m.nv }, (_, j) => j);

/** Runge–Kutta 4: the start advanced along the weighted sums of four stages. */
const advanceRungeKutta: Advance = (m, b) => {
  const dofs = dofsOf(m), h = literal(m.timestep);
  const sums = dofs.map((): [Expression, Expression] => [literal(0), literal(0)]);
  for (let stage = 0; stage < 4; stage++) stageCode(m, b, stage, sums);
  return [
    dofs.map((j) => b.define(`endPos${j}`, add(atom(`startPos${j}`), mul(h, sums[j][0])))),
    dofs.map((j) => b.define(`endVel${j}`, add(atom(`startVel${j}`), mul(h, sums[j][1])))),
  ];
};

/** Semi-implicit Euler: velocities by the acceleration, positions by the new velocities. */
const advanceEuler: Advance = (m, b) => {
  const dofs = dofsOf(m), h = literal(m.timestep);
  b.line("const status: Status = evaluate(m, d);");
  b.line("if (status !== Status.ok) return status;");
  const acc = dofs.map((j) => b.read(`acc${j}`, atom(stateEntry(m, "qacc", j))));
  const vel = dofs.map((j) => b.define(`endVel${j}`, add(atom(`startVel${j}`), mul(h, acc[j]))));
  return [dofs.map((j) => b.define(`endPos${j}`, add(atom(`startPos${j}`), mul(h, vel[j])))), vel];
};

/** (model) ⇒ body of the function `step`. */
export const stepCode = (m: Model): string => {
  const b = makeBlock(), dofs = dofsOf(m);
  b.line("const { qpos, qvel, ctrl, qacc, linkAcc } = d;");
  motorCode(m, b);
  for (const j of dofs) {
    b.line(`const startPos${j} = qpos[${j}], startVel${j} = qvel[${j}];`);
    b.line(`${stateEntry(m, "qpos", j)} = startPos${j};`);
    b.line(`${stateEntry(m, "qvel", j)} = startVel${j};`);
    b.line(`${stateEntry(m, "linkAcc", j)} = 0;`);
  }
  const [pos, vel] = (m.integrator === "rk4" ? advanceRungeKutta : advanceEuler)(m, b);
  const bounded = [...pos, ...vel].map((e) => `Math.abs(${e.text}) <= ${LARGEST}`).join(" && ");
  b.line(`if (!(${bounded})) return Status.diverged;`);
  for (const j of dofs) {
    b.line(`qpos[${j}] = ${pos[j].text};`);
    b.line(`qvel[${j}] = ${vel[j].text};`);
    b.line(`qacc[${j}] = ${stateEntry(m, "qacc", j)};`);
    b.line(`linkAcc[${j}] = ${stateEntry(m, "linkAcc", j)};`);
  }
  b.line(`d.time += ${literal(m.timestep).text};`);
  b.line("return Status.ok;");
  return b.render();
};
