/**
 * An agent on a page that asks for nothing from anywhere: the data stands in the page.
 *
 * @module
 */
/// <reference lib="dom" />
import { listenForKeys, makeAgentView } from "./agent_view.ts";
import type { Agent } from "../wire.ts";

const places = [...document.querySelectorAll<HTMLScriptElement>("script[type='application/json'][data-agent]")];
const views = places.map((place) => {
  const { agent, actions } = JSON.parse(place.textContent!) as { agent: Agent; actions: "mean" | "sampled" };
  const view = makeAgentView(() => view.say("Another episode needs the run itself: deno task watch."), actions);
  place.after(view.element);
  view.show(agent);
  return view;
});
listenForKeys(() => views);
(globalThis as { mscvAgents?: typeof views }).mscvAgents = views; // for who looks at the page from outside
