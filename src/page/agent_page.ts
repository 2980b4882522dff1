/**
 * An agent as one HTML page, and as a part of a report's.
 * (agent, script) ⇒ (HTML) that asks for nothing from anywhere
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Actions } from "../rollout/actions.ts";
import { agentScript } from "./generated/agent.ts";
import { pageStyle } from "./style.ts";
import type { Agent } from "./wire.ts";

const escapeHtml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** (JSON) ⇒ the same, which ends no element that it stands in. */
const inScript = (json: string): string => json.replaceAll("<", "\\u003c");

/** (script) ⇒ what a content security policy calls it. */
const sourceOf = (script: string): string => `'sha256-${createHash("sha256").update(script).digest("base64")}'`;

/** What a page's content security policy must allow for its agents: this script alone, and WebAssembly. */
export const agentPolicy: string = `script-src ${sourceOf(agentScript)} 'wasm-unsafe-eval'`;

const rounded = (_: string, value: unknown): unknown =>
  typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(7)) : value;

/** (agent, how it acts at first) ⇒ its place in a page; the script comes once, after all of them. */
export const agentPlace = (agent: Agent, actions: Actions): string =>
  `<script type="application/json" data-agent>${inScript(JSON.stringify({ agent, actions }, rounded))}</script>`;

/** The script that fills the places. */
export const agentScriptElement: string = `<script>${agentScript}</script>`;

/** (agent, how it acts at first) ⇒ (HTML). */
export const agentPage = (agent: Agent, actions: Actions): string =>
  `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; ${agentPolicy}">
<title>${escapeHtml(agent.title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<main>${agentPlace(agent, actions)}</main>
${agentScriptElement}
</body>
</html>
`;
