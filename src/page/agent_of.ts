/**
 * Networks and their task as something that a page can play.
 * (task, networks, which episode) ⇒ (agent)
 *
 * @module
 */
import { type EpisodeRequest, makePlayer, type Networks } from "../episode/player.ts";
import { recordEpisode, type Recording } from "../episode/recording.ts";
import { playable } from "./playable.ts";
import type { Task } from "../tasks/task.ts";
import { optionsOf, writtenOver } from "../tasks/task_options.ts";
import { type Agent, packNetworks, packOptions } from "./wire.ts";

/** (task) ⇒ whether the page has it, too, and can make it with the same options. */
const isPlayable = (task: Task): boolean =>
  Object.hasOwn(playable, task.name) && writtenOver(playable[task.name], task).length === 0;

/** (recording) ⇒ the same with poses to six digits, which is below a pixel. */
const shortened = (recording: Recording): Recording => ({
  ...recording,
  moments: recording.moments.map((moment) => ({ ...moment, poses: moment.poses.map((x) => Number(x.toPrecision(6))) })),
});

/**
 * (task, networks, which episode, what it is called) ⇒ (agent): the networks themselves where the page has the task; else the
 * episode, simulated here. Throws where the task's code throws.
 */
export const agentOf = (task: Task, networks: Networks, request: EpisodeRequest, title: string): Agent => {
  if (isPlayable(task)) {
    const options = packOptions(optionsOf(task), optionsOf(playable[task.name]));
    return { kind: "live", task: task.name, options, networks: packNetworks(networks), title };
  }
  const recording = shortened(recordEpisode(task, makePlayer(task, networks, request), task.timeLimit));
  const reason =
    `A recorded episode: this page cannot simulate task "${task.name}", which is on another engine than the ` +
    "page's own, or of your own making.";
  return { kind: "recorded", reason, recording, title };
};
