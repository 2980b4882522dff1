/**
 * Two legs with six motors that walk in the xz plane.
 *
 * @module
 */
import {
  body,
  type BodyDescription,
  capsule,
  GRAVITY,
  hinge,
  type ModelDescription,
  plane,
  radians,
  slide,
  type Vec3,
} from "../description.ts";

const LINK = { conaffinity: 0, friction: 0.9 } as const;
const FOOT = { conaffinity: 0, friction: 1.9 } as const; // v5: both feet; v4 had 0.9 on the right one
const KNEE = { range: [radians(-150), radians(0)], damping: 0.1, armature: 0.01 } as const;
const ANKLE = { range: [radians(-45), radians(45)], damping: 0.1, armature: 0.01 } as const;
const BACKWARD: Vec3 = [0, -1, 0];

/** One leg, hanging from the hip; `side` is what its names end in. */
const limb = (side: "" | "_left"): BodyDescription => {
  const ankle = hinge(`foot${side}_joint`, BACKWARD, { ...ANKLE, pos: [-0.2, 0, 0.1] });
  const knee = hinge(`leg${side}_joint`, BACKWARD, { ...KNEE, pos: [0, 0, 0.25] });
  const foot = body(`foot${side}`, [0.2, 0, -0.35], [ankle], [
    capsule(`foot${side}_geom`, [-0.2, 0, 0.1], [0, 0, 0.1], 0.06, FOOT),
  ]);
  const leg = body(`leg${side}`, [0, 0, -0.7], [knee], [
    capsule(`leg${side}_geom`, [0, 0, 0.25], [0, 0, -0.25], 0.04, LINK),
  ], [foot]);
  return body(`thigh${side}`, [0, 0, -0.2], [hinge(`thigh${side}_joint`, BACKWARD, KNEE)], [
    capsule(`thigh${side}_geom`, [0, 0, 0], [0, 0, -0.45], 0.05, LINK),
  ], [leg]);
};

const torso = body(
  "torso",
  [0, 0, 1.25],
  [
    slide("rootx", [1, 0, 0]),
    slide("rootz", [0, 0, 1], { ref: 1.25 }),
    hinge("rooty", [0, 1, 0]),
  ],
  [capsule("torso_geom", [0, 0, 0.2], [0, 0, -0.2], 0.05, LINK)],
  [limb(""), limb("_left")],
);

/** Figures of Gymnasium v5's `walker2d_v5.xml`: only the floor collides. */
export const walker2d: ModelDescription = {
  name: "walker2d",
  timestep: 0.002,
  integrator: "rk4",
  gravity: GRAVITY,
  density: 0,
  viscosity: 0,
  geoms: [plane("floor", [0, 0, 0], { friction: 0.7 })],
  bodies: [torso],
  actuators: [
    { joint: "thigh_joint", gear: 100, ctrlrange: [-1, 1] },
    { joint: "leg_joint", gear: 100, ctrlrange: [-1, 1] },
    { joint: "foot_joint", gear: 100, ctrlrange: [-1, 1] },
    { joint: "thigh_left_joint", gear: 100, ctrlrange: [-1, 1] },
    { joint: "leg_left_joint", gear: 100, ctrlrange: [-1, 1] },
    { joint: "foot_left_joint", gear: 100, ctrlrange: [-1, 1] },
  ],
};
