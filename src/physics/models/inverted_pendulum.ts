/**
 * A cart on a rail that carries a pole, in the xz plane.
 *
 * @module
 */
import { body, capsule, GRAVITY, hinge, type ModelDescription, motor, radians, slide } from "../description.ts";

const DRY = { contype: 0 } as const; // nothing collides

const pole = body("pole", [0, 0, 0], [hinge("hinge", [0, 1, 0], { damping: 1, range: [radians(-90), radians(90)] })], [
  capsule("cpole", [0, 0, 0], [0.001, 0, 0.6], 0.049, DRY),
]);

const cart = body("cart", [0, 0, 0], [slide("slider", [1, 0, 0], { damping: 1, range: [-1, 1] })], [
  capsule("cart", [0.1, 0, 0], [-0.1, 0, 0], 0.1, DRY),
], [pole]);

/** Figures of Gymnasium v5's `inverted_pendulum.xml`; its rail collides with nothing and is left out. */
export const invertedPendulum: ModelDescription = {
  name: "invertedPendulum",
  timestep: 0.02,
  integrator: "rk4",
  gravity: GRAVITY,
  density: 0,
  viscosity: 0,
  geoms: [],
  bodies: [cart],
  actuators: [motor("slider", 100, [-3, 3])],
};
