/**
 * A cart on a rail that carries two poles, one on the other, in the xz plane.
 *
 * @module
 */
import { body, capsule, hinge, type ModelDescription, motor, site, slide } from "../description.ts";

const DRY = { contype: 0 } as const; // nothing collides
const LOSS = { damping: 0.05 } as const;

/** m, of each pole's axis */
export const POLE_LENGTH = 0.6;

const rod = (name: string) => capsule(name, [0, 0, 0], [0, 0, POLE_LENGTH], 0.045, DRY);

const pole2 = body(
  "pole2",
  [0, 0, POLE_LENGTH],
  [hinge("hinge2", [0, 1, 0], LOSS)],
  [rod("cpole2")],
  [],
  [site("tip", [0, 0, POLE_LENGTH])],
);
const pole = body("pole", [0, 0, 0], [hinge("hinge", [0, 1, 0], LOSS)], [rod("cpole")], [pole2]);
const cart = body("cart", [0, 0, 0], [slide("slider", [1, 0, 0], { ...LOSS, range: [-1, 1], margin: 0.01 })], [
  capsule("cart", [0.1, 0, 0], [-0.1, 0, 0], 0.1, DRY),
], [pole]);

/**
 * Figures of Gymnasium v5's `inverted_double_pendulum.xml`; its floor and rail collide with nothing and are left out. The task
 * observes the constraints' force on the cart.
 */
export const invertedDoublePendulum: ModelDescription = {
  name: "invertedDoublePendulum",
  timestep: 0.01,
  integrator: "rk4",
  gravity: [1e-5, 0, -9.81],
  density: 0,
  viscosity: 0,
  geoms: [],
  bodies: [cart],
  actuators: [motor("slider", 500)],
  outputs: ["qfrcConstraint"],
};
