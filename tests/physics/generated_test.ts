/** Generated steps: which models have one, what they share with the generic engine beyond numbers. */
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { generatePhysics } from "../../src/physics/codegen/write.ts";
import { generatedFiles } from "../../src/physics/codegen/files.ts";
import { fingerprint } from "../../src/physics/codegen/fingerprint.ts";
import { moduleCode } from "../../src/physics/codegen/module.ts";
import { makeKey, makeStream } from "../../src/math/random.ts";
import {
  compile,
  type Data,
  forward,
  hopper,
  makeData,
  type Model,
  models,
  Status,
  step,
  stepGenerated,
  stepGeneric,
  type Stepper,
  stepperOf,
  walker2d,
} from "../../src/physics/physics.ts";
import { segmentsMeet } from "../../src/physics/segments.ts";

const MODELS = Object.values(models);

/** States of walker2d in which the active set alone cycles; the solver's test has them too. */
const CYCLING: ReadonlyArray<{ readonly qpos: ReadonlyArray<number>; readonly qvel: ReadonlyArray<number> }> = [
  {
    qpos: [0, 0.301, 0.005, -0.609, 1.075, -2.311, -2.882, 2.299, -2.76],
    qvel: [94.1, 91.2, 70.6, -2.6, -25.6, 35.6, 97.8, -48.5, 181.9],
  },
  {
    qpos: [0, 0.159, 0.417, -2.117, -2.615, -2.918, 1.269, -0.469, -1.227],
    qvel: [-13.8, 33.5, -24.8, -45.3, 33.5, -7.6, 46, 65.6, -17.8],
  },
  {
    qpos: [0, 0.016, -1.731, 0.81, -2.434, -1.194, 0.639, -1.274, 1.685],
    qvel: [-38.1, -265, 295.7, 314.5, 37.8, 294.5, -44.3, -277.1, -43.7],
  },
];

const generatedOf = (m: Model): Stepper => {
  const stepper = stepGenerated(m);
  assert(stepper !== null, `no generated module for ${m.name}`);
  return stepper;
};

Deno.test("the generated modules are what the generator writes, twice the same", () => {
  assertEquals(generatePhysics("check"), []); // otherwise: deno task gen
  assertEquals(generatedFiles(), generatedFiles());
});

Deno.test("every task's model has a generated step; a model with any other constant has not", () => {
  for (const description of MODELS) {
    const m = compile(description);
    assertEquals(stepperOf(m), generatedOf(m));
    assertNotEquals(stepperOf(m), stepGeneric);
    const heavier = m.dofDiagonal.slice();
    heavier[0] *= 1 + 2 ** -52;
    for (
      const other of [{ ...m, dofDiagonal: heavier }, {
        ...m,
        integrator: m.integrator === "rk4" ? "euler" as const : "rk4" as const,
      }, { ...m, timestep: 1 }]
    ) {
      assertEquals(stepGenerated(other), null);
      assertEquals(stepperOf(other), stepGeneric);
    }
    assertEquals(fingerprint({ ...m, name: "other" }), fingerprint(m));
  }
  const wide = { ...hopper, actuators: [{ ...hopper.actuators[0], ctrlrange: [-1, 2e10] as const }] };
  assertThrows(
    () => moduleCode(compile(wide)),
    Error,
    "Cannot generate a step as control ranges must be within ±10000000000: current value is 20000000000",
  );
});

Deno.test("numbers that JSON does not have enter the fingerprint", () => {
  const m = compile(hopper), numbers = [0, -0, NaN, Infinity, -Infinity];
  for (
    const change of [(x: number) => ({ ...m, timestep: x }), (x: number) => ({ ...m, gravity: Float64Array.of(x, 0) })]
  ) {
    assertEquals(new Set(numbers.map((x) => fingerprint(change(x)))).size, numbers.length);
  }
});

Deno.test("step follows the model it is given, in any order", () => {
  const models = MODELS.map(compile), other = { ...models[0], gravity: Float64Array.of(0, -1) };
  for (const m of [...models, other, ...models]) {
    const d = makeData(m), expected = makeData(m);
    d.qvel.fill(0.1);
    expected.qvel.fill(0.1);
    assertEquals(step(m, d), stepperOf(m)(m, expected));
    assertEquals(d.qvel, expected.qvel);
    assertEquals(d.time, m.timestep);
  }
});

const shake = (m: Model, d: Data, seed: number, size: number): void => {
  const stream = makeStream(makeKey(seed));
  for (let j = 0; j < m.nq; j++) {
    d.qpos[j] = m.qpos0[j] + size * (2 * stream.uniform() - 1);
    d.qvel[j] = size * stream.normal();
  }
  for (let k = 0; k < m.nu; k++) d.ctrl[k] = 3 * stream.uniform() - 1.5;
};

