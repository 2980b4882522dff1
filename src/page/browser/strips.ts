/**
 * What an agent saw, did and earned over the last steps, as strips under one another.
 * (frames, where the picture stands) ⇒ pixels
 *
 * @module
 */
/// <reference lib="dom" />
import { fixedText } from "../../math/fixed_text.ts";
import { inkOf, inks } from "../../scene/palette.ts";
import { fontAt, freshContext, isDark, unit } from "./dom.ts";
import { patternOf } from "./line_style.ts";
import type { Frame, Source } from "./source.ts";

const WINDOW = 200; // steps

type Line = (frame: Frame) => number | null;

/** Lines of one strip. */
interface Strip {
  readonly title: string;
  readonly lines: ReadonlyArray<Line>;
}

const stripsOf = (frame: Frame, actions: number): ReadonlyArray<Strip> => [
  { title: "reward", lines: [({ reward }) => reward] },
  ...(frame.value === null ? [] : [{ title: "value", lines: [({ value }: Frame) => value] }]),
  { title: "action", lines: Array.from({ length: actions }, (_, i): Line => ({ action }) => action?.[i] ?? null) },
];

const TITLE = 18, GAP = 10; // units

const shown = (x: number): string => Math.abs(x) >= 100 ? fixedText(x, 0) : fixedText(x, 2);

/** (context, where, values as they stand): from the right above the strip, each in the colour of its line. */
const drawNumbers = (
  context: CanvasRenderingContext2D,
  { top, width }: { readonly top: number; readonly width: number },
  values: ReadonlyArray<{ readonly value: number | null; readonly color: string }>,
): void => {
  let right = width;
  context.textAlign = "right";
  for (const { value, color } of values.filter(({ value }) => value !== null).reverse()) {
    context.fillStyle = color;
    context.fillText(shown(value!), right, top - 5);
    right -= context.measureText(`${shown(value!)}  `).width;
  }
  context.textAlign = "left";
};

/** (context, where, strip, frames) ⇒ its lines between their least and largest value. */
const drawLines = (
  context: CanvasRenderingContext2D,
  box: { readonly top: number; readonly height: number; readonly width: number },
  { title, lines }: Strip,
  frames: ReadonlyArray<Frame>,
  cursor: number,
): void => {
  const side = isDark() ? "dark" : "light", values = lines.map((line) => frames.map(line));
  const present = values.flat().filter((x): x is number => x !== null);
  const low = Math.min(...present, Infinity), high = Math.max(...present, -Infinity), range = high - low || 1;
  const y = (x: number) => box.top + box.height - 2 - (x - low) / range * (box.height - 4);
  const x = (i: number) => i / (WINDOW - 1) * box.width;
  const colorOf = (k: number) => inkOf(lines.length === 1 ? 0 : k)[side];
  context.fillStyle = inks.quiet[side];
  context.fillText(title, 0, box.top - 5);
  drawNumbers(context, box, values.slice(0, 6).map((each, k) => ({ value: each[cursor], color: colorOf(k) })));
  context.strokeStyle = inks.grid[side];
  context.strokeRect(0.5, box.top + 0.5, box.width - 1, box.height - 1);
  values.forEach((each, k) => {
    context.strokeStyle = colorOf(k);
    context.setLineDash(patternOf(k));
    context.beginPath();
    each.forEach((value, i) => {
      if (value !== null) context[i === 0 || each[i - 1] === null ? "moveTo" : "lineTo"](x(i), y(value));
    });
    context.stroke();
  });
  context.setLineDash([]);
};

/** (value in standard deviations) ⇒ blue below the mean, orange above it, stronger the farther. */
const heat = (z: number): string => {
  const strength = Math.min(1, Math.abs(z) / 2.5), [r, g, b] = z < 0 ? [0, 114, 178] : [213, 94, 0];
  return `rgba(${r},${g},${b},${strength})`;
};

const drawHeat = (
  context: CanvasRenderingContext2D,
  box: { readonly top: number; readonly height: number; readonly width: number },
  rows: ReadonlyArray<ReadonlyArray<number>>,
): void => {
  const side = isDark() ? "dark" : "light", count = rows[0]?.length ?? 0, cell = box.height / count;
  context.fillStyle = inks.quiet[side];
  context.fillText("observation: blue below its mean, orange above", 0, box.top - 5);
  rows.forEach((row, t) =>
    row.forEach((z, i) => {
      context.fillStyle = heat(z);
      const left = t / (WINDOW - 1) * box.width;
      context.fillRect(left, box.top + i * cell, box.width / (WINDOW - 1) + 0.5, cell);
    })
  );
  context.strokeStyle = inks.grid[side];
  context.strokeRect(0.5, box.top + 0.5, box.width - 1, box.height - 1);
};

/** (canvas, source, frames so far, index of the one that is shown): draws the strips of the last 200 steps before it. */
export const drawStrips = (canvas: HTMLCanvasElement, source: Source, all: ReadonlyArray<Frame>, at: number): void => {
  const { context, width, height } = freshContext(canvas), side = isDark() ? "dark" : "light";
  const first = Math.max(0, at - WINDOW + 1), frames = all.slice(first, first + WINDOW), cursor = at - first;
  const actions = all[1]?.action?.length ?? 0, strips = stripsOf(all[0], actions), { normalized } = source;
  context.font = fontAt(11);
  context.lineWidth = 1.3 * unit();
  const parts = strips.length + (normalized === null ? 0 : 1.6), title = TITLE * unit(), gap = GAP / 2 * unit();
  const room = height / parts - title - gap;
  let top = title;
  for (const strip of strips) {
    drawLines(context, { top, height: room, width }, strip, frames, cursor);
    top += room + title + gap;
  }
  if (normalized !== null) {
    const rows = frames.map(({ observation }) => normalized(observation));
    drawHeat(context, { top, height: height - top - 2, width }, rows);
  }
  const x = cursor / (WINDOW - 1) * width;
  context.strokeStyle = inks.text[side];
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x, title);
  context.lineTo(x, height);
  context.stroke();
};
