/**
 * A report as one HTML page that asks for nothing from anywhere.
 * (title, tables, figures with their drawings) ⇒ (HTML)
 *
 * @module
 */
import { darkInkOnSeries, darkOf } from "./charts/theme.ts";
import type { Figure } from "./figure.ts";
import { pageStyle } from "./page_style.ts";
import type { Table } from "./table.ts";

/** A figure with one SVG a chart. */
export interface DrawnFigure extends Figure {
  readonly drawings: ReadonlyArray<string>;
}

/** A part of a page that others make: HTML, with what it needs of the page. */
export interface PagePart {
  /** Of its section. */
  readonly id: string;
  /** Above it. */
  readonly title: string;
  /** HTML that holds no text of others. */
  readonly html: string;
  /** CSS. */
  readonly style: string;
  /** What the page's content security policy must allow for it. */
  readonly policy: string;
}

/** What a page holds. */
export interface PageContent {
  readonly title: string;
  /** Below the title. */
  readonly lead: string;
  readonly tables: ReadonlyArray<Table>;
  readonly figures: ReadonlyArray<DrawnFigure>;
  /** After the figures; null: nothing. */
  readonly part: PagePart | null;
}

const escapeHtml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** On a dark page each colour of the drawings gives way to its lighter one: a rule wins over an attribute. */
const darkDrawings = Object.entries(darkOf).flatMap(([light, dark]) => [
  `svg [fill="${light}"]{fill:${dark}}`,
  `svg [stroke="${light}"]{stroke:${dark}}`,
]).join("") + `svg text[fill="white"]{fill:${darkInkOnSeries}}`;

/** (drawing) ⇒ the same without a background, growing and shrinking with the page. */
const inlineDrawing = (svg: string): string => svg.replace(/fill="white"(?=[^>]*><\/rect>)/, 'fill="#ffffff"');

const figureHtml = ({ name, title, caption, drawings }: DrawnFigure): string =>
  `<section id="${name}"><h2>${escapeHtml(title)}</h2><p class="caption">${escapeHtml(caption)}</p>` +
  `<div class="charts">${
    drawings.map((svg) => `<div class="chart">${inlineDrawing(svg)}</div>`).join("")
  }</div></section>`;

const tableHtml = ({ title, note, columns, rows }: Table, index: number): string => {
  const cell = (tag: "td" | "th") => (text: string, c: number) =>
    `<${tag}${columns[c].align === "right" ? ' class="number"' : ""}>${escapeHtml(text)}</${tag}>`;
  const head = columns.map(({ name }, c) => cell("th")(name, c)).join("");
  const body = rows.map((row) => `<tr>${row.map(cell("td")).join("")}</tr>`).join("");
  return `<section id="table${index + 1}"><h2>${
    escapeHtml(title)
  }</h2><div class="table"><table><thead><tr>${head}</tr>` +
    `</thead><tbody>${body}</tbody></table></div>${
      note === "" ? "" : `<p class="caption">${escapeHtml(note)}</p>`
    }</section>`;
};

/** (content) ⇒ (HTML). */
export const makePage = ({ title, lead, tables, figures, part }: PageContent): string => {
  const sections = [...figures, ...(part === null ? [] : [{ name: part.id, title: part.title }])];
  const links = sections.map(({ name, title }) => `<a href="#${name}">${escapeHtml(title)}</a>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'${
    part === null ? "" : `; ${part.policy}`
  }">
<title>${escapeHtml(title)}</title>
<style>${pageStyle}${part?.style ?? ""}@media (prefers-color-scheme: dark){${darkDrawings}}</style>
</head>
<body>
<header><h1>${escapeHtml(title)}</h1><p>${escapeHtml(lead)}</p><nav>${
    links.join("")
  }<a href="#table1">Tables</a></nav></header>
<main>
${figures.map(figureHtml).join("\n")}
${part === null ? "" : `<section id="${part.id}"><h2>${escapeHtml(part.title)}</h2>${part.html}</section>`}
${tables.map(tableHtml).join("\n")}
</main>
</body>
</html>
`;
};
