import { assert, assertAlmostEquals, assertGreater } from "@std/assert";
import { makeKey, makeStream } from "../../src/math/random.ts";
import { exactStep } from "../../src/physics/linesearch.ts";
import { compile, makeData, reacher } from "../../src/physics/physics.ts";

/** Derivative of the objective along the direction at α, straight from its definition. */
const derivative = (alpha: number, mass: number, d: ReturnType<typeof makeData>): number => {
  let slope = 0;
  for (let i = 0; i < 4; i++) {
    slope += d.direction[i] * (mass * (d.linkAcc[i] + alpha * d.direction[i]) - d.linkSmooth[i]);
  }
  for (let r = 0; r < d.nefc; r++) {
    let residual = d.efcResidual[r], along = 0;
    for (let k = 0; k < 4; k++) along += d.efcJ[4 * r + k] * d.direction[k];
    residual += alpha * along;
    if (residual < 0) slope += d.efcD[r] * residual * along;
  }
  return slope;
};

Deno.test("a single row, by hand", () => {
  // Mass 1, force 0, a = 0, direction 1; row J = 1, aref = 3, D = 2: ½α² + (α − 3)², derivative α + 2(α − 3) = 0 at 2.
  const m = compile(reacher), d = makeData(m);
  for (let i = 0; i < 4; i++) d.linkMass[5 * i] = 1;
  d.direction[0] = 1;
  d.nefc = 1;
  d.efcJ[0] = 1;
  d.efcD[0] = 2;
  d.efcResidual[0] = -3;
  assertAlmostEquals(exactStep(m, d), 2, 4e-16);
});

Deno.test("the exact step is where the derivative vanishes, across many kinks", () => {
  const m = compile(reacher), d = makeData(m), stream = makeStream(makeKey(0));
  let kinks = 0;
  for (let trial = 0; trial < 2000; trial++) {
    const mass = 10 ** (2 * stream.uniform() - 1);
    for (let i = 0; i < 4; i++) {
      d.linkMass[5 * i] = mass;
      d.direction[i] = stream.normal();
      d.linkAcc[i] = 3 * stream.normal();
      d.linkSmooth[i] = 3 * stream.normal();
    }
    d.nefc = 6;
    for (let k = 0; k < 24; k++) d.efcJ[k] = stream.normal();
    for (let r = 0; r < 6; r++) {
      d.efcD[r] = 10 ** (3 * stream.uniform());
      d.efcResidual[r] = 3 * stream.normal();
    }
    const start = derivative(0, mass, d);
    if (start > 0) continue; // not a descent direction
    const alpha = exactStep(m, d);
    assert(Math.abs(derivative(alpha, mass, d)) <= 1e-10 * Math.max(1, -start, derivative(2 * alpha, mass, d)));
    for (let r = 0; r < 6; r++) kinks += d.efcResidual[r] * (d.efcResidual[r] + alpha * d.efcSlope[r]) < 0 ? 1 : 0;
  }
  assertGreater(kinks, 1000);
});
