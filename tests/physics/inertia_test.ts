import { assertAlmostEquals } from "@std/assert";
import { capsule } from "../../src/physics/description.ts";
import { capsuleMoments, combineInertia, geomInertia } from "../../src/physics/inertia.ts";

Deno.test("a capsule without a cylinder is a sphere", () => {
  const { mass, transverse, axial } = capsuleMoments(0.5, 0, 6); // m = 6·4π/3·⅛ = π, I = ⅖ m r² = π/10
  assertAlmostEquals(mass, Math.PI, 1e-15);
  assertAlmostEquals(transverse, Math.PI / 10, 1e-15);
  assertAlmostEquals(axial, Math.PI / 10, 1e-15);
});

Deno.test("a capsule's moments equal numerical integration over discs", () => {
  // Disc of radius ρ at height z: dm = π ρ² dz, axial ½ρ² dm, transverse (¼ρ² + z²) dm.
  const r = 0.3, h = 0.8, n = 200_000, top = h / 2 + r;
  let mass = 0, axial = 0, transverse = 0;
  for (let i = 0; i < n; i++) {
    const z = -top + ((i + 0.5) * 2 * top) / n, beyond = Math.max(0, Math.abs(z) - h / 2);
    const square = r * r - beyond * beyond, slice = (Math.PI * square * 2 * top) / n;
    mass += slice;
    axial += 0.5 * square * slice;
    transverse += (0.25 * square + z * z) * slice;
  }
  const exact = capsuleMoments(r, h, 1);
  assertAlmostEquals(exact.mass, mass, 1e-9);
  assertAlmostEquals(exact.axial, axial, 1e-9);
  assertAlmostEquals(exact.transverse, transverse, 1e-9);
});

Deno.test("two halves of a rod have the inertia of the rod about their common centre", () => {
  // Thin rods: m = 2·π r² ρ, I = m L²/12 with L = 2, up to terms in r².
  const r = 1e-4, half = (from: number, to: number) => geomInertia(capsule("half", [from, 0, 0], [to, 0, 0], r));
  const whole = combineInertia([half(-1, 0), half(0, 1)], [[0, 0, 0], [0, 0, 0]]);
  assertAlmostEquals(whole.com[0], 0, 1e-15);
  assertAlmostEquals(whole.moment[8] / whole.mass, 4 / 12, 1e-4);
});
