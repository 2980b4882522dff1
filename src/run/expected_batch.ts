/**
 * What a batch of a run's memory must be like, whatever its numbers of steps and environments.
 *
 * @module
 */
import type { Batch } from "../data/batch.ts";
import { batchShape, type Packed } from "./checkpoint_tensors.ts";
import type { Widths } from "./expected_state.ts";
import { type Form, isRecord, type Range, refuseOtherForm, refuseOutOfRange, type TensorForm } from "./forms.ts";

type Field = Exclude<keyof Batch, "steps" | "environments" | "observationSize" | "actionSize">;

const isFlag = (x: number): boolean => x === 0 || x === 1;

const ranges: ReadonlyArray<Range> = [
  { path: /^(terminated|truncated)$/, holds: isFlag, words: "0 or 1" },
  { path: /^(elapsed|episodeLengths)$/, holds: (x) => x >= 0, words: "not below 0" },
  { path: /^/, holds: Number.isFinite, words: "finite" },
];

const sizeIn = ({ structure }: Packed, name: string): number => {
  const value = isRecord(structure) && Object.hasOwn(structure, name) ? structure[name] : null;
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  throw new Error(`${name} must be a whole number above 0: it is ${JSON.stringify(value)}`);
};

/** (batch that was read, widths) ⇒ what it must be by its own steps, environments and episodes. */
const formOfBatch = (found: Packed, { observation, action, state }: Widths): Form => {
  const steps = sizeIn(found, "steps"), environments = sizeIn(found, "environments"), cells = steps * environments;
  const episodes = found.tensors.get("episodeReturns")?.data.length ?? 0;
  const has = (name: string) => isRecord(found.structure) && Object.hasOwn(found.structure, name);
  const shapeOf = batchShape({ steps, environments });
  const tensor = (dtype: TensorForm["dtype"], length: number) => (name: Field): readonly [Field, TensorForm] => [name, {
    dtype,
    shape: shapeOf(name, length),
  }];
  const tensors = new Map<string, TensorForm>([
    ...(["observation", "nextObservation"] as const).map(tensor("F32", cells * observation)),
    ...(["action", "noise"] as const).map(tensor("F32", cells * action)),
    ...(["logProb", "reward"] as const).map(tensor("F32", cells)),
    ...(["terminated", "truncated"] as const).map(tensor("U8", cells)),
    ...(has("state") ? [tensor("F64", cells * state)("state")] : []),
    ...(has("elapsed") ? [tensor("I32", environments)("elapsed")] : []),
    tensor("F64", episodes)("episodeReturns"),
    tensor("I32", episodes)("episodeLengths"),
  ]);
  const arrays = [...tensors.keys()].map((name) => [name, { $tensors: [name] }]);
  const sizes = { steps, environments, observationSize: observation, actionSize: action };
  return { structure: { ...sizes, ...Object.fromEntries(arrays) }, tensors };
};

/** Throws where a batch that was read is not whole, or not of the run's task. */
export const refuseOtherBatch = (widths: Widths, found: Packed): void => {
  refuseOtherForm(formOfBatch(found, widths), found, []);
  refuseOutOfRange(found.tensors, ranges);
};
