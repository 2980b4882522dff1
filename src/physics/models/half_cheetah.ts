/**
 * A body on two legs with six motors and sprung joints that runs in the xz plane.
 *
 * @module
 */
import {
  body,
  capsule,
  type GeomDescription,
  GRAVITY,
  hinge,
  type JointDescription,
  type ModelDescription,
  motor,
  plane,
  slide,
  type Vec3,
} from "../description.ts";
import { capsuleMoments } from "../inertia.ts";

const RADIUS = 0.046; // m, of every capsule
const TOTAL_MASS = 14; // kg
const HALF_LENGTHS = [0.5, 0.15, 0.145, 0.15, 0.094, 0.133, 0.106, 0.07]; // m, of torso, head, hind leg, front leg

/** kg/m³ that gives the whole body its mass: MuJoCo's `settotalmass`. */
const DENSITY = TOTAL_MASS / HALF_LENGTHS.reduce((sum, half) => sum + capsuleMoments(RADIUS, 2 * half, 1).mass, 0);

const CONTACT = { friction: 0.4, solimp: [0, 0.8, 0.01] } as const;
const SOLID = { ...CONTACT, conaffinity: 0, density: DENSITY } as const; // only the floor collides
const SOFT = { armature: 0.1, solref: [0.02, 1], solimp: [0, 0.8, 0.03] } as const;
const TURN: Vec3 = [0, 1, 0];

/** (name, centre in m, angle about y in rad from z, half of its axis in m) ⇒ (capsule). */
const rod = (name: string, [x, y, z]: Vec3, angle: number, half: number): GeomDescription => {
  const u = half * Math.sin(angle), v = half * Math.cos(angle);
  return capsule(name, [x + u, y, z + v], [x - u, y, z - v], RADIUS, SOLID);
};

/** (name, N·m/rad, N·m·s/rad, rad) ⇒ (sprung hinge). */
const spring = (name: string, stiffness: number, damping: number, range: readonly [number, number]): JointDescription =>
  hinge(name, TURN, { ...SOFT, stiffness, damping, range });

const bfoot = body("bfoot", [-0.28, 0, -0.14], [spring("bfoot", 120, 3, [-0.4, 0.785])], [
  rod("bfoot", [0.03, 0, -0.097], -0.27, 0.094),
]);
const bshin = body("bshin", [0.16, 0, -0.25], [spring("bshin", 180, 4.5, [-0.785, 0.785])], [
  rod("bshin", [-0.14, 0, -0.07], -2.03, 0.15),
], [bfoot]);
const bthigh = body("bthigh", [-0.5, 0, 0], [spring("bthigh", 240, 6, [-0.52, 1.05])], [
  rod("bthigh", [0.1, 0, -0.13], -3.8, 0.145),
], [bshin]);

const ffoot = body("ffoot", [0.13, 0, -0.18], [spring("ffoot", 60, 1.5, [-0.5, 0.5])], [
  rod("ffoot", [0.045, 0, -0.07], -0.6, 0.07),
]);
const fshin = body("fshin", [-0.14, 0, -0.24], [spring("fshin", 120, 3, [-1.2, 0.87])], [
  rod("fshin", [0.065, 0, -0.09], -0.6, 0.106),
], [ffoot]);
const fthigh = body("fthigh", [0.5, 0, 0], [spring("fthigh", 180, 4.5, [-1, 0.7])], [
  rod("fthigh", [-0.07, 0, -0.12], 0.52, 0.133),
], [fshin]);

const torso = body("torso", [0, 0, 0.7], [slide("rootx", [1, 0, 0]), slide("rootz", [0, 0, 1]), hinge("rooty", TURN)], [
  capsule("torso", [-0.5, 0, 0], [0.5, 0, 0], RADIUS, SOLID),
  rod("head", [0.6, 0, 0.1], 0.87, 0.15),
], [bthigh, fthigh]);

/** Figures of Gymnasium v5's `half_cheetah.xml`: 14 kg in all, springs at rest at 0, Euler steps. */
export const halfCheetah: ModelDescription = {
  name: "halfCheetah",
  timestep: 0.01,
  integrator: "euler",
  gravity: GRAVITY,
  density: 0,
  viscosity: 0,
  geoms: [plane("floor", [0, 0, 0], CONTACT)],
  bodies: [torso],
  actuators: [
    motor("bthigh", 120),
    motor("bshin", 90),
    motor("bfoot", 60),
    motor("fthigh", 120),
    motor("fshin", 60),
    motor("ffoot", 30),
  ],
};
