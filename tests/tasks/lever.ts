/**
 * A task that owns options, in a module that workers import: a weight on a line, x ⇐ x + gain·force, reward −|x| per step.
 * Where it senses `change`, too, it observes its last displacement beside x.
 */
import { defineTask } from "../../src/tasks/define_task.ts";
import { oneOf, option, positive } from "../../src/options/options.ts";

/** The task `lever`. */
export const lever = defineTask({
  name: "lever",
  options: {
    gain: option(positive, 0.5, "m that a force of 1 N moves it"),
    reach: option(positive, 10, "m at which it ends"),
    senses: option(oneOf("place", "change"), "place", "place: x alone; change: x and its last displacement"),
  },
  check: ({ gain, reach }) => gain < reach ? null : { option: "gain", must: `below reach, ${reach}` },
  make: ({ gain, reach, senses }) => ({
    stateSize: 2,
    timeLimit: 30,
    observationSize: senses === "place" ? 1 : 2,
    controlRange: [[-1, 1]],
    reset: (stream, state) => state.set([2 * stream.uniform() - 1, 0]),
    step: (state, [force]) => {
      state[1] = gain * force;
      state[0] += state[1];
    },
    observe: (state, out) => out.set(state.subarray(0, out.length)),
    reward: (_before, _action, [x]) => -Math.abs(x),
    imagined: { survival: (algebra, [x]) => [{ margin: algebra.shift(algebra.scale(x, -1), reach), width: 0.1 }] },
  }),
});
