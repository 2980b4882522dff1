/**
 * What shows how far a scene has moved: the floor from the side, a grid from above.
 * (scene, poses, camera, extent of the picture) ⇒ lines and labels, m
 *
 * @module
 */
import { type Camera, seen } from "./camera.ts";
import type { Spot } from "./drawing.ts";
import { type Point, POSE, type Scene } from "./scene.ts";

/** A line of the ground. */
export interface GroundLine {
  /** m from the picture's middle */
  readonly from: Spot;
  /** m */
  readonly to: Spot;
}

/** The ground of a picture. */
export interface Ground {
  /** m above the picture's middle, of a floor seen from the side; null: it is seen from elsewhere, or there is none. */
  readonly floor: number | null;
  /** Marks on the floor, or a grid. */
  readonly lines: ReadonlyArray<GroundLine>;
  /** Distances from the world's origin, below the floor. */
  readonly labels: ReadonlyArray<{ readonly at: Spot; readonly text: string }>;
}

/** (m) ⇒ the least of 1, 2, 5 times a power of ten that is no less. */
export const niceStep = (least: number): number => {
  const power = 10 ** Math.floor(Math.log10(least) + 1e-9);
  return power * ([1, 2, 5].find((x) => x * power >= least * (1 - 1e-9)) ?? 10);
};

/** (first, last, step) ⇒ multiples of the step between them. */
const multiples = (first: number, last: number, step: number): number[] =>
  Array.from(
    { length: Math.max(0, Math.floor(last / step) - Math.ceil(first / step) + 1) },
    (_, i) => (Math.ceil(first / step) + i) * step,
  );

const written = (x: number, step: number): string =>
  `${Number(x.toFixed(Math.max(0, -Math.floor(Math.log10(step)))))} m`;

const floorMarks = (center: Point, height: number, half: Spot, span: number): Ground => {
  const step = niceStep(span / 2.2), first = center[0] - half[0], last = center[0] + half[0];
  const tick = 0.012 * span, room = 0.07 * span; // half a label's width
  return {
    floor: height,
    lines: multiples(first, last, step / 2).map((x) => ({
      from: [x - center[0], height],
      to: [x - center[0], height - tick],
    })),
    labels: multiples(first + room, last - room, step).map((x) => ({
      at: [x - center[0], height - 2 * tick],
      text: written(x, step),
    })),
  };
};

/** Lines of a horizontal plane, as far as the picture may show them. */
const grid = (camera: Camera, height: number, reach: number, step: number): Ground => {
  const [x0, y0] = camera.center,
    at = (x: number, y: number): Spot => {
      const [right, up] = seen(camera, [x, y, height]);
      return [right, up];
    };
  const [left, right, near, far] = [x0 - reach, x0 + reach, y0 - reach, y0 + reach];
  return {
    floor: null,
    labels: [],
    lines: [
      ...multiples(left, right, step).map((x) => ({ from: at(x, near), to: at(x, far) })),
      ...multiples(near, far, step).map((y) => ({ from: at(left, y), to: at(right, y) })),
    ],
  };
};

const NONE: Ground = { floor: null, lines: [], labels: [] };

/** (scene, poses [solids, 12], camera, half of the picture's width and height in m) ⇒ (ground). */
export const groundOf = (
  { solids, view, span }: Pick<Scene, "solids" | "view" | "span">,
  poses: ArrayLike<number>,
  camera: Camera,
  half: Spot,
): Ground => {
  const plane = solids.findIndex(({ shape }) => shape === "plane");
  if (plane < 0) return NONE;
  const height = poses[plane * POSE + 2];
  if (view === "side") return floorMarks(camera.center, seen(camera, [0, 0, height])[1], half, span);
  const reach = view === "above" ? Math.hypot(...half) : 2 * Math.max(...half);
  return grid(camera, height, reach, niceStep(span / 8));
};
