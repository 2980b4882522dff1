/**
 * Geoms that may touch, and the softness of each pair.
 *
 * @module
 */
import type { GeomDescription, ModelDescription } from "./description.ts";
import type { CollisionGeoms, CollisionPairs } from "./model.ts";
import { type Tree, unsupported } from "./tree.ts";

interface PlacedGeom {
  readonly geom: GeomDescription;
  readonly link: number; // −1: the world
  readonly body: number; // 0: the world
  readonly ends: ReadonlyArray<number>; // [4] m, from the link's anchor
}

const placeGeoms = (d: ModelDescription, tree: Tree): ReadonlyArray<PlacedGeom> => {
  const { u, v } = tree;
  const fixed = d.geoms.map((geom) => ({
    geom,
    link: -1,
    body: 0,
    ends: [geom.from[u], geom.from[v], geom.to[u], geom.to[v]],
  }));
  const moving = tree.bodies.flatMap((body, b) =>
    body.geoms.map((geom) => ({
      geom,
      link: body.link,
      body: b + 1,
      ends: [geom.from, geom.to].flatMap((end) => [end[u] + body.origin[u], end[v] + body.origin[v]]),
    }))
  );
  return [...fixed, ...moving];
};

/** MuJoCo's filters: bit masks, the same link, and parent with child unless the parent is the world. */
const mayTouch = (tree: Tree, a: PlacedGeom, b: PlacedGeom): boolean => {
  const masks = (a.geom.contype & b.geom.conaffinity) | (b.geom.contype & a.geom.conaffinity);
  if (masks === 0 || a.link === b.link) return false;
  if (a.link < 0 || b.link < 0) return true;
  return tree.links[a.link].parent !== b.link && tree.links[b.link].parent !== a.link;
};

const checkPair = (tree: Tree, a: PlacedGeom, b: PlacedGeom): void => {
  const names = `the pair ("${a.geom.name}", "${b.geom.name}")`;
  if (b.geom.type === "plane") throw unsupported(names, "of a moving geom and another", [a.geom.type, b.geom.type]);
  if (a.geom.type === "plane" && tree.plane !== "xz") throw unsupported(names, "in the xz plane", tree.plane);
  for (const { geom: { name, type, from, to } } of [a, b]) {
    const length = Math.hypot(from[0] - to[0], from[1] - to[1], from[2] - to[2]);
    if (type === "capsule" && !(length > 0)) throw unsupported(`the length of "${name}"`, "positive", length);
  }
  const offPlane = [a, b].filter((x) => x.geom.from[tree.normal] !== 0 || x.geom.to[tree.normal] !== 0);
  if (offPlane.length > 0) throw unsupported(`each axis of ${names}`, "in the plane of motion", offPlane[0].geom.name);
};

const ORDER = { plane: 0, sphere: 1, capsule: 2 } as const;

/** (ModelDescription, Tree) ⇒ pairs in the order of the tree; of each the plane, else the sphere first. */
const findPairs = (tree: Tree, placed: ReadonlyArray<PlacedGeom>): ReadonlyArray<readonly [PlacedGeom, PlacedGeom]> => {
  const found: Array<readonly [PlacedGeom, PlacedGeom]> = [];
  placed.forEach((a, i) => {
    for (const b of placed.slice(i + 1)) {
      if (!mayTouch(tree, a, b)) continue;
      const pair = ORDER[b.geom.type] < ORDER[a.geom.type] ? [b, a] as const : [a, b] as const;
      checkPair(tree, pair[0], pair[1]);
      found.push(pair);
    }
  });
  return found;
};

const SMALLEST_IMPEDANCE = 1e-4, LARGEST_IMPEDANCE = 0.9999; // mjMINIMP, mjMAXIMP
/** MuJoCo's default time constant in s and damping ratio. */
export const DEFAULT_SOLREF: readonly [number, number] = [0.02, 1];

const SMALLEST_FRICTION = 1e-5; // mjMINMU
const TINY = 1e-15; // mjMINVAL

const clip = (d: number): number => Math.min(LARGEST_IMPEDANCE, Math.max(SMALLEST_IMPEDANCE, d));

/**
 * (d0, d1, width) ⇒ the same as MuJoCo interpolates: d0 and d1 within [1e-4, .9999]; their mean for both where there is no
 * width.
 */
export const clipImpedance = ([d0, d1, width]: ReadonlyArray<number>): readonly [number, number, number] => {
  const low = clip(d0), high = clip(d1), mean = 0.5 * (low + high);
  return width > TINY ? [low, high, width] : [mean, mean, 1];
};

