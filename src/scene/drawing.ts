/**
 * A scene as flat shapes.
 * (solids, poses, camera) ⇒ (shapes from the farthest to the nearest), m
 *
 * @module
 */
import { type Camera, seen } from "./camera.ts";
import { type Point, POSE, type Solid } from "./scene.ts";

/** A point of the picture: m to the right of its middle and above it. */
export type Spot = readonly [number, number];

/** A flat shape. */
export type Shape =
  & { readonly solid: number; readonly tone: Solid["tone"]; readonly depth: number }
  & (
    /** All points within `radius` of a segment: what a capsule or a sphere looks like from anywhere. */
    | { readonly kind: "stadium"; readonly from: Spot; readonly to: Spot; readonly radius: number }
    /** A convex outline, counter-clockwise. */
    | { readonly kind: "outline"; readonly points: ReadonlyArray<Spot> }
  );

/** (pose, own coordinates in m) ⇒ the point in the world, m. */
const outOf = (poses: ArrayLike<number>, at: number, [a, b, c]: Point): Point => {
  const row = (i: number) =>
    poses[at + i] + poses[at + 3 + 3 * i] * a + poses[at + 4 + 3 * i] * b + poses[at + 5 + 3 * i] * c;
  return [row(0), row(1), row(2)];
};

const turn = (o: Spot, a: Spot, b: Spot): number => (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);

/** (points) ⇒ their convex outline. Source: Andrew's monotone chain. */
export const outlineOf = (points: ReadonlyArray<Spot>): ReadonlyArray<Spot> => {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const half = (from: ReadonlyArray<Spot>): Spot[] => {
    const kept: Spot[] = [];
    for (const point of from) {
      while (kept.length > 1 && turn(kept[kept.length - 2], kept[kept.length - 1], point) <= 0) kept.pop();
      kept.push(point);
    }
    return kept.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.reverse())];
};

const CORNERS: ReadonlyArray<Point> = [-1, 1].flatMap((a) =>
  [-1, 1].flatMap((b) => [-1, 1].map((c): Point => [a, b, c]))
);
const ROUND = Array.from({ length: 24 }, (_, i) => 2 * Math.PI * i / 24);

/** (solid) ⇒ own coordinates of points whose outline is the solid's; capsules and spheres have none. */
const hullOf = ({ shape, size: [a, b, c] }: Solid): ReadonlyArray<Point> => {
  if (shape === "box") return CORNERS.map(([x, y, z]): Point => [a * x, b * y, c * z]);
  if (shape === "cylinder") {
    return ROUND.flatMap((t) => [-b, b].map((z): Point => [a * Math.cos(t), a * Math.sin(t), z]));
  }
  return ROUND.flatMap((t) =>
    [-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1].map((h): Point => {
      const ring = Math.cos(h * Math.PI / 2);
      return [a * ring * Math.cos(t), b * ring * Math.sin(t), c * Math.sin(h * Math.PI / 2)];
    })
  );
};

/** (solid, pose, camera) ⇒ its shape; null: a plane, which is ground. */
const shapeOf = (solid: Solid, index: number, poses: ArrayLike<number>, camera: Camera): Shape | null => {
  const { shape, size, tone } = solid, at = index * POSE;
  if (shape === "plane") return null;
  const flat = (own: Point): Spot => {
    const [right, up] = seen(camera, outOf(poses, at, own));
    return [right, up];
  };
  const named = { solid: index, tone, depth: seen(camera, outOf(poses, at, [0, 0, 0]))[2] };
  if (shape !== "capsule" && shape !== "sphere") {
    return { ...named, kind: "outline", points: outlineOf(hullOf(solid).map(flat)) };
  }
  const half = shape === "sphere" ? 0 : size[1];
  return { ...named, kind: "stadium", from: flat([0, 0, -half]), to: flat([0, 0, half]), radius: size[0] };
};

/** (solids, poses [solids, 12], camera) ⇒ (shapes), the farthest first; as far away as each other: in their order. */
export const drawShapes = (
  solids: ReadonlyArray<Solid>,
  poses: ArrayLike<number>,
  camera: Camera,
): ReadonlyArray<Shape> => {
  const shapes = solids.flatMap((solid, i) => shapeOf(solid, i, poses, camera) ?? []);
  const near = (tone: Solid["tone"]): number => tone === "ground" || tone === "arena" ? 0 : 1;
  return shapes.map((shape, i) => ({ shape, i })).sort((a, b) => {
    const depth = a.shape.depth - b.shape.depth;
    return near(a.shape.tone) - near(b.shape.tone) || (Math.abs(depth) > 1e-6 ? depth : a.i - b.i);
  }).map(({ shape }) => shape);
};
