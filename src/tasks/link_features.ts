/**
 * Network inputs from the kinematics of a tree of links over a floor, whose hinges all turn about +y.
 *
 * @module
 */
import type { Algebra } from "../math/algebra.ts";
import { type Corners, depths } from "./contact_features.ts";

/** One link: figures of a model's description. */
export interface Link {
  /** Index of the parent, −1: the root */
  readonly parent: number;
  /** m, (x, z) from the parent's anchor to its own, in the parent's frame */
  readonly stem: readonly [number, number];
  /** m, (x, z) from its anchor, in its frame: the ends that may touch the floor */
  readonly ends: ReadonlyArray<readonly [number, number]>;
}

/** The state of the tree. */
export interface TreeState<T> {
  /** m, joint coordinate of the root's anchor; 0 at its initial height */
  readonly height: T;
  /** m/s, forward and up, of the root's anchor */
  readonly velocity: readonly [T, T];
  /** [links] rad, of the root in the world, of each other against its parent; about +y */
  readonly angles: ReadonlyArray<T>;
  /** [links] rad/s */
  readonly rates: ReadonlyArray<T>;
}

/** A point of the tree: m above the floor, m/s forward and up. */
interface Point<T> {
  readonly height: T;
  readonly forward: T;
  readonly upward: T;
}

/** A link in the world. */
interface PlacedLink<T> extends Point<T> {
  readonly angle: T;
  readonly rate: T;
  readonly sine: T;
  readonly cosine: T;
}

/**
 * A point fixed to a link at (a, c) from its anchor: with x = a cos φ + c sin φ and z = c cos φ − a sin φ it lies z above the
 * anchor and moves with ω·z forward and −ω·x up against it.
 */
const pointOf = <T>(algebra: Algebra<T>, link: PlacedLink<T>, [a, c]: readonly [number, number]): Point<T> => {
  const { add, subtract, multiply, scale } = algebra;
  const x = add(scale(link.cosine, a), scale(link.sine, c)), z = subtract(scale(link.cosine, c), scale(link.sine, a));
  return {
    height: add(link.height, z),
    forward: add(link.forward, multiply(link.rate, z)),
    upward: subtract(link.upward, multiply(link.rate, x)),
  };
};

/** (state, links) ⇒ (links in the world), parents first. */
const placeLinks = <T>(
  algebra: Algebra<T>,
  { height, velocity: [forward, upward], angles, rates }: TreeState<T>,
  links: ReadonlyArray<Link>,
): ReadonlyArray<PlacedLink<T>> => {
  const placed: PlacedLink<T>[] = [];
  links.forEach(({ parent, stem }, l) => {
    const above = placed[parent];
    const anchor = above === undefined
      ? { height: algebra.shift(height, stem[1]), forward, upward }
      : pointOf(algebra, above, stem);
    const angle = above === undefined ? angles[l]! : algebra.add(above.angle, angles[l]!);
    const rate = above === undefined ? rates[l]! : algebra.add(above.rate, rates[l]!);
    placed.push({ ...anchor, angle, rate, sine: algebra.sin(angle), cosine: algebra.cos(angle) });
  });
  return placed;
};

/** (state, links) ⇒ (points): the ends of all links, in their order. */
export const endPoints = <T>(
  algebra: Algebra<T>,
  state: TreeState<T>,
  links: ReadonlyArray<Link>,
): ReadonlyArray<Point<T>> =>
  placeLinks(algebra, state, links).flatMap((link, l) => links[l]!.ends.map((end) => pointOf(algebra, link, end)));

/**
 * (state, links, radius of the ends in m) ⇒ [2·links + 5·ends]: sines and cosines of the links' angles in the world; of each
 * end height, velocity forward and up, depth in the floor ahead and now.
 */
export const linkFeatures = <T>(
  algebra: Algebra<T>,
  state: TreeState<T>,
  links: ReadonlyArray<Link>,
  radius: number,
  floor: Corners,
): T[] => {
  const placed = placeLinks(algebra, state, links), below = (x: T): T => algebra.scale(x, -1);
  const points = placed.flatMap((link, l) => links[l]!.ends.map((end) => pointOf(algebra, link, end)));
  return [
    ...placed.flatMap(({ sine, cosine }) => [sine, cosine]),
    ...points.flatMap(({ height, forward, upward }) => {
      const clear = algebra.shift(height, -radius);
      return [clear, forward, upward, ...depths(algebra, below(clear), below(upward), floor)];
    }),
  ];
};
