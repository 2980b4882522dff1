/**
 * The page of `watch`: curves that grow, agents that act, and what the gradient does.
 *
 * @module
 */
/// <reference lib="dom" />
import { type AgentPanel, makeAgentPanel } from "./agent_panel.ts";
import { listenForKeys } from "./agent_view.ts";
import { makeCurvePanel } from "./curve_panel.ts";
import { make } from "./dom.ts";
import { gradientTiles } from "./gradient_tiles.ts";
import { runTable } from "./run_table.ts";
import { askRuns, listen } from "./server_talk.ts";
import type { Watched } from "../wire.ts";

const stateLine = ({ runs }: Watched): string => {
  const counts = Map.groupBy(runs, ({ state }) => state);
  const told = [...counts].map(([state, some]) => runs.length === 1 ? state : `${some.length} ${state}`);
  return `${runs.length === 1 ? "one run" : `${runs.length} runs`}: ${told.join(", ")}`;
};

/** (work) ⇒ the same, once at a time: asked for while it is done, it is done once more. */
const oneByOne = (work: () => Promise<void>): () => Promise<void> => {
  let isBusy = false, again = false;
  return async () => {
    again = true;
    if (isBusy) return;
    isBusy = true;
    try {
      while (again) {
        again = false;
        await work();
      }
    } finally {
      isBusy = false;
    }
  };
};

/** What the page is made of, before the server has told anything. */
const makeParts = () => ({
  title: make("h1"),
  lead: make("p"),
  lost: make("p", { class: "lost", role: "alert", hidden: true }),
  whose: make("h2"),
  tiles: make("div", { class: "tiles" }),
  table: make("div", { class: "scroll" }),
  places: make("div", { class: "agents" }),
});

type Parts = ReturnType<typeof makeParts>;

/** Puts the parts in their places, with the curves and a button under the agents. */
const layOut = ({ lost, title, lead, places, whose, tiles, table }: Parts, curves: HTMLElement, under: HTMLElement) =>
  document.body.append(
    lost,
    make("header", {}, title, lead),
    make(
      "main",
      {},
      curves,
      make("section", { class: "acting" }, places, under),
      make("section", { class: "gradient" }, whose, tiles),
      make("section", {}, table),
    ),
  );

/** (panels, what adds one) ⇒ a button that puts a second agent beside the first, or takes it away. */
const compareButton = (panels: AgentPanel[], add: () => void): HTMLButtonElement => {
  const button = make("button", { type: "button", onclick: () => toggle() }, "Compare with another");
  const toggle = (): void => {
    if (panels.length === 1) add();
    else panels.pop()!.element.remove();
    button.textContent = panels.length === 1 ? "Compare with another" : "One agent alone";
    document.body.classList.toggle("two", panels.length === 2);
  };
  return button;
};

const begin = (): void => {
  let watched: Watched = { title: "", runs: [], metrics: [] }, told = "";
  const parts = makeParts(), { title, lead, lost, whose, tiles, table, places } = parts, panels: AgentPanel[] = [];
  const curves = makeCurvePanel(() => refresh().catch(onLost), () => showTable());
  const showTiles = (): void => {
    const run = watched.runs[panels[0].run()];
    tiles.replaceChildren(...(run === undefined ? [] : gradientTiles(run.latest)));
    whose.textContent = run === undefined || run.done === 0 ? "" : `The gradient of ${run.name}, iteration ${run.done}`;
  };
  const showTable = (): void => {
    const { colorOf, isShown, toggle } = curves, focused = document.activeElement;
    if (focused !== null && table.contains(focused) && focused.matches("button")) return; // it would lose the focus
    const onPick = (run: number) => panels[0].pick(run);
    table.replaceChildren(runTable(watched, { colorOf, isShown, onToggle: toggle, onPick }));
  };
  const add = (run: number): void => {
    const panel = makeAgentPanel(run, showTiles);
    panels.push(panel);
    places.append(panel.element);
    if (watched.runs.length > 0) panel.update(watched);
  };
  const refresh = oneByOne(async () => {
    const [next, isNews] = await Promise.all([askRuns(), curves.ask()]), text = JSON.stringify(next);
    lost.hidden = true;
    if (text === told && !isNews) return;
    told = text;
    watched = next;
    document.title = `${watched.title} · mscv`;
    title.textContent = watched.title;
    lead.textContent = stateLine(watched);
    curves.update(watched);
    showTable();
    panels.forEach((panel) => panel.update(watched)); // last, as the server's first answer to it takes a moment
    showTiles();
  });
  const onLost = (): void => {
    lost.textContent = "The server has ended or does not answer. What is shown stays as it was.";
    lost.hidden = false;
  };
  add(0);
  layOut(parts, curves.element, compareButton(panels, () => add(Math.min(1, watched.runs.length - 1))));
  listenForKeys(() => panels.map(({ view }) => view));
  const refreshed = (): Promise<void> => refresh().catch(onLost);
  refreshed(); // before the server's events are there
  listen(refreshed, onLost);
  (globalThis as { mscvPage?: unknown }).mscvPage = { panels, curves }; // for who looks at the page from outside
};

begin();
