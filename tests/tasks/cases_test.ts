/** States in which something degenerates, against what Gymnasium gives after a few actions: `fixtures/gymnasium/cases.py`. */
import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { getTask } from "../../src/tasks/registry.ts";
import { replay } from "../../src/tasks/replay.ts";
import { largestDifference } from "./fixture.ts";

interface Case {
  readonly task: string;
  readonly qpos: ReadonlyArray<number>;
  readonly qvel: ReadonlyArray<number>;
  readonly actions: ReadonlyArray<ReadonlyArray<number>>;
  readonly observation: ReadonlyArray<number>;
  readonly reward: number;
  readonly terminated: boolean;
  readonly after: ReadonlyArray<number>; // qpos, then qvel
}

const file = new URL("../../fixtures/gymnasium/cases.json", import.meta.url);
const { cases } = JSON.parse(Deno.readTextFileSync(file)) as { readonly cases: Readonly<Record<string, Case>> };

for (const [name, { task, qpos, qvel, actions, observation, reward, terminated, after }] of Object.entries(cases)) {
  Deno.test(`${task} gives what Gymnasium gives to 1e-9: ${name}`, () => {
    const last = [...replay(getTask(task), { qpos, qvel }, actions)].at(-1)!;
    assertLess(largestDifference([...last.state.qpos, ...last.state.qvel], after), 1e-9);
    assertLess(largestDifference(last.obs, observation), 1e-9);
    assertAlmostEquals(last.reward, reward, 1e-9 * Math.max(1, Math.abs(reward)));
    assertEquals(last.terminated, terminated);
  });
}
