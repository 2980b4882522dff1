/**
 * The scene of a model of MuJoCo's own engine.
 * (simulator) ⇒ (scene): the geoms that MuJoCo's viewer shows, at MuJoCo's poses
 *
 * @module
 */
import { loadedMujoco } from "../mujoco/engine.ts";
import { POSE, type Scene, type Solid } from "../scene/scene.ts";
import type { MujocoData, OwnMujocoSimulator } from "./mujoco_simulator.ts";

/** How it is shown. */
export interface MujocoSceneOptions {
  /** m, height of what a picture shows */
  readonly span: number;
  /** Whether the camera goes with the first body or stays at the origin. */
  readonly follows: "first body" | "nothing";
}

type Model = ReturnType<OwnMujocoSimulator["model"]>;

/** By `mjtGeom`: shapes that are drawn, and how many of their sizes matter. */
const shapes: Readonly<Record<number, readonly [Solid["shape"], number]>> = {
  0: ["plane", 2],
  2: ["sphere", 1],
  3: ["capsule", 2],
  4: ["ellipsoid", 3],
  5: ["cylinder", 2],
  6: ["box", 3],
};

const LAST_SHOWN = 2; // groups from 3 on are hidden in MuJoCo's viewer

/** (model, body) ⇒ which limb of the first body, or which other body in the world, it belongs to, from 1; 0: the first body. */
const limbOf = ({ body_parentid }: Model, body: number): number => {
  const parents = Array.from(body_parentid as Int32Array);
  let limb = body;
  while (parents[limb] > 1) limb = parents[limb];
  return 1 + parents.flatMap((parent, b) => (b > 1 && parent <= 1 ? [b] : [])).indexOf(limb);
};

const toneOf = (model: Model, g: number): Solid["tone"] => {
  const body = model.geom_bodyid[g];
  return body === 0 ? "arena" : limbOf(model, body);
};

/** What is known once the engine is there. */
interface Started {
  readonly model: Model;
  readonly data: InstanceType<ReturnType<typeof loadedMujoco>["MjData"]>;
  /** Indices of the geoms that are drawn. */
  readonly geoms: ReadonlyArray<number>;
  readonly solids: ReadonlyArray<Solid>;
}

const start = (simulator: OwnMujocoSimulator): Started => {
  const model = simulator.model(), all = Array.from({ length: model.ngeom }, (_, g) => g);
  const geoms = all.filter((g) =>
    model.geom_type[g] in shapes && model.geom_group[g] <= LAST_SHOWN && model.geom_rgba[4 * g + 3] > 0
  );
  const solids = geoms.map((g): Solid => {
    const [shape, sizes] = shapes[model.geom_type[g]],
      size = Array.from({ length: sizes }, (_, i) => model.geom_size[3 * g + i]);
    return {
      name: model.geom(g).name || `geom${g}`,
      shape,
      size,
      tone: shape === "plane" ? "ground" : toneOf(model, g),
    };
  });
  return { model, data: new (loadedMujoco().MjData)(model), geoms, solids };
};

/** (simulator that is prepared when the scene is looked at, how it is shown) ⇒ (scene) from a camera that can be turned. */
export const mujocoScene = (
  simulator: OwnMujocoSimulator,
  { span, follows }: MujocoSceneOptions,
): Scene<MujocoData> => {
  let started: Started | undefined;
  const get = (): Started => started ??= start(simulator);
  return {
    get solids() {
      return get().solids;
    },
    get follows() {
      const { model, geoms } = get(), index = geoms.findIndex((g) => model.geom_bodyid[g] === 1);
      return follows === "nothing" || index < 0 ? null : index;
    },
    view: "orbit",
    span,
    place: (given, poses) => {
      const { model, data, geoms } = get();
      data.qpos.set(simulator.view(given, "qpos"));
      loadedMujoco().mj_kinematics(model, data);
      geoms.forEach((g, i) => {
        poses.set(data.geom_xpos.subarray(3 * g, 3 * g + 3), i * POSE);
        poses.set(data.geom_xmat.subarray(9 * g, 9 * g + 9), i * POSE + 3);
      });
    },
  };
};
