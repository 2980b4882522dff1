/**
 * A model unlike the tasks', for generated code.
 *
 * @module
 */
import { body, capsule, hinge, plane, slide, sphere } from "../../src/physics/description.ts";
import type { ModelDescription } from "../../src/physics/physics.ts";

/**
 * Two trees, a branch, welded bodies, a medium, oblique gravity, a limited slide, springs, limits with margins (one as wide as
 * its range), mixed contacts, spheres, a fixed capsule.
 */
export const unlike: ModelDescription = {
  name: "unlike",
  timestep: 0.003,
  integrator: "rk4",
  gravity: [1.5, 0, -7],
  density: 90,
  viscosity: 0.3,
  geoms: [
    plane("floor", [0, 0, -0.3], { friction: 0.8, solimp: [0.7, 0.99, 0.02], solref: [0.03, 0.7], margin: 0.01 }),
    plane("ice", [0, 0, -0.35], { condim: 1 }), // frictionless against trunk and tail
    capsule("beam", [-2, 0, -0.2], [-1, 0, 0.1], 0.1, { condim: 1 }),
  ],
  bodies: [
    body(
      "trunk",
      [0.1, 0, 0.4],
      [
        slide("lift", [0, 0, 1], { ref: 0.2, damping: 0.5, range: [-0.5, 1], stiffness: 20, springref: 0.3 }),
        hinge("turn", [0, 1, 0], { pos: [0.05, 0, -0.1], ref: 0.3, damping: 0.2, armature: 0.03 }),
      ],
      [capsule("trunk", [0, 0, 0], [0.5, 0, 0.2], 0.06, { condim: 1, friction: 0.6 })],
      [
        body("knob", [0.45, 0, 0.5], [], [sphere("knob", [0, 0, 0], 0.07, { margin: 0.02 })], [
          body(
            "arm",
            [0.1, 0, 0],
            [hinge("arm", [0, -1, 0], {
              pos: [0, 0, 0.02],
              range: [-1, 0.5],
              armature: 0.02,
              margin: 0.1,
              solimp: [0, 0.8, 0.2],
            })],
            [
              capsule("arm", [0, 0, 0], [0.3, 0, -0.2], 0.05, { solimp: [0.9, 0.9, 0.1] }),
            ],
          ),
        ]),
        body("tail", [-0.1, 0, 0], [
          hinge("tail", [0, 1, 0], { range: [-0.2, 0.2], damping: 0.1, margin: 0.25, stiffness: 2 }),
        ], [
          capsule("tail", [0, 0, 0], [-0.4, 0, -0.1], 0.03, { density: 500, condim: 1, solimp: [1e-5, 1, 0.2] }),
        ]),
      ],
    ),
    body("cart", [1, 0, 0], [slide("cart", [1, 0, 0], { armature: 0.2, range: [-1, 1] })], [
      capsule("cart", [0, 0, 0], [0.2, 0, 0], 0.12, { friction: 0.1 }),
    ], [
      body("pole", [0, 0, 0.1], [hinge("pole", [0, 1, 0])], [
        capsule("pole", [0, 0, 0], [0, 0, 0.6], 0.04),
        sphere("bob", [0, 0, 0.6], 0.1),
      ]),
    ]),
  ],
  actuators: [{ joint: "arm", gear: 3, ctrlrange: [-0.5, 1] }, { joint: "cart", gear: 9, ctrlrange: [-1, 1] }],
  outputs: ["qfrcConstraint"],
};
