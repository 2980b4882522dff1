/**
 * A scene on a canvas.
 * (scene, poses, orbit) ⇒ pixels
 *
 * @module
 */
/// <reference lib="dom" />
import type { RecordedScene } from "../../episode/recording.ts";
import { type Camera, cameraOf, type Orbit } from "../../scene/camera.ts";
import { drawShapes, type Shape, type Spot } from "../../scene/drawing.ts";
import { groundOf } from "../../scene/ground.ts";
import { inkOf, inks } from "../../scene/palette.ts";
import type { Solid } from "../../scene/scene.ts";
import { fontAt, freshContext, isDark } from "./dom.ts";

/** How a picture was drawn, to find the way from its pixels back into the world. */
export interface Drawn {
  /** Where it looks. */
  readonly camera: Camera;
  /** CSS pixels per m */
  readonly pixels: number;
}

const colorOf = (tone: Solid["tone"], side: "light" | "dark"): string =>
  typeof tone === "number" ? inkOf(tone)[side] : tone === "target" ? inkOf(3)[side] : inks.grid[side];

const drawShape = (context: CanvasRenderingContext2D, shape: Shape, place: (spot: Spot) => Spot, pixels: number) => {
  context.beginPath();
  if (shape.kind === "outline") {
    shape.points.forEach((point, i) => context[i === 0 ? "moveTo" : "lineTo"](...place(point)));
    context.closePath();
    context.fill();
    return;
  }
  context.lineWidth = 2 * shape.radius * pixels;
  context.moveTo(...place(shape.from));
  const [x, y] = place(shape.to);
  context.lineTo(x + 0.01, y); // a sphere is a line of no length, which would not show
  context.stroke();
};

/** Draws the scene; returns how. */
export const drawScene = (
  canvas: HTMLCanvasElement,
  scene: RecordedScene,
  poses: ArrayLike<number>,
  orbit: Orbit,
): Drawn => {
  const { context, width, height } = freshContext(canvas), side = isDark() ? "dark" : "light";
  const pixels = (scene.view === "side" ? height : Math.min(width, height)) / scene.span;
  const camera = cameraOf(scene, poses, orbit);
  const place = ([x, y]: Spot): Spot => [width / 2 + pixels * x, height / 2 - pixels * y];
  const ground = groundOf(scene, poses, camera, [width / 2 / pixels, height / 2 / pixels]);
  context.lineCap = "butt";
  context.lineWidth = 1.2;
  context.strokeStyle = ground.floor === null ? inks.grid[side] : inks.line[side];
  context.beginPath();
  if (ground.floor !== null) {
    const y = place([0, ground.floor])[1];
    context.moveTo(0, y);
    context.lineTo(width, y);
  }
  for (const { from, to } of ground.lines) {
    context.moveTo(...place(from));
    context.lineTo(...place(to));
  }
  context.stroke();
  context.fillStyle = inks.quiet[side];
  context.font = fontAt(12);
  context.textAlign = "center";
  for (const { at, text } of ground.labels) {
    const [x, y] = place(at);
    context.fillText(text, x, y + 11);
  }
  context.lineCap = "round";
  for (const shape of drawShapes(scene.solids, poses, camera)) {
    context.strokeStyle = context.fillStyle = colorOf(shape.tone, side);
    drawShape(context, shape, place, pixels);
  }
  return { camera, pixels };
};

/** Draws the arrow of a push. */
export const drawArrow = (canvas: HTMLCanvasElement, from: Spot, to: Spot): void => {
  const context = canvas.getContext("2d")!, side = isDark() ? "dark" : "light";
  const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
  context.strokeStyle = inks.text[side];
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  for (const turn of [2.6, -2.6]) {
    context.moveTo(...to);
    context.lineTo(to[0] + 10 * Math.cos(angle + turn), to[1] + 10 * Math.sin(angle + turn));
  }
  context.stroke();
};
