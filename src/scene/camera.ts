/**
 * A camera without perspective: lengths in the picture are lengths in the world.
 * (point in the world) ⇒ (right, up, towards the viewer), m
 *
 * @module
 */
import { type Point, POSE, type Scene } from "./scene.ts";

/** Where a picture looks. */
export interface Camera {
  /** Unit vectors in the world. */
  readonly right: Point;
  /** Unit vector. */
  readonly up: Point;
  /** Unit vector out of the picture. */
  readonly toward: Point;
  /** m, the point of the world in the middle of the picture */
  readonly center: Point;
}

/** Where the orbiting camera stands, rad. */
export interface Orbit {
  /** About the vertical, counter-clockwise from above; 0: it stands at −y. */
  readonly azimuth: number;
  /** Above the horizon. */
  readonly elevation: number;
}

/** Where it stands at first. */
export const firstOrbit: Orbit = { azimuth: 0.6, elevation: 0.35 };

const axesOf = (view: Scene["view"], { azimuth, elevation }: Orbit): Pick<Camera, "right" | "up" | "toward"> => {
  if (view === "side") return { right: [1, 0, 0], up: [0, 0, 1], toward: [0, -1, 0] };
  if (view === "above") return { right: [1, 0, 0], up: [0, 1, 0], toward: [0, 0, 1] };
  const [c, s, ce, se] = [Math.cos(azimuth), Math.sin(azimuth), Math.cos(elevation), Math.sin(elevation)];
  return { right: [c, s, 0], up: [-s * se, c * se, ce], toward: [s * ce, -c * ce, se] };
};

/** (scene, poses [solids, 12], orbit) ⇒ (camera): on the solid that it goes with, at a height that keeps the ground in sight. */
export const cameraOf = (
  { view, follows, span }: Pick<Scene, "view" | "follows" | "span">,
  poses: ArrayLike<number>,
  orbit: Orbit = firstOrbit,
): Camera => {
  const at = follows === null ? [0, 0, 0] : [0, 1, 2].map((i) => poses[follows * POSE + i]);
  const ground = view === "above" ? at[2] : Math.max(0.38 * span, at[2] - 0.3 * span); // a high jump lifts the camera
  return { ...axesOf(view, orbit), center: [at[0], at[1], follows === null ? 0 : ground] };
};

/** (camera, point in the world, m) ⇒ [right, up, towards the viewer] of the picture's middle, m. */
export const seen = ({ right, up, toward, center }: Camera, [x, y, z]: Point): Point => {
  const [a, b, c] = [x - center[0], y - center[1], z - center[2]];
  const along = (axis: Point) => axis[0] * a + axis[1] * b + axis[2] * c;
  return [along(right), along(up), along(toward)];
};
