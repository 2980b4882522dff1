/**
 * Options of which one decides which others there are, as `estimator` does in `estimateGradient`.
 *
 * Whoever names another estimator over a file that names one (`set`, an ablation's variant, `--set`) takes over those
 * options said below that the new one has; those that only the old one had are left out. An option said together with the
 * estimator, or after it, has to be one of its own.
 *
 * @module
 */
import type * as SchemaAST from "effect/SchemaAST";
import { type OptionsSchema, type TaggedOptions, tagOf } from "../stages/stage.ts";
import { didYouMean, unknownName } from "../options/did_you_mean.ts";
import { isTree, type Located, noteLeft, remove, valueAt } from "./located.ts";
import type { Path, Position } from "./problems.ts";

/** (schema's tree) ⇒ names of its keys. */
export const keysOf = (ast: SchemaAST.AST): ReadonlyArray<string> =>
  ast._tag === "Objects" ? ast.propertySignatures.map(({ name }) => String(name)) : [];

const namesIn = (schema: OptionsSchema): ReadonlyArray<string> => keysOf(schema.ast);

/** (tagged options, options as given, how their tag is shown) ⇒ what is wrong with it, in words; null: it is known. */
export const unknownTag = (tagged: TaggedOptions, given: unknown, shown: string): string | null => {
  const tag = tagOf(tagged, given), names = Object.keys(tagged.variants);
  if (typeof tag !== "string") return `must be one of ${names.join(", ")}: current value is ${shown}`;
  return names.includes(tag) ? null : unknownName(tagged.tag, tag, names);
};

/** (tagged options, options as given) ⇒ (name, known names) ⇒ words for an option that does not go with their tag. */
export const unknownOption =
  (tagged: TaggedOptions, given: unknown) => (name: string, known: ReadonlyArray<string>): string => {
    const { variants, instead, tag } = tagged, value = String(tagOf(tagged, given));
    const having = Object.keys(variants).filter((other) => namesIn(variants[other]).includes(name));
    const others = having.length === 0 ? "" : `: ${having.join(", ")} ${having.length === 1 ? "has" : "have"} it`;
    const better = Object.hasOwn(instead[value] ?? {}, name) ? instead[value][name] : null;
    const advice = better !== null
      ? `did you mean "${better}"?`
      : didYouMean(name, known.filter((each) => each !== tag));
    return `unknown option "${name}" of ${tag} ${value}${others}, ${advice}`;
  };

/** Changes to options, and where they were said. */
interface Said {
  readonly options: unknown;
  readonly position: Position;
  readonly path: Path;
}

/**
 * Leaves out of the options at `path` those that the tag of the changes does not have, and the tag until now had; the tree
 * notes which.
 */
export const leaveForeign = (tree: Located, path: Path, said: Said, tagged: TaggedOptions): void => {
  const { options: changes } = said;
  const { tag, variants } = tagged, old = valueAt(tree, path);
  if (!isTree(old) || !isTree(changes) || !Object.hasOwn(changes, tag)) return;
  const [from, to] = [old, changes].map((options) => {
    const value = tagOf(tagged, options);
    return typeof value === "string" && Object.hasOwn(variants, value) ? namesIn(variants[value]) : null;
  });
  if (from === null || to === null) return; // its own problem
  const foreign = Object.keys(old).filter((name) => from.includes(name) && !to.includes(name));
  if (foreign.length === 0) return;
  for (const name of foreign) remove(tree, [...path, name]);
  const message = `leaves out ${foreign.join(", ")}, which ${tagOf(tagged, changes)} does not have`;
  noteLeft(tree, { position: said.position, path: [...said.path, tag], message });
};
