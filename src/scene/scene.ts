/**
 * What of a task can be seen: its solids, and where a state places them.
 *
 * (state of the simulator) ⇒ (pose of every solid)
 *
 * @module
 */

/** A solid as it is drawn, whether it collides or not. Its axes and sizes are MuJoCo's of a geom. */
export interface Solid {
  /** Name, for instance that of the geom. */
  readonly name: string;
  /** A capsule and a cylinder lie along their own z axis; a plane's normal is its own z axis. */
  readonly shape: "capsule" | "sphere" | "box" | "cylinder" | "ellipsoid" | "plane";
  /**
   * m. Capsule and cylinder: radius, half the length of the axis; sphere: radius; box and ellipsoid: half the extent along
   * each own axis; plane: half the extent along x and y, 0: without end.
   */
  readonly size: ReadonlyArray<number>;
  /** Place of its colour in the palette; "ground" and "arena" are drawn quietly, "target" as what is to be reached. */
  readonly tone: number | "ground" | "arena" | "target";
}

/** From where the scene is seen: along +y with z up, along −z with y up, or from a camera that can be turned. */
export type SceneView = "side" | "above" | "orbit";

/** What of a task can be seen. `D` is the scratch of its simulator. */
export interface Scene<D = unknown> {
  /** In the order of their poses. */
  readonly solids: ReadonlyArray<Solid>;
  /** From where it is seen. */
  readonly view: SceneView;
  /** Index of the solid that the camera goes with; null: it stays at the origin. */
  readonly follows: number | null;
  /** m, height of what a picture shows */
  readonly span: number;
  /**
   * (data) ⇒ poses [solids, 12]: the position of each solid's centre in m, then its rotation matrix row by row, whose
   * columns are the solid's own axes in the world. As MuJoCo's `geom_xpos` and `geom_xmat`.
   */
  place(data: D, poses: Float64Array): void;
  /** (state [stateSize], change of velocity in m/s, x y z) ⇒ the state after a push, in place; absent: none can be given. */
  push?(state: Float64Array, change: ReadonlyArray<number>): void;
}

/** Numbers of a pose. */
export const POSE = 12;

/** A point or direction in the world, m. */
export type Point = readonly [number, number, number];

const across = ([x, y, z]: Point, [u, v, w]: Point): Point => [y * w - z * v, z * u - x * w, x * v - y * u];

const unit = ([x, y, z]: Point): Point => {
  const length = Math.hypot(x, y, z);
  return length > 0 ? [x / length, y / length, z / length] : [0, 0, 1];
};

/**
 * (two ends of an axis in the world, m) ⇒ pose of solid `index`: its centre between them, its own z axis from the one to the
 * other; own x and y are any that complete it.
 */
export const placeBetween = (poses: Float64Array, index: number, from: Point, to: Point): void => {
  const z = unit([to[0] - from[0], to[1] - from[1], to[2] - from[2]]);
  const x = unit(across(Math.abs(z[1]) < 0.9 ? [0, 1, 0] : [1, 0, 0], z)), y = across(z, x);
  const at = index * POSE;
  for (let i = 0; i < 3; i++) {
    poses[at + i] = (from[i] + to[i]) / 2;
    poses[at + 3 + 3 * i] = x[i];
    poses[at + 4 + 3 * i] = y[i];
    poses[at + 5 + 3 * i] = z[i];
  }
};

/** (centre, m) ⇒ pose of solid `index`, its axes those of the world. */
export const placeAt = (poses: Float64Array, index: number, center: Point): void => {
  poses.fill(0, index * POSE, (index + 1) * POSE);
  poses.set(center, index * POSE);
  for (let i = 0; i < 3; i++) poses[index * POSE + 3 + 4 * i] = 1;
};
