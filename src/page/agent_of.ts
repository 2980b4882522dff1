/**
 * Networks and their task as something that a page can play.
 * (task, networks, which episode) ⇒ (agent)
 *
 * @module
 */
import { type EpisodeRequest, makePlayer, type Networks } from "../episode/player.ts";
import { recordEpisode } from "../episode/recording.ts";
import { tasks } from "../tasks/registry.ts";
import type { Task } from "../tasks/task.ts";
import { optionsOf, withTaskOptions } from "../tasks/task_options.ts";
import { type Agent, packNetworks } from "./wire.ts";

/** (task) ⇒ whether the page has it, too, and can make it with the same options. */
export const isBuiltIn = (task: Task): boolean => {
  if (!Object.hasOwn(tasks, task.name)) return false;
  const { simulator, reset } = withTaskOptions(tasks[task.name], optionsOf(task));
  return simulator === task.simulator && reset === task.reset;
};

/**
 * (task, networks, which episode, what it is called) ⇒ (agent): the networks themselves where the page has the task; else the
 * episode, simulated here. Throws where the task's code throws.
 */
export const agentOf = (task: Task, networks: Networks, request: EpisodeRequest, title: string): Agent => {
  if (isBuiltIn(task)) {
    return { kind: "live", task: task.name, options: optionsOf(task), networks: packNetworks(networks), title };
  }
  const recording = recordEpisode(task, makePlayer(task, networks, request), task.timeLimit);
  const reason = `A recorded episode: this page cannot run task "${task.name}", which is not built in.`;
  return { kind: "recorded", reason, recording, title };
};
