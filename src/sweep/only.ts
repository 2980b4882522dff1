/**
 * Which cells a command is about: `--only task=hopper --only variant=k0,k2`.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import { didYouMean } from "../config/did_you_mean.ts";
import type { ManifestCell } from "./manifest.ts";

/** A filter that names no cell. */
export class OnlyInvalid extends Schema.TaggedError<OnlyInvalid>()("OnlyInvalid", {
  message: Schema.String,
}) {}

const axes = ["task", "variant", "seed"] as const;
type Axis = typeof axes[number];

interface Filter {
  readonly axis: Axis;
  readonly values: ReadonlyArray<string>;
}

const parse = (text: string): Filter | null => {
  const equals = text.indexOf("=");
  const axis = axes.find((each) => each === text.slice(0, equals).trim());
  if (axis === undefined) return null;
  return { axis, values: text.slice(equals + 1).split(",").map((value) => value.trim()) };
};

const refuse = (text: string, reason: string) =>
  Effect.fail(new OnlyInvalid({ message: `Cannot pick cells by --only "${text}" as ${reason}` }));

/** (filters, cells) ⇒ the cells that pass all of them. Fails: OnlyInvalid, on a value that no cell has as well. */
export const selectCells = <Cell extends Pick<ManifestCell, Axis>>(
  filters: ReadonlyArray<string>,
  cells: ReadonlyArray<Cell>,
): Effect.Effect<ReadonlyArray<Cell>, OnlyInvalid> =>
  Effect.gen(function* () {
    let selected = cells;
    for (const text of filters) {
      const filter = parse(text);
      if (filter === null) {
        return yield* refuse(text, `it must look like task=hopper, variant=a,b or seed=0,1`);
      }
      const present = [...new Set(cells.map((cell) => String(cell[filter.axis])))];
      const unknown = filter.values.find((value) => !present.includes(value));
      if (unknown !== undefined) {
        return yield* refuse(
          text,
          `"${unknown}" must be a ${filter.axis} of this ablation: ${didYouMean(unknown, present)}`,
        );
      }
      selected = selected.filter((cell) => filter.values.includes(String(cell[filter.axis])));
    }
    return selected;
  });
