/**
 * An episode as moving pictures, without a graphics card.
 * (recording) ⇒ (GIF or MP4)
 *
 * @module
 */
import gifenc from "gifenc";
import { createRequire } from "node:module";
import { fixedText } from "../math/fixed_text.ts";
import type { RecordedScene, Recording } from "../episode/recording.ts";
import { toRgba } from "../report/charts/png.ts";
import { frameSvg, type Size } from "./frame.ts";

/** How an episode is filmed. */
export interface Film {
  /** px; MP4 needs even numbers */
  readonly size: Size;
  /** Pictures per second of the agent's own time. */
  readonly fps: number;
}

/** A recording of a task that has a scene. */
export type Visible = Recording & { readonly scene: RecordedScene };

/** RGBA of one picture, [height, width, 4]. */
type Pixels = Uint8Array;

/** (recording, pictures a second) ⇒ indices of the moments that are shown, in time. */
export const momentsShown = ({ moments, seconds }: Pick<Recording, "moments" | "seconds">, fps: number): number[] => {
  const count = Math.floor((moments.length - 1) * seconds * fps + 1e-9) + 1;
  return Array.from({ length: count }, (_, i) => Math.min(moments.length - 1, Math.round(i / fps / seconds)));
};

/** (recording) ⇒ return before each moment. */
const returns = ({ moments }: Pick<Recording, "moments">): number[] => {
  let total = 0;
  return moments.map(({ reward }) => {
    const before = total;
    total += reward ?? 0;
    return before;
  });
};

/** (recording, film) ⇒ its pictures, one after the other. */
async function* pictures(recording: Visible, { size, fps }: Film): AsyncGenerator<Pixels> {
  const earned = returns(recording);
  for (const i of momentsShown(recording, fps)) {
    const caption = `${recording.task} · ${(i * recording.seconds).toFixed(2)} s · return ${fixedText(earned[i], 1)}`;
    yield await toRgba(frameSvg(recording.scene, recording.moments[i].poses, size, caption));
  }
}

const COLOURS = 64; // flat colours and the steps of their soft edges

/** (recording, film) ⇒ (GIF) that repeats. Its clock counts hundredths of a second, so that fps are kept on average. */
export const toGif = async (recording: Visible, film: Film): Promise<Uint8Array> => {
  const { width, height } = film.size, gif = gifenc.GIFEncoder();
  let palette: number[][] | null = null, shown = 0;
  for await (const pixels of pictures(recording, film)) {
    palette ??= gifenc.quantize(pixels, COLOURS);
    const until = Math.round(100 * (shown + 1) / film.fps), since = Math.round(100 * shown / film.fps);
    const delay = 10 * Math.max(2, until - since); // browsers slow down what is faster
    gif.writeFrame(gifenc.applyPalette(pixels, palette), width, height, {
      ...(shown === 0 ? { palette } : {}),
      delay,
    });
    shown++;
  }
  gif.finish();
  return gif.bytes();
};

/** The part of the encoder's interface that is used. */
interface H264Encoder {
  width: number;
  height: number;
  frameRate: number;
  quantizationParameter: number;
  readonly outputFilename: string;
  readonly FS: { readonly readFile: (name: string) => Uint8Array };
  readonly initialize: () => void;
  readonly addFrameRgba: (pixels: Uint8Array) => void;
  readonly finalize: () => void;
  readonly delete: () => void;
}

const QUALITY = 22; // of H.264's 10 to 51, less is better

/** (recording, film) ⇒ (MP4) with H.264, by an encoder in WebAssembly. */
export const toMp4 = async (recording: Visible, film: Film): Promise<Uint8Array> => {
  const { createH264MP4Encoder } = createRequire(import.meta.url)("h264-mp4-encoder");
  const encoder: H264Encoder = await createH264MP4Encoder();
  try {
    Object.assign(encoder, { ...film.size, frameRate: film.fps, quantizationParameter: QUALITY });
    encoder.initialize();
    for await (const pixels of pictures(recording, film)) encoder.addFrameRgba(pixels);
    encoder.finalize();
    return encoder.FS.readFile(encoder.outputFilename).slice();
  } finally {
    encoder.delete();
  }
};
