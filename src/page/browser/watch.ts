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

const begin = (): void => {
  let watched: Watched = { title: "", runs: [], metrics: [] };
  const title = make("h1"), lead = make("p"), lost = make("p", { class: "lost", role: "alert", hidden: true });
  const whose = make("h2"), tiles = make("div", { class: "tiles" }), table = make("div", { class: "scroll" });
  const panels: AgentPanel[] = [], places = make("div", { class: "agents" });
  const curves = makeCurvePanel(() => showTable());
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
  const compare = make("button", { type: "button", onclick: () => toggleSecond() }, "Compare with another");
  const toggleSecond = (): void => {
    if (panels.length === 1) add(Math.min(1, watched.runs.length - 1));
    else panels.pop()!.element.remove();
    compare.textContent = panels.length === 1 ? "Compare with another" : "One agent alone";
    document.body.classList.toggle("two", panels.length === 2);
  };
  const refresh = async (): Promise<void> => {
    watched = await askRuns();
    lost.hidden = true;
    document.title = `${watched.title} · mscv`;
    title.textContent = watched.title;
    lead.textContent = stateLine(watched);
    panels.forEach((panel) => panel.update(watched));
    showTiles();
    await curves.update(watched);
  };
  const onLost = (): void => {
    lost.textContent = "The server has ended or does not answer. What is shown stays as it was.";
    lost.hidden = false;
  };
  add(0);
  const agents = make("section", { class: "acting" }, places, compare);
  document.body.append(
    lost,
    make("header", {}, title, lead),
    make(
      "main",
      {},
      curves.element,
      agents,
      make("section", { class: "gradient" }, whose, tiles),
      make("section", {}, table),
    ),
  );
  listenForKeys(() => panels.map(({ view }) => view));
  listen(() => refresh().catch(onLost), onLost);
  (globalThis as { mscvPage?: unknown }).mscvPage = { panels, curves }; // for who looks at the page from outside
};

begin();
