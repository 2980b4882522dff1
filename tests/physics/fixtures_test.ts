/** Every intermediate against stored answers of MuJoCo (`fixtures/mujoco`): runs without MuJoCo. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { jointSpace } from "./jointspace.ts";
import { compile, forward, kinematics, makeData, models, step } from "../../src/physics/physics.ts";

type Numbers = ReadonlyArray<number>;

interface State {
  readonly qpos: Numbers;
  readonly qvel: Numbers;
  readonly ctrl: Numbers;
  readonly ncon: number;
  readonly xpos: Numbers;
  readonly qM: Numbers;
  readonly qfrcBias: Numbers;
  readonly qfrcPassive: Numbers;
  readonly qfrcActuator: Numbers;
  readonly efcJ: Numbers;
  readonly efcD: Numbers;
  readonly efcAref: Numbers;
  readonly efcForce: Numbers;
  readonly qfrcConstraint: Numbers;
  readonly qacc: Numbers;
}

interface Fixture {
  readonly mujoco: string;
  readonly command: string;
  readonly states: ReadonlyArray<State>;
  readonly trajectory: {
    readonly ctrl: Numbers;
    readonly every: number;
    readonly qpos: ReadonlyArray<Numbers>;
    readonly qvel: ReadonlyArray<Numbers>;
  };
}

const read = (name: string): Fixture =>
  JSON.parse(Deno.readTextFileSync(new URL(`../../fixtures/mujoco/${name}.json`, import.meta.url)));

const close = (name: string, ours: ArrayLike<number>, theirs: Numbers, bar: number): void => {
  assertEquals(ours.length, theirs.length, name);
  const size = theirs.reduce((largest, x) => Math.max(largest, Math.abs(x)), 1e-6);
  theirs.forEach((value, i) => assert(Math.abs(ours[i] - value) <= bar * size, `${name}[${i}]: ${ours[i]}, ${value}`));
};

interface Rows {
  readonly J: ArrayLike<number>; // [rows, nv]
  readonly aref: ArrayLike<number>; // [rows]
  readonly D: ArrayLike<number>; // [rows]
}

/** Total weight of the rows of `b` that equal row r of `a`; the two legs' hips, for instance, give equal rows. */
const weightOfEquals = (nv: number, a: Rows, r: number, b: Rows, count: number): number => {
  let weight = 0;
  for (let t = 0; t < count; t++) {
    let distance = Math.abs(a.aref[r] - b.aref[t]) / (1 + Math.abs(a.aref[r]));
    for (let k = 0; k < nv; k++) distance += Math.abs(a.J[r * nv + k] - b.J[t * nv + k]);
    if (distance <= 1e-11) weight += b.D[t];
  }
  return weight;
};

/** Both sets hold the same rows with the same total weights, in whatever order and merged or not. */
const sameRows = (nv: number, a: Rows, countA: number, b: Rows, countB: number): void => {
  for (let r = 0; r < countA; r++) {
    const own = weightOfEquals(nv, a, r, a, countA), other = weightOfEquals(nv, a, r, b, countB);
    assert(Math.abs(own - other) <= 1e-11 * own, `row ${r}: weights ${own} and ${other}`);
  }
};

for (const description of Object.values(models)) {
  const fixture = read(description.name);

  Deno.test(`intermediates equal MuJoCo ${fixture.mujoco}'s stored ones: ${description.name}`, () => {
    const m = compile(description), d = makeData(m);
    for (const state of fixture.states) {
      d.qpos.set(state.qpos);
      d.qvel.set(state.qvel);
      d.ctrl.set(state.ctrl);
      forward(m, d);
      kinematics(m, d);
      const ours = jointSpace(m, d);
      assertEquals(d.ncon, state.ncon);
      close("xpos", d.xpos, state.xpos, 1e-14);
      close("qM", ours.qM, state.qM, 1e-14);
      close("qfrcBias", ours.qfrcBias, state.qfrcBias, 1e-13);
      close("qfrcPassive", ours.qfrcPassive, state.qfrcPassive, 1e-13);
      close("qfrcActuator", ours.qfrcActuator, state.qfrcActuator, 1e-14);
      const own = { J: ours.efcJ, aref: d.efcAref, D: d.efcD };
      const stored = { J: state.efcJ, aref: state.efcAref, D: state.efcD };
      sameRows(m.nv, own, d.nefc, stored, state.efcD.length);
      sameRows(m.nv, stored, state.efcD.length, own, d.nefc);
      close("qfrcConstraint", d.qfrcConstraint, state.qfrcConstraint, 1e-12);
      close("qacc", d.qacc, state.qacc, 1e-12);
    }
  });

  Deno.test(`the stored trajectory is followed: ${description.name}`, () => {
    const m = compile(description), d = makeData(m), { ctrl, every, qpos, qvel } = fixture.trajectory;
    d.ctrl.set(ctrl);
    qpos.forEach((expected, i) => {
      for (let k = 0; k < every; k++) step(m, d);
      close("qpos", d.qpos, expected, 1e-11);
      close("qvel", d.qvel, qvel[i], 1e-11);
    });
  });
}

Deno.test("the stored states have contacts on and off and limits hit", () => {
  for (const name of ["halfCheetah", "hopper", "walker2d"]) {
    const { states } = read(name);
    assertGreater(states.filter((state) => state.ncon > 0).length, 1);
    assertGreater(states.filter((state) => state.ncon === 0).length, 1);
  }
  for (const name of ["invertedDoublePendulum", "invertedPendulum", "swimmer", "reacher"]) {
    const { states } = read(name);
    assertGreater(states.filter((state) => state.efcForce.some((force) => force > 0)).length, 1);
    assertGreater(states.filter((state) => state.efcD.length === 0).length, 1);
  }
});
