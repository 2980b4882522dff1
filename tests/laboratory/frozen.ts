/**
 * Frozen networks for tests: those that a tiny program meets.
 *
 * @module
 */
import type { Frozen } from "../../src/laboratory/frozen.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { tasks } from "../../src/tasks/registry.ts";
import { meetingOf } from "../stages/program.ts";

/** (task) ⇒ (frozen), with the backend started. */
export const frozenAt = async (name: string): Promise<Frozen> => {
  await startBackend();
  const { policy, value, model, critic, control, normalizer } = (await meetingOf(name, "estimateGradient")).slots;
  return { task: tasks[name], policy, value, model, critic, control, normalizer };
};
