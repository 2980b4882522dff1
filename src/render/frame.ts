/**
 * One moment of an episode as a picture.
 * (scene, poses) ⇒ (SVG)
 *
 * @module
 */
import type { RecordedScene } from "../episode/recording.ts";
import { cameraOf } from "../scene/camera.ts";
import { drawShapes } from "../scene/drawing.ts";
import { groundOf } from "../scene/ground.ts";
import { inks } from "../scene/palette.ts";
import { groundSvg, pictureStyle, type Scale, shapesSvg, svgOf } from "./drawn.ts";

/** Size of a picture. */
export interface Size {
  /** px */
  readonly width: number;
  /** px */
  readonly height: number;
}

/** (scene, size) ⇒ (scale) that shows the scene's span whichever way the picture lies. */
export const scaleOf = ({ span, view }: Pick<RecordedScene, "span" | "view">, { width, height }: Size): Scale => ({
  width,
  height,
  pixels: (view === "side" ? height : Math.min(width, height)) / span,
});

/** (scene, poses [solids, 12], scale) ⇒ ground and solids as SVG elements. */
export const momentSvg = (scene: RecordedScene, poses: ArrayLike<number>, scale: Scale): string => {
  const camera = cameraOf(scene, poses), { width, height, pixels } = scale;
  const ground = groundOf(scene, poses, camera, [width / 2 / pixels, height / 2 / pixels]);
  return groundSvg(scale, ground) + shapesSvg(scale, drawShapes(scene.solids, poses, camera));
};

/** (scene, poses [solids, 12], size, lines of text) ⇒ (SVG) on a light ground. */
export const frameSvg = (
  scene: RecordedScene,
  poses: ArrayLike<number>,
  size: Size,
  caption: string,
): string => {
  const { width, height } = size;
  const ground = `<rect width="${width}" height="${height}" fill="${inks.background.light}"/>`;
  return svgOf(
    size,
    pictureStyle("light") + ground + momentSvg(scene, poses, scaleOf(scene, size)) +
      `<text x="12" y="22">${caption.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</text>`,
    caption,
  );
};
