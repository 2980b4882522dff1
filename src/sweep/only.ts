/**
 * Which cells a command is about: `--only task=hopper --only variant=k0,k2`.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import { didYouMean } from "../options/did_you_mean.ts";
import type { ManifestCell } from "./manifest.ts";

/** A filter that names no cell. */
export class OnlyInvalid extends Schema.TaggedError<OnlyInvalid>()("OnlyInvalid", {
  message: Schema.String,
}) {}

/** What a filter looks at. */
type Filtered = Pick<ManifestCell, "task" | "variant" | "seed" | "axes">;

interface Filter {
  readonly axis: string;
  readonly values: ReadonlyArray<string>;
}

/**
 * (cell) ⇒ what it is called on each axis: task, variant, seed, and those of the file. A variant has the name of all its
 * changes, and that of the change on the file's own axis `variant`, where there is one.
 */
const coordinates = (
  { task, variant, seed, axes = {} }: Filtered,
): Readonly<Record<string, ReadonlyArray<string>>> => ({
  ...Object.fromEntries(Object.entries(axes).map(([axis, name]) => [axis, [name]])),
  task: [task],
  variant: axes.variant === undefined ? [variant] : [axes.variant, variant],
  seed: [String(seed)],
});

const axesOf = (cells: ReadonlyArray<Filtered>): ReadonlyArray<string> => [
  ...new Set(["task", "variant", "seed", ...cells.flatMap((cell) => Object.keys(coordinates(cell)))]),
];

const parse = (text: string, axes: ReadonlyArray<string>): Filter | null => {
  const equals = text.indexOf("=");
  const axis = axes.find((each) => each === text.slice(0, equals).trim());
  if (axis === undefined) return null;
  return { axis, values: text.slice(equals + 1).split(",").map((value) => value.trim()) };
};

/** (axis, value as written, those present) ⇒ the one that is meant: k=2 is short for k=k2; undefined: none. */
const meant = (axis: string, value: string, present: ReadonlyArray<string>): string | undefined =>
  [value, axis + value].find((each) => present.includes(each));

const refuse = (text: string, reason: string) =>
  Effect.fail(new OnlyInvalid({ message: `Cannot pick cells by --only "${text}" as ${reason}` }));

/** (filters, cells) ⇒ the cells that pass all of them. Fails: OnlyInvalid, on a value that no cell has as well. */
export const selectCells = <Cell extends Filtered>(
  filters: ReadonlyArray<string>,
  cells: ReadonlyArray<Cell>,
): Effect.Effect<ReadonlyArray<Cell>, OnlyInvalid> =>
  Effect.gen(function* () {
    const axes = axesOf(cells);
    let selected = cells;
    for (const text of filters) {
      const filter = parse(text, axes);
      if (filter === null) {
        return yield* refuse(
          text,
          `it must look like task=hopper, variant=a,b or seed=0,1: axes are ${axes.join(", ")}`,
        );
      }
      const { axis, values } = filter;
      const present = [...new Set(cells.flatMap((cell) => coordinates(cell)[axis] ?? []))];
      const unknown = values.find((value) => meant(axis, value, present) === undefined);
      if (unknown !== undefined) {
        return yield* refuse(text, `"${unknown}" must be a ${axis} of this ablation: ${didYouMean(unknown, present)}`);
      }
      const wanted = values.map((value) => meant(axis, value, present));
      selected = selected.filter((cell) => coordinates(cell)[axis]?.some((name) => wanted.includes(name)));
    }
    return selected;
  });
