/**
 * What the server of the page answers: to nobody who does not know the token, and never with a thing of the disk but runs.
 * (request) ⇒ (response)
 *
 * @module
 */
import { watchScript } from "../page/generated/watch.ts";
import { watchHtml, watchStyle } from "../page/watch_page.ts";
import type { Agents } from "./agents.ts";
import type { Board } from "./board.ts";

/** What answers are made from. */
export interface Answering {
  readonly board: Board;
  readonly agents: Agents;
  /** First part of every path. */
  readonly token: string;
  /** Hosts by which the page may be reached: `127.0.0.1:8000`. A page that a foreign name leads here has another. */
  readonly hosts: ReadonlyArray<string>;
  /** (request) ⇒ a stream of server-sent events that tells of changes. */
  readonly events: (request: Request) => Response;
}

const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; " +
  "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Headers of every answer. */
export const safeHeaders: Readonly<Record<string, string>> = {
  "content-security-policy": policy,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
};

const answer = (body: string, type: string, status = 200): Response =>
  new Response(body, { status, headers: { ...safeHeaders, "content-type": `${type}; charset=utf-8` } });

const json = (value: unknown): Response => answer(JSON.stringify(value), "application/json");

/** (message) ⇒ (answer) that a page shows: a browser counts other statuses than 200 as errors of the page. */
const problem = (message: string): Response => json({ problem: message });

/** (text) ⇒ a whole number from 0 on; null: it is none. */
const countIn = (text: string | null): number | null => text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;

const columns = ({ board }: Answering, query: URLSearchParams): Response => {
  const since = (query.get("since") ?? "").split(".").map((each) => countIn(each) ?? 0);
  return json(board.columns(query.get("metric") ?? "return", since));
};

/** Which run, and which of its checkpoints and episodes. */
const agent = async ({ board, agents }: Answering, query: URLSearchParams): Promise<Response> => {
  const run = board.run(countIn(query.get("run")) ?? -1), asked = query.get("checkpoint"), iteration = countIn(asked);
  if (run === undefined) return problem("There is no such run.");
  if (iteration === null && asked !== "best") return problem("A checkpoint is named by its iteration, or best.");
  try {
    const actions = query.get("actions") === "sampled" ? "sampled" : "mean", seed = countIn(query.get("seed")) ?? 0;
    return json(await agents.find(run, { checkpoint: iteration ?? "best", seed, actions }));
  } catch (error) {
    return problem(error instanceof Error ? error.message : String(error));
  }
};

/** (answering) ⇒ (request) ⇒ (response). */
export const makeAnswer = (answering: Answering) => async (request: Request): Promise<Response> => {
  const { pathname, searchParams } = new URL(request.url), { token, hosts, board, events } = answering;
  const [, first, ...rest] = pathname.split("/");
  const site = request.headers.get("sec-fetch-site") ?? "none"; // who asks, as the browser says
  if (first !== token || !hosts.includes(request.headers.get("host") ?? "")) {
    return answer("Not found", "text/plain", 404);
  }
  if (site !== "none" && site !== "same-origin") return answer("Not found", "text/plain", 404);
  if (request.method !== "GET") return answer("Only reading is possible", "text/plain", 405);
  switch (rest.join("/")) {
    case "":
      return rest.length === 0 ? answer("Not found", "text/plain", 404) : answer(watchHtml, "text/html");
    case "watch.js":
      return answer(watchScript, "text/javascript");
    case "style.css":
      return answer(watchStyle, "text/css");
    case "runs":
      return json(board.summary());
    case "columns":
      return columns(answering, searchParams);
    case "agent":
      return await agent(answering, searchParams);
    case "events":
      return events(request);
    default:
      return answer("Not found", "text/plain", 404);
  }
};
