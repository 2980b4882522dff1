/**
 * From an SVG drawing to a PNG image, with a font of our own: a machine may have none.
 * (SVG, scale) ⇒ (PNG)
 *
 * @module
 */
import font from "@expo-google-fonts/arimo/metadata.json" with { type: "json" }; // Deno installs what is imported
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const files = {
  renderer: "@resvg/resvg-wasm/index_bg.wasm",
  regular: "@expo-google-fonts/arimo/400Regular/Arimo_400Regular.ttf",
  bold: "@expo-google-fonts/arimo/700Bold/Arimo_700Bold.ttf",
} as const;

const readPackaged = (specifier: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(fileURLToPath(import.meta.resolve(specifier))));

let started: Promise<ReadonlyArray<Uint8Array>> | null = null;

const start = async (): Promise<ReadonlyArray<Uint8Array>> => {
  await initWasm(readPackaged(files.renderer));
  return [readPackaged(files.regular), readPackaged(files.bold)];
};

/** A rendered drawing, as the renderer holds it. */
type Rendered = ReturnType<InstanceType<typeof Resvg>["render"]>;

const render = async <A>(svg: string, scale: number, read: (image: Rendered) => A): Promise<A> => {
  started ??= start();
  const fontBuffers = [...await started];
  const resvg = new Resvg(svg, {
    fitTo: { mode: "zoom", value: scale },
    font: { fontBuffers, defaultFontFamily: font.family, sansSerifFamily: font.family },
  });
  const image = resvg.render(), result = read(image);
  image.free();
  resvg.free();
  return result;
};

/** (SVG, pixels of the image per pixel of the drawing) ⇒ (PNG). */
export const toPng = (svg: string, scale = 2): Promise<Uint8Array> => render(svg, scale, (image) => image.asPng());

/** (SVG) ⇒ its pixels, [height, width, 4] red, green, blue and opacity. */
export const toRgba = (svg: string): Promise<Uint8Array> => render(svg, 1, (image) => image.pixels);
