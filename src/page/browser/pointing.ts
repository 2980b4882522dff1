/**
 * The mouse on an agent's picture: it turns the camera, and pushes.
 *
 * @module
 */
/// <reference lib="dom" />
import { firstOrbit, type Orbit } from "../../scene/camera.ts";
import type { Spot } from "../../scene/drawing.ts";
import type { Drawn } from "./canvas.ts";
import type { Playing } from "./playback.ts";

const PUSH = 4; // m/s per m of the arrow

/** A drag across the picture, in CSS pixels. */
export interface Drag {
  readonly from: Spot;
  readonly to: Spot;
}

/** Where the camera stands, and the drag that is under way. */
export interface Pointing {
  readonly orbit: () => Orbit;
  /** null: the mouse is up. */
  readonly drag: () => Drag | null;
}

/** (orbit, the mouse before and now) ⇒ the camera turned with it. */
const turned = ({ azimuth, elevation, ...rest }: Orbit, before: Spot, now: Spot): Orbit => ({
  ...rest,
  azimuth: azimuth - (now[0] - before[0]) * 0.01,
  elevation: Math.min(1.5, Math.max(-0.1, elevation + (now[1] - before[1]) * 0.01)),
});

/** Pushes along the drag, in the plane of the picture. */
const pushAlong = ({ from, to }: Drag, { camera, pixels }: Drawn, { timeline }: Playing): void => {
  const [x, y] = [(to[0] - from[0]) / pixels * PUSH, (from[1] - to[1]) / pixels * PUSH];
  if (Math.hypot(x, y) < 0.1) return; // a click
  timeline.push(camera.right.map((r, i) => r * x + camera.up[i] * y));
};

/** What is seen as the mouse moves over it. */
export interface Seen {
  readonly playing: () => Playing | null;
  /** How the picture was drawn last; null: it was not. */
  readonly drawn: () => Drawn | null;
}

/** (picture, what is seen, called at each change) ⇒ (pointing). */
export const pointAt = (stage: HTMLCanvasElement, { playing, drawn }: Seen, onChange: () => void): Pointing => {
  let orbit = firstOrbit, drag: Drag | null = null;
  const spot = (event: PointerEvent): Spot => {
    const { left, top } = stage.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const isTurning = (event: PointerEvent): boolean => playing()?.source.scene?.view === "orbit" && !event.shiftKey;
  stage.addEventListener("pointerdown", (event) => {
    drag = { from: spot(event), to: spot(event) };
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    if (drag === null) return;
    const to = spot(event);
    if (isTurning(event)) orbit = turned(orbit, drag.to, to);
    drag = { ...drag, to };
    onChange();
  });
  stage.addEventListener("pointerup", (event) => {
    const over = drag, now = playing(), seen = drawn();
    drag = null;
    if (over !== null && now !== null && seen !== null && !isTurning(event)) pushAlong(over, seen, now);
    onChange();
  });
  stage.addEventListener("pointercancel", () => drag = null);
  return { orbit: () => orbit, drag: () => drag };
};
