/**
 * The agents of runs that are watched, as a page can play them.
 * (run, checkpoint, which episode) ⇒ (agent)
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type { Networks } from "../episode/player.ts";
import { fold, makeKey } from "../math/random.ts";
import { agentOf } from "../page/agent_of.ts";
import type { Agent } from "../page/wire.ts";
import type { Actions } from "../rollout/actions.ts";
import type { Engine } from "../run/engine.ts";
import { readNetworks } from "../run/read_networks.ts";
import { runFolderAt } from "../run/run_folder.ts";
import type { Task } from "../tasks/task.ts";
import type { WatchedRun } from "./board.ts";
import { loadModule } from "../files/load_module.ts";

/** Which episode of which policy. */
export interface AgentRequest {
  /** Iterations behind it; "best": as the run evaluated. */
  readonly checkpoint: number | "best";
  readonly seed: number;
  readonly actions: Actions;
}

const MOST_KEPT = 64; // checkpoints a run

/** Keeps the networks, and leaves out every second one where there are too many. */
const keep = (kept: Map<number, Networks>, iteration: number, networks: Networks): void => {
  kept.set(iteration, networks);
  if (kept.size <= MOST_KEPT) return;
  [...kept.keys()].sort((a, b) => a - b).filter((_, i) => i % 2 === 1).forEach((each) => kept.delete(each));
};

/** How the page's agents are found. */
export interface Agents {
  /** (run, request) ⇒ (agent). Rejects with an error that says what is wrong, for the user. */
  readonly find: (run: WatchedRun, request: AgentRequest) => Promise<Agent>;
  /** (run): keeps what its folder has now, before training removes it. */
  readonly keepAll: (run: WatchedRun) => Promise<void>;
}

/** (how the engine is loaded when it is needed) ⇒ (agents). */
export const makeAgents = (load: () => Promise<Engine>): Agents => {
  const tasks = new Map<string, Promise<Task>>();
  const taskAt = async (path: string): Promise<Task> => {
    const { openConfigured } = await loadModule<typeof import("../run/open_run.ts")>(
        import.meta.resolve("../run/open_run.ts"),
      ),
      engine = await load();
    return (await Effect.runPromise(openConfigured(path, engine))).task;
  };
  const taskIn = (path: string): Promise<Task> => {
    const task = tasks.get(path) ?? taskAt(path);
    tasks.set(path, task);
    task.catch(() => tasks.delete(path));
    return task;
  };
  const networksAt = async ({ placed: { path }, kept }: WatchedRun, which: number | "best") => {
    const known = which === "best" ? undefined : kept.get(which);
    if (known !== undefined) return { iteration: which as number, networks: known };
    const read = readNetworks(runFolderAt(path).checkpoints, which, await taskIn(path));
    if (which !== "best") keep(kept, read.iteration, read.networks);
    return read;
  };
  const find = async (run: WatchedRun, { checkpoint, seed, actions }: AgentRequest): Promise<Agent> => {
    const task = await taskIn(run.placed.path), { iteration, networks } = await networksAt(run, checkpoint);
    const title = `${task.name}, policy after iteration ${iteration}`;
    return agentOf(task, networks, { key: fold(makeKey(seed), "eval"), actions }, title);
  };
  const keepAll = async (run: WatchedRun): Promise<void> => {
    for (const iteration of run.checkpoints) {
      if (run.kept.has(iteration)) continue;
      try {
        await networksAt(run, iteration);
      } catch {
        // it is told where somebody asks for it
      }
    }
  };
  return { find, keepAll };
};
