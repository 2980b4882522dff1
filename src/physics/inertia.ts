/**
 * Mass, centre of mass and inertia of bodies from their geoms.
 *
 * @module
 */
import type { BodyDescription, GeomDescription, InertialDescription, Vec3 } from "./description.ts";

/** Mass properties; the inertia is about the centre of mass, along the frame's axes. */
export interface Inertia {
  /** kg */
  readonly mass: number;
  /** m */
  readonly com: Vec3;
  /** [3, 3] kg·m² */
  readonly moment: Float64Array;
}

/**
 * Principal moments of a capsule: (radius r, cylinder length h in m, density) ⇒ (mass, transverse, axial).
 *
 *   volume π(r²h + 4r³/3); ms = m·4r/(4r + 3h) in the two half-spheres, mc = m − ms in the cylinder
 *   transverse mc(3r² + h²)/12 + 2·ms·r²/5 + ms·h(3r + 2h)/8, axial mc·r²/2 + 2·ms·r²/5
 *
 * A sphere is a capsule with h = 0.
 */
export const capsuleMoments = (
  r: number,
  h: number,
  density: number,
): { readonly mass: number; readonly transverse: number; readonly axial: number } => {
  const mass = density * Math.PI * (r * r * h + (4 / 3) * r * r * r);
  const caps = (mass * 4 * r) / (4 * r + 3 * h), cylinder = mass - caps;
  const spherical = 0.4 * caps * r * r;
  return {
    mass,
    transverse: (cylinder * (3 * r * r + h * h)) / 12 + spherical + (caps * h * (3 * r + 2 * h)) / 8,
    axial: 0.5 * cylinder * r * r + spherical,
  };
};

/** (geom) ⇒ (inertia) in the frame of its body. */
export const geomInertia = (geom: GeomDescription): Inertia => {
  const { from, to } = geom;
  const axis = [from[0] - to[0], from[1] - to[1], from[2] - to[2]];
  const length = Math.hypot(axis[0], axis[1], axis[2]);
  const { mass, transverse, axial } = capsuleMoments(geom.radius, length, geom.density);
  const moment = new Float64Array(9);
  for (let i = 0; i < 3; i++) {
    moment[4 * i] = transverse;
    for (let j = 0; j < 3 && length > 0; j++) {
      moment[3 * i + j] += (axial - transverse) * (axis[i] / length) * (axis[j] / length);
    }
  }
  return { mass, com: [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2, (from[2] + to[2]) / 2], moment };
};

/** (what is given) ⇒ (inertia) in the frame of the body. */
const givenInertia = ({ mass, pos, fullinertia: [xx, yy, zz, xy, xz, yz] }: InertialDescription): Inertia => ({
  mass,
  com: pos,
  moment: Float64Array.of(xx, xy, xz, xy, yy, yz, xz, yz, zz),
});

/** (solids of a body) ⇒ (inertia) in the frame of the body. */
export const solidInertia = (geoms: ReadonlyArray<GeomDescription>): Inertia =>
  combineInertia(geoms.map(geomInertia), geoms.map(() => [0, 0, 0] as const));

/** (body) ⇒ (inertia) in its frame: what is given, else that of its solids. */
export const bodyInertia = ({ geoms, inertial }: Pick<BodyDescription, "geoms" | "inertial">): Inertia =>
  inertial === undefined ? solidInertia(geoms) : givenInertia(inertial);

const NEAR = 1e-6; // MuJoCo's tolerance of equal frames

/**
 * (body, its inertia) ⇒ whether MuJoCo gives the body's own frame to its inertia: the centre of mass lies at
 * the origin, and the principal axes are x, y, z. One geom has its own axes (a capsule's z runs from `to` to `from`), more
 * have those of the tensor, the largest moment first.
 */
export const isInertialFrame = (
  { geoms, inertial }: Pick<BodyDescription, "geoms" | "inertial">,
  { com, moment }: Inertia,
): boolean => {
  if (inertial !== undefined) return inertial.frame === "body";
  if (com.some((x) => Math.abs(x) > NEAR)) return false;
  if (geoms.length === 1) {
    const [{ type, from, to }] = geoms, [x, y, z] = [0, 1, 2].map((i) => from[i] - to[i]);
    return type === "sphere" || (Math.hypot(x, y) <= NEAR * z && z > 0);
  }
  const [xx, yy, zz] = [moment[0], moment[4], moment[8]], slack = 1e-12 * (xx + yy + zz);
  const mixed = Math.max(Math.abs(moment[1]), Math.abs(moment[2]), Math.abs(moment[5]));
  return mixed <= slack && xx + slack >= yy && yy + slack >= zz;
};

/** (parts, offset of each in m) ⇒ (inertia of the whole), by the parallel-axis theorem. */
export const combineInertia = (parts: ReadonlyArray<Inertia>, offsets: ReadonlyArray<Vec3>): Inertia => {
  const mass = parts.reduce((sum, part) => sum + part.mass, 0);
  const along = (i: 0 | 1 | 2) => parts.reduce((sum, part, k) => sum + part.mass * (part.com[i] + offsets[k][i]), 0);
  const com: Vec3 = mass > 0 ? [along(0) / mass, along(1) / mass, along(2) / mass] : [0, 0, 0];
  const moment = new Float64Array(9);
  parts.forEach((part, k) => {
    const arm = [0, 1, 2].map((i) => part.com[i] + offsets[k][i] - com[i]);
    const square = arm[0] * arm[0] + arm[1] * arm[1] + arm[2] * arm[2];
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        moment[3 * i + j] += part.moment[3 * i + j] + part.mass * ((i === j ? square : 0) - arm[i] * arm[j]);
      }
    }
  });
  return { mass, com, moment };
};
