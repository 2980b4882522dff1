/**
 * An arm of two rods with two motors in the xy plane, and a target on two slides.
 *
 * @module
 */
import { body, capsule, GRAVITY, hinge, type ModelDescription, slide, sphere, type Vec3 } from "../description.ts";

const GHOST = { contype: 0, conaffinity: 0 } as const;
const JOINT = { damping: 1, armature: 1 } as const; // the armature dwarfs the links' inertia of about 1e-3 kg·m²
const UPWARD: Vec3 = [0, 0, 1];

const fingertip = body("fingertip", [0.11, 0, 0], [], [sphere("fingertip_geom", [0, 0, 0], 0.01, GHOST)]);

const body1 = body("body1", [0.1, 0, 0], [hinge("joint1", UPWARD, { ...JOINT, range: [-3, 3] })], [
  capsule("link1", [0, 0, 0], [0.1, 0, 0], 0.01, GHOST),
], [fingertip]);

const body0 = body("body0", [0, 0, 0.01], [hinge("joint0", UPWARD, JOINT)], [
  capsule("link0", [0, 0, 0], [0.1, 0, 0], 0.01, GHOST),
], [body1]);

const target = body("target", [0.1, -0.1, 0.01], [
  slide("target_x", [1, 0, 0], { range: [-0.27, 0.27], ref: 0.1 }),
  slide("target_y", [0, 1, 0], { range: [-0.27, 0.27], ref: -0.1 }),
], [sphere("target_geom", [0, 0, 0], 0.009, GHOST)]);

/** Figures of Gymnasium v5's `reacher.xml`; the arena's geoms collide with nothing and are left out. */
export const reacher: ModelDescription = {
  name: "reacher",
  timestep: 0.01,
  integrator: "rk4",
  gravity: GRAVITY,
  density: 0,
  viscosity: 0,
  geoms: [],
  bodies: [body0, target],
  actuators: [
    { joint: "joint0", gear: 200, ctrlrange: [-1, 1] },
    { joint: "joint1", gear: 200, ctrlrange: [-1, 1] },
  ],
};
