/**
 * Boxes of equal inertia on which a medium acts.
 *
 * @module
 */
import type { ModelDescription } from "./description.ts";
import type { FluidBoxes } from "./model.ts";
import { type BodyNode, type Tree, unsupported } from "./tree.ts";

const SMALLEST = 1e-15; // mjMINVAL

interface Box {
  readonly axis: readonly [number, number]; // unit vector of the first principal axis in (u, v)
  readonly sides: readonly [number, number, number]; // m, along the axis, across it in the plane, normal to the plane
}

/** side_i = √(6·max(tiny, I_j + I_k − I_i)/m) along the principal axes, one of which must be the normal of the plane. */
const equivalentBox = (tree: Tree, body: BodyNode): Box => {
  const { mass, moment } = body.inertia, { u, v, normal } = tree;
  const outOfPlane = Math.max(Math.abs(moment[3 * u + normal]), Math.abs(moment[3 * v + normal]));
  if (outOfPlane > 1e-9 * (moment[0] + moment[4] + moment[8])) {
    throw unsupported(`each inertia of body "${body.name}" out of the plane`, "0 in a medium", outOfPlane);
  }
  const uu = moment[4 * u], vv = moment[4 * v], uv = moment[3 * u + v], ww = moment[4 * normal];
  const angle = uv === 0 ? 0 : 0.5 * Math.atan2(2 * uv, uu - vv);
  const spread = uv === 0 ? (uu - vv) / 2 : Math.hypot((uu - vv) / 2, uv);
  const along = (uu + vv) / 2 + spread, across = (uu + vv) / 2 - spread;
  const side = (own: number, other1: number, other2: number) =>
    Math.sqrt((6 * Math.max(SMALLEST, other1 + other2 - own)) / mass);
  return {
    axis: [Math.cos(angle), Math.sin(angle)],
    sides: [side(along, across, ww), side(across, along, ww), side(ww, along, across)],
  };
};

/** (ModelDescription, Tree) ⇒ (boxes with the products of `fluidForces`); none in a vacuum. */
export const fluidBoxes = (d: ModelDescription, tree: Tree): FluidBoxes => {
  const { density: rho, viscosity: beta } = d, { u, v } = tree;
  const bodies = rho > 0 || beta > 0 ? tree.bodies.filter((body) => body.inertia.mass > 0) : [];
  const boxes = bodies.map((body) => equivalentBox(tree, body));
  const meanSide = boxes.map(({ sides }) => (sides[0] + sides[1] + sides[2]) / 3);
  return {
    count: boxes.length,
    link: Int32Array.from(bodies, (body) => body.link),
    com: Float64Array.from(
      bodies.flatMap(({ inertia, origin }) => [inertia.com[u] + origin[u], inertia.com[v] + origin[v]]),
    ),
    axis: Float64Array.from(boxes.flatMap((box) => box.axis)),
    viscousForce: Float64Array.from(meanSide, (side) => 3 * Math.PI * side * beta),
    viscousTorque: Float64Array.from(meanSide, (side) => Math.PI * side ** 3 * beta),
    dragForce: Float64Array.from(boxes.flatMap(({ sides: [a, b, c] }) => [0.5 * rho * b * c, 0.5 * rho * a * c])),
    dragTorque: Float64Array.from(boxes, ({ sides: [a, b, c] }) => (rho * c * (a ** 4 + b ** 4)) / 64),
  };
};
