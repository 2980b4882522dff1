/**
 * One leg with three motors that hops in the xz plane.
 *
 * @module
 */
import {
  body,
  capsule,
  GRAVITY,
  hinge,
  type ModelDescription,
  plane,
  radians,
  slide,
  type Vec3,
} from "../description.ts";

const CONTACT = { margin: 0.001, condim: 1, solref: [0.02, 1], solimp: [0.8, 0.8, 0.01] } as const;
const LINK = { ...CONTACT, friction: 0.9 } as const;
const KNEE = { range: [radians(-150), radians(0)], damping: 1, armature: 1 } as const;
const ANKLE = { range: [radians(-45), radians(45)], damping: 1, armature: 1 } as const;
const BACKWARD: Vec3 = [0, -1, 0];

const foot = body("foot", [0.13, 0, -0.35], [hinge("foot_joint", BACKWARD, { ...ANKLE, pos: [-0.13, 0, 0.1] })], [
  capsule("foot_geom", [-0.26, 0, 0.1], [0.13, 0, 0.1], 0.06, { ...CONTACT, friction: 2 }),
]);

const leg = body("leg", [0, 0, -0.7], [hinge("leg_joint", BACKWARD, { ...KNEE, pos: [0, 0, 0.25] })], [
  capsule("leg_geom", [0, 0, 0.25], [0, 0, -0.25], 0.04, LINK),
], [foot]);

const thigh = body("thigh", [0, 0, -0.2], [hinge("thigh_joint", BACKWARD, KNEE)], [
  capsule("thigh_geom", [0, 0, 0], [0, 0, -0.45], 0.05, LINK),
], [leg]);

const torso = body(
  "torso",
  [0, 0, 1.25],
  [
    slide("rootx", [1, 0, 0]),
    slide("rootz", [0, 0, 1], { ref: 1.25 }),
    hinge("rooty", [0, 1, 0]),
  ],
  [capsule("torso_geom", [0, 0, 0.2], [0, 0, -0.2], 0.05, LINK)],
  [thigh],
);

/** Figures of Gymnasium v5's `hopper.xml`. Its joint limits use MuJoCo's default `solimp`, its contacts .8 .8 .01. */
export const hopper: ModelDescription = {
  name: "hopper",
  timestep: 0.002,
  integrator: "rk4",
  gravity: GRAVITY,
  density: 0,
  viscosity: 0,
  geoms: [plane("floor", [0, 0, 0], { ...CONTACT, condim: 3 })],
  bodies: [torso],
  actuators: [
    { joint: "thigh_joint", gear: 200, ctrlrange: [-1, 1] },
    { joint: "leg_joint", gear: 200, ctrlrange: [-1, 1] },
    { joint: "foot_joint", gear: 200, ctrlrange: [-1, 1] },
  ],
};