for (const description of MODELS) {
  Deno.test(`same bits for the same (qpos, qvel, ctrl), whatever came before: ${description.name}`, () => {
    const m = compile(description), generated = generatedOf(m), used = makeData(m);
    for (let seed = 0; seed < 500; seed++) {
      shake(m, used, seed, 0.4);
      const fresh = makeData(m), again = makeData(m);
      for (const d of [fresh, again]) {
        d.qpos.set(used.qpos);
        d.qvel.set(used.qvel);
        d.ctrl.set(used.ctrl);
      }
      used.linkAcc.fill(seed); // and whatever the scratch holds
      assertEquals(generated(m, fresh), Status.ok);
      forward(m, used);
      generated(m, used);
      generated(m, again);
      for (const d of [used, again]) {
        assertEquals(d.qpos, fresh.qpos);
        assertEquals(d.qvel, fresh.qvel);
        assertEquals(d.qacc, fresh.qacc);
      }
    }
  });

  Deno.test(`controls are clamped, whatever their size, and one NaN switches all off: ${description.name}`, () => {
    const m = compile(description), generated = generatedOf(m);
    const after = (ctrl: ReadonlyArray<number>): Float64Array => {
      const d = makeData(m);
      shake(m, d, 1, 0.1);
      d.ctrl.set(ctrl);
      assertEquals(generated(m, d), Status.ok);
      assertEquals(Array.from(d.ctrl), ctrl);
      return d.qvel;
    };
    const all = (x: number) => Array.from({ length: m.nu }, () => x);
    const [low, high] = m.actuatorCtrlrange; // equal for all of a model
    assertEquals(after(all(5)), after(all(high)));
    for (const huge of [1e10, 1.1e10, 1e300, Infinity]) {
      assertEquals(after(all(-huge)), after(all(low)));
      assertEquals(after([huge, ...all(0).slice(1)]), after([high, ...all(0).slice(1)]));
    }
    assertEquals(after([...all(1).slice(1), NaN]), after(all(0)));
    assertEquals(after([NaN, ...all(1).slice(1)]), after(all(0)));
  });

  Deno.test(`a state that is no number is reported and left as it was: ${description.name}`, () => {
    const m = compile(description), generated = generatedOf(m);
    for (const part of ["qpos", "qvel"] as const) {
      for (const bad of [NaN, Infinity, -Infinity, 1e11, 1e200]) {
        for (let j = 0; j < m.nv; j++) {
          const d = makeData(m), generic = makeData(m);
          d[part][j] = generic[part][j] = bad;
          const qpos = d.qpos.slice(), qvel = d.qvel.slice();
          assertEquals(generated(m, d), stepGeneric(m, generic), `${part}[${j}] = ${bad}`);
          assertEquals(generated(m, d), Status.diverged);
          assertEquals([d.qpos, d.qvel, d.time], [qpos, qvel, 0]);
        }
      }
    }
  });
}

Deno.test("angles beyond the reduction's range go through the generic engine", () => {
  const m = compile(hopper), d = makeData(m), generic = makeData(m);
  for (const x of [d, generic]) x.qpos[2] = 2e6;
  assertEquals([generatedOf(m)(m, d), stepGeneric(m, generic)], [Status.ok, Status.ok]);
  assertEquals(d.qpos, generic.qpos);
  assertEquals(d.qvel, generic.qvel);
});

Deno.test("an active set that cycles is solved by the generic line search", () => {
  const m = compile(walker2d), generated = generatedOf(m);
  for (const { qpos, qvel } of CYCLING) {
    const d = makeData(m), generic = makeData(m);
    for (const x of [d, generic]) {
      x.qpos.set(qpos);
      x.qvel.set(qvel);
    }
    assertEquals([generated(m, d), stepGeneric(m, generic)], [Status.ok, Status.ok]);
    assert(d.solverFallbacks >= 1, `${d.solverFallbacks}`);
    // Stages differ by 1e-14 of accelerations of 1e6 and more: see the parity test for the scale.
    const size = generic.qacc.reduce((largest, x) => Math.max(largest, Math.abs(x)), 0) * m.timestep;
    d.qvel.forEach((x, j) => assert(Math.abs(x - generic.qvel[j]) <= 1e-12 * size, `${x} ${generic.qvel[j]} ${size}`));
  }
});

Deno.test("segments meet where some points of them are near", () => {
  const stream = makeStream(makeKey(2)), within = () => 2 * stream.uniform() - 1;
  for (let i = 0; i < 300; i++) {
    const [gapU, gapV] = [3 * within(), 3 * within()], [a, b, c, d] = [within(), within(), within(), within()];
    const at = (x: number, y: number) => Math.hypot(gapU + x * a - y * c, gapV + x * b - y * d);
    let least = Infinity; // over a grid: never below the distance, above it by half a cell at most
    for (let x = -50; x <= 50; x++) for (let y = -50; y <= 50; y++) least = Math.min(least, at(x / 50, y / 50));
    assert(segmentsMeet(gapU, gapV, a, b, c, d, least + 1e-12), "a point of the grid is within reach");
    const cell = 0.01 * (Math.hypot(a, b) + Math.hypot(c, d)) + 1e-9;
    if (least > cell) assert(!segmentsMeet(gapU, gapV, a, b, c, d, least - cell), "nothing is so much nearer");
  }
});

Deno.test("points are segments too, as centres of spheres", () => {
  // 5 apart; a point 3 above the middle of a segment, and beside its end: √(3² + 1²)
  assertEquals([segmentsMeet(3, 4, 0, 0, 0, 0, 5.1), segmentsMeet(3, 4, 0, 0, 0, 0, 4.9)], [true, false]);
  for (const [gap, distance] of [[0, 3], [3, Math.sqrt(10)]]) {
    for (const slack of [1e-9, -1e-9]) {
      assertEquals(segmentsMeet(gap, 3, 0, 0, 2, 0, distance + slack), slack > 0);
      assertEquals(segmentsMeet(gap, 3, 2, 0, 0, 0, distance + slack), slack > 0);
    }
  }
});
