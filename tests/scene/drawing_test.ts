import { assertAlmostEquals, assertEquals } from "@std/assert";
import { cameraOf, seen } from "../../src/scene/camera.ts";
import { drawShapes, outlineOf } from "../../src/scene/drawing.ts";
import { placeAt, placeBetween, POSE, type Solid } from "../../src/scene/scene.ts";

const capsule: Solid = { name: "rod", shape: "capsule", size: [0.05, 0.2], tone: 0 };
const ball: Solid = { name: "ball", shape: "sphere", size: [0.1], tone: 1 };
const box: Solid = { name: "box", shape: "box", size: [0.1, 0.2, 0.3], tone: 2 };
const ground: Solid = { name: "floor", shape: "plane", size: [0, 0], tone: "ground" };

const side = { right: [1, 0, 0], up: [0, 0, 1], toward: [0, -1, 0], center: [1, 0, 0.5] } as const;

Deno.test("from the side: x to the right of the camera's middle, z above it, a capsule's ends and radius as they are", () => {
  const poses = new Float64Array(POSE);
  placeBetween(poses, 0, [1.5, 0, 1.45], [1.5, 0, 1.05]); // .4 m long, its middle at 1.25 m
  const [shape] = drawShapes([capsule], poses, side);
  assertEquals(shape.kind, "stadium");
  if (shape.kind !== "stadium") return;
  // .5 m right of the middle; 1.45 − .5 = .95 m and 1.05 − .5 = .55 m above it; from runs along −z of the axis: down first
  const heights = [shape.from[1], shape.to[1]].sort();
  assertAlmostEquals(heights[0], 0.55, 1e-12);
  assertAlmostEquals(heights[1], 0.95, 1e-12);
  assertAlmostEquals(shape.from[0], 0.5, 1e-12);
  assertEquals(shape.radius, 0.05);
});

Deno.test("a box is the outline of its corners; a plane is no shape; the nearer solid comes last", () => {
  const solids = [ball, box, ground], poses = new Float64Array(3 * POSE);
  placeAt(poses, 0, [1, -1, 0.5]); // towards the viewer, who stands at −y
  placeAt(poses, 1, [1, 1, 0.5]);
  placeAt(poses, 2, [0, 0, 0]);
  const shapes = drawShapes(solids, poses, side);
  assertEquals(shapes.map(({ solid }) => solid), [1, 0]);
  assertEquals(shapes.map(({ depth }) => depth), [-1, 1]);
  // from the side a box of half sizes .1, .2, .3 is .2 m wide and .6 m high
  assertEquals(
    shapes[0].kind === "outline" ? shapes[0].points.map((spot) => spot.map((x) => Math.round(10 * x) / 10)) : [],
    [[-0.1, -0.3], [0.1, -0.3], [0.1, 0.3], [
      -0.1,
      0.3,
    ]],
  );
});

Deno.test("the outline leaves out points within it and on its edges", () => {
  assertEquals(outlineOf([[0, 0], [1, 1], [2, 0], [1, 0], [2, 2], [0, 2], [0.5, 0.7]]), [[0, 0], [2, 0], [2, 2], [
    0,
    2,
  ]]);
});

Deno.test("the camera goes with its solid; turned by a quarter it looks along −x, and its axes stay at right angles", () => {
  const poses = new Float64Array(POSE);
  placeAt(poses, 0, [3, 4, 1]);
  const orbit = { azimuth: Math.PI / 2, elevation: 0 };
  const camera = cameraOf({ view: "orbit", follows: 0, span: 2 }, poses, orbit);
  assertEquals(camera.center.slice(0, 2), [3, 4]);
  const [right, , toward] = seen(camera, [5, 7, 1]); // 2 m along x, 3 m along y from the solid
  assertAlmostEquals(toward, 2, 1e-12);
  assertAlmostEquals(right, 3, 1e-12);
  const { right: r, up: u, toward: t } = cameraOf({ view: "orbit", follows: null, span: 2 }, poses);
  const cross = [r[1] * u[2] - r[2] * u[1], r[2] * u[0] - r[0] * u[2], r[0] * u[1] - r[1] * u[0]];
  cross.forEach((x, i) => assertAlmostEquals(x, t[i], 1e-12));
});
