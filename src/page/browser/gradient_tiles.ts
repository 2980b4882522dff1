/**
 * What the gradient of a run did in its last iteration, in numbers and a sentence each.
 *
 * @module
 */
/// <reference lib="dom" />
import { make } from "./dom.ts";

/** A number of the log, and what it means. */
interface Tile {
  readonly metric: string;
  readonly name: string;
  readonly means: (value: number) => string;
}

const tiles: ReadonlyArray<Tile> = [
  {
    metric: "estimateGradient.varianceRatio",
    name: "variance ratio",
    means: (x) =>
      x > 1
        ? "Above 1: the control variate adds variance. The model may predict too badly for k steps."
        : "Share of the advantage's variance that the control variate leaves; the less, the better.",
  },
  {
    metric: "estimateGradient.coefficient",
    name: "w",
    means: () => "How much of the imagined advantage is subtracted: 0 none, 1 all.",
  },
  {
    metric: "estimateGradient.horizon",
    name: "k",
    means: () => "Steps that the model imagines from every real state.",
  },
  {
    metric: "trpoUpdate.kl",
    name: "KL",
    means: () => "How far the last update moved the policy: mean divergence from the one before.",
  },
];

const shown = (x: number): string =>
  x === 0 ? "0" : Math.abs(x) < 0.001 ? x.toExponential(1) : String(+x.toPrecision(3));

const tileOf = (name: string, value: string, sentence: string): HTMLElement =>
  make("div", { class: "tile" }, make("span", {}, name), make("b", {}, value), make("i", {}, sentence));

/** (last values by name) ⇒ tiles; those that the run lacks are left out. */
export const gradientTiles = (latest: Readonly<Record<string, number>>): ReadonlyArray<HTMLElement> => {
  const stages = Object.entries(latest).filter(([name]) => /^seconds\.(?!total|evaluation)/.test(name))
    .map(([name, value]) => [name.slice("seconds.".length), value] as const);
  const found = tiles.flatMap(({ metric, name, means }) => {
    const value = latest[metric];
    return value === undefined ? [] : [tileOf(name, shown(value), means(value))];
  });
  const total = stages.reduce((sum, [, seconds]) => sum + seconds, 0);
  if (total === 0) return found;
  const longest = [...stages].sort((a, b) => b[1] - a[1]).slice(0, 3);
  const told = longest.map(([name, seconds]) => `${name} ${Math.round(100 * seconds / total)} %`).join(", ");
  return [...found, tileOf("an iteration takes", `${shown(total)} s`, `Of that ${told}.`)];
};
