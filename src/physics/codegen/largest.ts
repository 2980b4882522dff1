/**
 * For which models code is generated.
 *
 * @module
 */
import type { Model } from "../model.ts";

const largest = { links: 40, pairs: 80 } as const; // beyond it the code is megabytes, which no compiler likes

type Size = Pick<Model, "nlink" | "npair">;

/** (model) ⇒ whether its step is generated; the generic engine steps a larger one. */
export const isGenerated = ({ nlink, npair }: Size): boolean => nlink <= largest.links && npair <= largest.pairs;

/** (model) ⇒ why the generic engine steps it, in words. */
export const whyGeneric = (model: Size): string =>
  isGenerated(model)
    ? "generic code"
    : `generic code (links ${model.nlink}, pairs that may touch ${model.npair}: code is generated for at most ` +
      `${largest.links} and ${largest.pairs})`;
