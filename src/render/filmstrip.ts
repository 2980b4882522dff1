/**
 * An episode as one still picture.
 * (recording) ⇒ (SVG)
 *
 * An agent that goes somewhere is drawn where it was, later poses standing out more; one that stays where it is, in frames
 * side by side.
 *
 * @module
 */
import type { Moment, RecordedScene, Recording } from "../episode/recording.ts";
import { type Camera, cameraOf, seen } from "../scene/camera.ts";
import { drawShapes, type Shape, type Spot } from "../scene/drawing.ts";
import { groundOf } from "../scene/ground.ts";
import { inks } from "../scene/palette.ts";
import { type Point, POSE } from "../scene/scene.ts";
import { groundSvg, pictureStyle, type Scale, shapesSvg, svgOf, toPixels } from "./drawn.ts";
import { momentSvg, scaleOf, type Size } from "./frame.ts";

/** What a still picture is of. */
export interface Still {
  /** Drawn to the width; a panorama takes the height that it needs. */
  readonly size: Size;
  /** How many poses. */
  readonly frames: number;
  /** "light": on a ground of its own, for an image; "either": follows the page that it stands on. */
  readonly scheme: "light" | "either";
}

/** (moments, how many) ⇒ that many of them, evenly in time, the first and the last among them. */
export const spread = <A>(moments: ReadonlyArray<A>, count: number): ReadonlyArray<A> => {
  const last = moments.length - 1;
  if (count >= moments.length) return moments;
  return Array.from({ length: count }, (_, i) => moments[count === 1 ? last : Math.round(i * last / (count - 1))]);
};

const followed = (scene: RecordedScene, poses: ArrayLike<number>): Point =>
  scene.follows === null ? [0, 0, 0] : [0, 1, 2].map((i) => poses[scene.follows! * POSE + i]) as unknown as Point;

/** Whether an agent leaves its place: it goes farther along the picture than half of its span. */
const travels = (scene: RecordedScene, moments: ReadonlyArray<Moment>): boolean => {
  const camera = cameraOf(scene, moments[0].poses);
  const places = moments.map(({ poses }) => seen(camera, followed(scene, poses))[0]);
  return Math.max(...places) - Math.min(...places) > 0.5 * scene.span;
};

const edges = (shape: Shape): ReadonlyArray<Spot> =>
  shape.kind === "outline" ? shape.points : [shape.from, shape.to].flatMap(([x, y]): Spot[] => [
    [x - shape.radius, y - shape.radius],
    [x + shape.radius, y + shape.radius],
  ]);

const MARGIN = 0.06; // of the span, around a panorama

interface Bounds {
  readonly low: Spot;
  readonly high: Spot;
}

const boundsOf = (spots: ReadonlyArray<Spot>): Bounds => {
  const of = (pick: (...values: number[]) => number): Spot => [
    spots.reduce((best, [x]) => pick(best, x), spots[0][0]),
    spots.reduce((best, [, y]) => pick(best, y), spots[0][1]),
  ];
  return { low: of(Math.min), high: of(Math.max) };
};

/** (camera, m) ⇒ the camera with another middle of its picture. */
const moved = (camera: Camera, [x, y]: Spot): Camera => ({
  ...camera,
  center: camera.center.map((c, i) => c + x * camera.right[i] + y * camera.up[i]) as unknown as Point,
});

const panorama = (scene: RecordedScene, moments: ReadonlyArray<Moment>, { size, frames }: Still) => {
  const first = cameraOf(scene, moments[0].poses), shown = spread(moments, frames);
  const agent = scene.solids.map((solid) => typeof solid.tone === "number");
  const drawn = (camera: Camera) =>
    shown.map(({ poses }) => drawShapes(scene.solids, poses, camera).filter(({ solid }) => agent[solid]));
  const { low, high } = boundsOf(drawn(first).flat().flatMap(edges)), margin = MARGIN * scene.span;
  const middle: Spot = [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2], camera = moved(first, middle);
  const [wide, tall] = [high[0] - low[0] + 2 * margin, high[1] - low[1] + 2 * margin];
  const pixels = size.width / wide, extra = scene.view === "side" ? 18 : 0; // px, for the labels
  const scale: Scale = { width: size.width, height: Math.ceil(tall * pixels) + extra, pixels };
  const half: Spot = [wide / 2, scale.height / 2 / pixels];
  const path = moments.map(({ poses }) => {
    const [x, y] = seen(camera, followed(scene, poses));
    return toPixels(scale, [x, y]).join(" ");
  });
  const poses = drawn(camera).map((shapes, i) =>
    shapesSvg(scale, shapes, 0.3 + 0.7 * i / Math.max(1, shown.length - 1))
  );
  const content = groundSvg(scale, groundOf(scene, moments[0].poses, camera, half)) +
    `<path class="path" d="M${path.join("L")}"/>` + poses.join("");
  return { size: scale, content };
};

const panels = (scene: RecordedScene, recording: Recording, { size, frames }: Still) => {
  const moments = spread(recording.moments, frames), columns = Math.min(moments.length, 5);
  const rows = Math.ceil(moments.length / columns), side = Math.floor(size.width / columns);
  const cell: Size = { width: side, height: Math.round(side * (scene.view === "side" ? 1.1 : 1)) };
  const content = moments.map((moment, i) => {
    const x = (i % columns) * side, y = Math.floor(i / columns) * cell.height;
    const time = (recording.moments.indexOf(moment) * recording.seconds).toFixed(2);
    return `<svg x="${x}" y="${y}" width="${side}" height="${cell.height}">` +
      momentSvg(scene, moment.poses, scaleOf(scene, cell)) +
      `<text x="${0.09 * side}" y="${0.15 * side}">${time} s</text></svg>`;
  });
  return { size: { width: side * columns, height: rows * cell.height }, content: content.join("") };
};

/** (recording of a task that has a scene, how it is drawn, what it shows) ⇒ (SVG). */
export const filmstrip = (
  recording: Recording & { readonly scene: RecordedScene },
  still: Still,
  label: string,
): string => {
  const { scene, moments } = recording;
  const { size, content } = travels(scene, moments) ? panorama(scene, moments, still) : panels(scene, recording, still);
  const ground = still.scheme === "either"
    ? ""
    : `<rect width="${size.width}" height="${size.height}" fill="${inks.background.light}"/>`;
  return svgOf(size, pictureStyle(still.scheme) + ground + content, label);
};
