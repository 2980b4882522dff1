/**
 * The tasks that a page can simulate: those on our own physics, which are plain JavaScript. MuJoCo's engine is not among what
 * the page's script holds.
 *
 * @module
 */
import { halfCheetah } from "../tasks/half_cheetah.ts";
import { hopper } from "../tasks/hopper.ts";
import { invertedDoublePendulum } from "../tasks/inverted_double_pendulum.ts";
import { invertedPendulum } from "../tasks/inverted_pendulum.ts";
import { reacher } from "../tasks/reacher.ts";
import { swimmer } from "../tasks/swimmer.ts";
import type { Task } from "../tasks/task.ts";
import { walker2d } from "../tasks/walker2d.ts";

/** By name. */
export const playable: Readonly<Record<string, Task>> = {
  halfCheetah,
  hopper,
  invertedDoublePendulum,
  invertedPendulum,
  reacher,
  swimmer,
  walker2d,
};