/**
 * Stiffness and damping of a soft constraint: (solref, d1, timestep) ⇒ [K in 1/s², B in 1/s].
 *
 *   tc = max(solref₀, 2·timestep), K = 1/(d1² tc² ζ²), B = 2/(d1 tc), with d1 within [1e-4, .9999]
 *
 * A solref without a positive number is −(stiffness, damping): K = −solref₀/d1², B = −solref₁/d1; with one, it is MuJoCo's
 * default.
 */
export const stiffnessAndDamping = (
  solref: readonly [number, number],
  solimp: number,
  timestep: number,
): readonly [number, number] => {
  const d1 = clip(solimp);
  if (!(solref[0] > 0) && !(solref[1] > 0)) return [-solref[0] / (d1 * d1), -solref[1] / d1];
  const [time, zeta] = solref[0] > 0 && solref[1] > 0 ? solref : DEFAULT_SOLREF,
    timeconst = Math.max(time, 2 * timestep);
  return [1 / (d1 * d1 * timeconst * timeconst * zeta * zeta), 2 / (d1 * timeconst)];
};

/** Mean of the two geoms' parameters: equal `solmix`, as everywhere here. */
const mean = (a: number, b: number): number => 0.5 * a + 0.5 * b;

/** Mean of two time constants and damping ratios; the lesser of each where one is a negative stiffness and damping. */
const mixSolref = (a: readonly [number, number], b: readonly [number, number]): readonly [number, number] => {
  const mix = a[0] > 0 && b[0] > 0 ? mean : Math.min;
  return [mix(a[0], b[0]), mix(a[1], b[1])];
};

/** (pairs, bodyInvweight0) ⇒ diagonal: the translational invweights of both, times 2μ²(1 + μ²) with friction. */
const pairDiagonal = (a: PlacedGeom, b: PlacedGeom, friction: number, invweight: Float64Array): number => {
  const translational = invweight[a.body] + invweight[b.body];
  return friction === 0
    ? translational
    : 2 * friction * friction * (translational + friction * friction * translational);
};

/** (ModelDescription, Tree, bodyInvweight0) ⇒ (geoms, pairs). Throws for pairs of unsupported shapes. */
export const collisionPairs = (
  d: ModelDescription,
  tree: Tree,
  bodyInvweight0: Float64Array,
): { readonly geom: CollisionGeoms; readonly pair: CollisionPairs } => {
  const found = findPairs(tree, placeGeoms(d, tree));
  const used = [...new Set(found.flat())];
  const column = (value: (a: PlacedGeom, b: PlacedGeom) => number) => Float64Array.from(found, ([a, b]) => value(a, b));
  const friction = column((a, b) =>
    Math.max(a.geom.condim, b.geom.condim) === 1 ? 0 : Math.max(a.geom.friction, b.geom.friction, SMALLEST_FRICTION)
  );
  const solimp = found.map(([a, b]) => [0, 1, 2].map((i) => mean(a.geom.solimp[i], b.geom.solimp[i])));
  const soft = found.map(([a, b], i) =>
    stiffnessAndDamping(mixSolref(a.geom.solref, b.geom.solref), solimp[i][1], d.timestep)
  );
  return {
    geom: {
      name: used.map((x) => x.geom.name),
      isPlane: Uint8Array.from(used, (x) => (x.geom.type === "plane" ? 1 : 0)),
      isSphere: Uint8Array.from(used, (x) => (x.geom.type === "sphere" ? 1 : 0)),
      link: Int32Array.from(used, (x) => x.link),
      ends: Float64Array.from(used.flatMap((x) => x.ends)),
      radius: Float64Array.from(used, (x) => x.geom.radius),
    },
    pair: {
      count: found.length,
      geom1: Int32Array.from(found, ([a]) => used.indexOf(a)),
      geom2: Int32Array.from(found, ([, b]) => used.indexOf(b)),
      margin: column((a, b) => a.geom.margin + b.geom.margin), // the sum since MuJoCo 3.5.0, the larger one before
      friction,
      stiffness: Float64Array.from(soft, ([stiffness]) => stiffness),
      damping: Float64Array.from(soft, ([, damping]) => damping),
      impedance: Float64Array.from(solimp.flatMap(clipImpedance)),
      diagonal: Float64Array.from(found, ([a, b], i) => pairDiagonal(a, b, friction[i], bodyInvweight0)),
    },
  };
};
