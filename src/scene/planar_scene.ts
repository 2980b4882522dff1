/**
 * The scene of a model of our planar physics.
 * (description, compiled model) ⇒ (scene)
 *
 * @module
 */
import {
  type BodyDescription,
  type Data,
  type GeomDescription,
  kinematics,
  type Model,
  type ModelDescription,
} from "../physics/physics.ts";
import { placeAt, placeBetween, type Point, type Scene, type Solid } from "./scene.ts";

/** A solid that stands in the world and that the physics do not know. */
export interface Decor {
  /** How it is drawn. */
  readonly solid: Solid;
  /** m, ends of its axis; equal where it has none */
  readonly from: Point;
  /** m */
  readonly to: Point;
}

/** How a planar model is shown. */
export interface PlanarSceneOptions {
  /** m, height of what a picture shows */
  readonly span: number;
  /** Name of the geom that the camera goes with; absent: it stays at the origin. */
  readonly follows?: string;
  /** Tones by the names of geoms; absent: in the order of the geoms. */
  readonly tones?: Readonly<Record<string, Solid["tone"]>>;
  /** What stands around it. */
  readonly decor?: ReadonlyArray<Decor>;
}

/** (half of its length, m) ⇒ the rail that a cart slides on, along x through the origin. */
export const cartRail = (half: number): Decor => ({
  solid: { name: "rail", shape: "capsule", size: [0.02, half], tone: "arena" },
  from: [-half, 0, 0],
  to: [half, 0, 0],
});

/** A geom and the index of its body; 0: the world. */
interface Placed {
  readonly geom: GeomDescription;
  readonly body: number;
}

const geomsOf = (description: ModelDescription, { bodyName }: Model): ReadonlyArray<Placed> => {
  const below = ({ name, geoms, bodies }: BodyDescription): Placed[] => [
    ...geoms.map((geom) => ({ geom, body: bodyName.indexOf(name) })),
    ...bodies.flatMap(below),
  ];
  return [...description.geoms.map((geom) => ({ geom, body: 0 })), ...description.bodies.flatMap(below)];
};

const halfLength = ({ from, to }: GeomDescription): number =>
  Math.hypot(to[0] - from[0], to[1] - from[1], to[2] - from[2]) / 2;

const solidOf = (geom: GeomDescription, tone: Solid["tone"]): Solid => {
  const { name, type: shape, radius } = geom;
  if (shape === "plane") return { name, shape, size: [0, 0], tone: "ground" };
  return { name, shape, size: shape === "sphere" ? [radius] : [radius, halfLength(geom)], tone };
};

/** (data whose kinematics are computed, body, point in the body's frame) ⇒ the point in the world, m. */
const toWorld = ({ plane, bodyLink }: Model, data: Data, body: number, [x, y, z]: Point): Point => {
  if (body === 0) return [x, y, z];
  const link = bodyLink[body], cos = link < 0 ? 1 : data.linkCos[link], sin = link < 0 ? 0 : data.linkSin[link];
  const [px, py, pz] = [0, 1, 2].map((i) => data.xpos[3 * body + i]);
  return plane === "xz"
    ? [px + cos * x - sin * z, py + y, pz + sin * x + cos * z]
    : [px + cos * x - sin * y, py + sin * x + cos * y, pz + z];
};

/** (model) ⇒ adds a change of velocity to the slides that move all of it; undefined where it has none. */
const pushOf = ({ plane, nq, nlink, linkSlideU, linkSlideV, linkParent }: Model): Pick<Scene<Data>, "push"> => {
  const root = Array.from({ length: nlink }, (_, l) => l).find((l) => linkParent[l] < 0 && linkSlideU[l] >= 0);
  if (root === undefined || root !== 0) return {};
  return {
    push: (state, change) => {
      state[nq + linkSlideU[0]] += change[0];
      if (linkSlideV[0] >= 0) state[nq + linkSlideV[0]] += change[plane === "xz" ? 2 : 1];
    },
  };
};

/**
 * (description, its compiled model, how it is shown) ⇒ (scene): all geoms, also those that do not collide, then the decor;
 * seen from the side where the plane of motion stands, from above where it lies.
 */
export const planarScene = (
  description: ModelDescription,
  model: Model,
  { span, follows, tones = {}, decor = [] }: PlanarSceneOptions,
): Scene<Data> => {
  const geoms = geomsOf(description, model), moving = geoms.filter(({ body }) => body > 0);
  const toneOf = (placed: Placed) => tones[placed.geom.name] ?? Math.max(0, moving.indexOf(placed));
  const index = geoms.findIndex(({ geom: { name } }) => name === follows);
  return {
    solids: [...geoms.map((placed) => solidOf(placed.geom, toneOf(placed))), ...decor.map(({ solid }) => solid)],
    view: model.plane === "xz" ? "side" : "above",
    follows: index < 0 ? null : index,
    span,
    place: (data, poses) => {
      kinematics(model, data);
      geoms.forEach(({ geom: { type, from, to }, body }, i) => {
        const center = toWorld(model, data, body, from);
        if (type === "capsule") placeBetween(poses, i, center, toWorld(model, data, body, to));
        else placeAt(poses, i, center);
      });
      decor.forEach(({ from, to }, i) => placeBetween(poses, geoms.length + i, from, to));
    },
    ...pushOf(model),
  };
};
