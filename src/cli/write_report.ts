/**
 * The files of a report:
 *
 *   index.html      everything, in one page
 *   report.json     every number, and the names of the figures
 *   NAME.svg, .png  one of each a figure
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
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
  /** As `report.json` holds it, beside the names of the figures. */
  readonly data: object;
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

const reportPath = (out: string): string => join(out, "report.json");

/** (text of an earlier `report.json`) ⇒ names of its figures; none where it is something else. */
const figuresIn = (text: string): ReadonlyArray<string> => {
  try {
    const { figures } = JSON.parse(text) as { readonly figures?: unknown };
    return Array.isArray(figures)
      ? figures.filter((name) => typeof name === "string" && /^[a-z0-9_]+$/i.test(name))
      : [];
  } catch {
    return [];
  }
};

/** Removes the figures of an earlier report, and nothing else that is in the folder. */
const removeEarlier = (out: string): void => {
  if (!existsSync(reportPath(out))) return;
  for (const name of figuresIn(readFileSync(reportPath(out), "utf8"))) {
    for (const kind of ["svg", "png"]) rmSync(join(out, `${name}.${kind}`), { force: true });
  }
};

/** (folder, content) ⇒ writes it. Fails: RunFolderUnwritable. */
export const writeReport: (out: string, content: ReportContent) => Effect.Effect<void, RunFolderUnwritable> = Effect
  .fnUntraced(function* (out, { title, lead, data, tables, figures, part }) {
    const drawn = yield* Effect.forEach(figures, (figure) => Effect.promise(() => drawFigure(figure)));
    yield* writing(out, () => {
      mkdirSync(out, { recursive: true });
      removeEarlier(out);
    });
    yield* Effect.forEach(drawn, (figure) => writeDrawings(out, figure), { discard: true });
    yield* writing(out, () => {
      const names = figures.map(({ name }) => name);
      writeWhole(reportPath(out), JSON.stringify({ ...data, figures: names }, null, 2) + "\n");
      writeWhole(join(out, "index.html"), makePage({ title, lead, tables, figures: drawn, part }));
    });
  });
