/**
 * What the page asks of its server.
 *
 * @module
 */
/// <reference lib="dom" />
import type { EpisodeWish } from "./playback.ts";
import type { Agent, Column, Watched } from "../wire.ts";

/** Said by the server: the text is for the user. */
export class Problem extends Error {}

const get = async <A>(path: string): Promise<A> => {
  const response = await fetch(path), body: A | { readonly problem: string } = await response.json();
  if (!response.ok) throw new Error(response.statusText);
  if (typeof body === "object" && body !== null && "problem" in body) throw new Problem(body.problem);
  return body as A;
};

/** () ⇒ the runs. */
export const askRuns = (): Promise<Watched> => get("runs");

/** (metric, lines that are here of each run) ⇒ what is new. */
export const askColumns = (metric: string, since: ReadonlyArray<number>): Promise<ReadonlyArray<Column>> =>
  get(`columns?metric=${encodeURIComponent(metric)}&since=${since.join(".")}`);

/** (run, checkpoint, episode) ⇒ (agent). */
export const askAgent = (run: number, checkpoint: number | "best", { seed, actions }: EpisodeWish): Promise<Agent> =>
  get(`agent?run=${run}&checkpoint=${checkpoint}&seed=${seed}&actions=${actions}`);

/** (called at every change and whenever the connection is there again, called when it is lost). */
export const listen = (onChange: () => void, onLost: () => void): void => {
  const events = new EventSource("events");
  events.addEventListener("message", onChange);
  events.addEventListener("error", onLost);
};
