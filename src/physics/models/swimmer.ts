/**
 * Three rods with two motors that swim in the xy plane of a viscous medium.
 *
 * @module
 */
import { body, capsule, GRAVITY, hinge, type ModelDescription, radians, slide, type Vec3 } from "../description.ts";

const DRY = { condim: 1, contype: 0, conaffinity: 0 } as const;
const ROOT = { armature: 0.1 } as const; // the default armature reaches the slides too
const MOTOR = { armature: 0.1, range: [radians(-100), radians(100)] } as const;
const UPWARD: Vec3 = [0, 0, 1];

const back = body("back", [-1, 0, 0], [hinge("motor2_rot", UPWARD, MOTOR)], [
  capsule("back_geom", [0, 0, 0], [-1, 0, 0], 0.1, DRY),
]);

const mid = body("mid", [0.5, 0, 0], [hinge("motor1_rot", UPWARD, MOTOR)], [
  capsule("mid_geom", [0, 0, 0], [-1, 0, 0], 0.1, DRY),
], [back]);

const torso = body(
  "torso",
  [0, 0, 0],
  [
    slide("slider1", [1, 0, 0], ROOT),
    slide("slider2", [0, 1, 0], ROOT),
    hinge("free_body_rot", UPWARD, ROOT),
  ],
  [capsule("torso_geom", [1.5, 0, 0], [0.5, 0, 0], 0.1, DRY)],
  [mid],
);

/** Figures of Gymnasium v5's `swimmer.xml`; its floor collides with nothing and is left out. */
export const swimmer: ModelDescription = {
  name: "swimmer",
  timestep: 0.01,
  integrator: "rk4",
  gravity: GRAVITY,
  density: 4000,
  viscosity: 0.1,
  geoms: [],
  bodies: [torso],
  actuators: [
    { joint: "motor1_rot", gear: 150, ctrlrange: [-1, 1] },
    { joint: "motor2_rot", gear: 150, ctrlrange: [-1, 1] },
  ],
};
