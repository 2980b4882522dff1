/**
 * Slots of one's own: what a user's stages keep from one iteration to the next, such as the moments of an optimiser.
 *
 * @module
 */
import type { Key } from "../math/random.ts";
import { type KeysOf, unknownKeyIn } from "../options/known_keys.ts";
import type { Task } from "../tasks/task.ts";
import { type SlotName, slotNames, type TrainState } from "./stage.ts";

/** What a slot can hold: records and lists of arrays, finite numbers, strings and booleans, which a file can hold. */
export type SlotValue = object;

/** What the first value of a slot may depend on. */
export interface SlotBeginning {
  /** What the run acts in. */
  readonly task: Task;
  /** The built-in slots before the first iteration, for instance to know how many parameters the policy has. */
  readonly state: TrainState;
  /** Of this slot alone. */
  readonly key: Key;
}

/** A slot of one's own. A stage says in its definition which of them it uses. */
export interface SlotDefinition<Name extends string = string, Value extends SlotValue = SlotValue> {
  /** Name, as `reads` and `writes` of stages give it. */
  readonly name: Name;
  /** One line: what it holds. */
  readonly summary: string;
  /**
   * (beginning) ⇒ what it holds before the first iteration. Checkpoints keep it; numbers and the content of arrays may
   * change while a run trains, their names, types and sizes may not.
   */
  readonly initial: (beginning: SlotBeginning) => Value;
}

/** (definitions) ⇒ record of what the slots hold, by name, as the last type argument of `Stage` takes it. */
export type OwnSlots<Definitions extends SlotDefinition> = {
  readonly [D in Definitions as D["name"]]: ReturnType<D["initial"]>;
};

const keys: KeysOf<SlotDefinition> = { name: true, summary: true, initial: true };

const pattern = /^[A-Za-z][A-Za-z0-9]{0,63}$/;

/**
 * ({ name, summary, initial }) ⇒ (definition): the one way to define a slot.
 *
 * Throws a RangeError where the name is a built-in slot's, or no name of letters and digits, and on an unknown key.
 *
 * @example
 * ```ts
 * import { defineSlot } from "./slot.ts";
 *
 * const moments = defineSlot({
 *   name: "ppoMoments",
 *   summary: "moments of Adam, of every parameter of the policy",
 *   initial: ({ state: { policy: { theta } } }) => ({
 *     first: new Float32Array(theta.length),
 *     second: new Float32Array(theta.length),
 *     step: 0,
 *   }),
 * });
 * if (moments.name !== "ppoMoments") throw new Error("a slot has a name");
 * ```
 */
export const defineSlot = <const Name extends string, Value extends SlotValue>(
  definition: SlotDefinition<Name, Value>,
): SlotDefinition<Name, Value> => {
  const { name } = definition;
  if (!pattern.test(name) || slotNames.includes(name as SlotName) || name === "metrics") {
    throw new RangeError(
      "Cannot define a slot as its name must be made of at most 64 letters and digits, the first a letter, and no " +
        `built-in slot's: current value is ${JSON.stringify(name)}`,
    );
  }
  const unknown = unknownKeyIn(definition, keys);
  if (unknown !== null) throw new RangeError(`Cannot define slot "${name}" as ${unknown}`);
  return definition;
};
