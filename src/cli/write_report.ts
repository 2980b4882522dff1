/**
 * The files of a report:
 *
 *   index.html      everything, in one page
 *   report.json     every number
 *   NAME.svg, .png  one of each a figure
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { writeWhole, writing } from "../files/durable_file.ts";
import type { RunFolderUnwritable } from "../files/errors.ts";
import { arrangeDrawings, drawChart } from "../report/charts/draw.ts";
import { toPng } from "../report/charts/png.ts";
import type { Figure } from "../report/figure.ts";
import { type DrawnFigure, makePage, type PagePart } from "../report/page.ts";
import type { Table } from "../report/table.ts";

/** What is written. */
export interface ReportContent {
  readonly title: string;
  readonly lead: string;
  /** As `report.json` holds it. */
  readonly data: unknown;
  readonly tables: ReadonlyArray<Table>;
  readonly figures: ReadonlyArray<Figure>;
  /** After the figures of the page; null: nothing. */
  readonly part: PagePart | null;
}

const mostColumns = 4;

const drawFigure = async (figure: Figure): Promise<DrawnFigure> => {
  const drawings: string[] = [];
  for (const chart of figure.charts) drawings.push(await drawChart(chart));
  return { ...figure, drawings };
};

const writeDrawings = Effect.fnUntraced(function* (out: string, { name, title, drawings }: DrawnFigure) {
  const svg = arrangeDrawings(drawings, Math.min(mostColumns, Math.ceil(Math.sqrt(drawings.length))), title);
  const png = yield* Effect.promise(() => toPng(svg));
  yield* writing(join(out, name), () => {
    writeWhole(join(out, `${name}.svg`), svg);
    writeWhole(join(out, `${name}.png`), png);
  });
});

/** (folder, content) ⇒ writes it. Fails: RunFolderUnwritable. */
export const writeReport: (out: string, content: ReportContent) => Effect.Effect<void, RunFolderUnwritable> = Effect
  .fnUntraced(function* (out, { title, lead, data, tables, figures, part }) {
    const drawn = yield* Effect.forEach(figures, (figure) => Effect.promise(() => drawFigure(figure)));
    yield* writing(out, () => mkdirSync(out, { recursive: true }));
    yield* Effect.forEach(drawn, (figure) => writeDrawings(out, figure), { discard: true });
    yield* writing(out, () => {
      writeWhole(join(out, "report.json"), JSON.stringify(data, null, 2) + "\n");
      writeWhole(join(out, "index.html"), makePage({ title, lead, tables, figures: drawn, part }));
    });
  });
