/**
 * The picture of the agent: poses of a trained Hopper over its hops.
 * (run folder) ⇒ (SVG)
 *
 *   deno run --allow-all tests/pictures/draw_hopper.ts runs/<id> fixtures/pictures/hopper.svg
 *
 * The run's last policy acts by its mean from a reset of seed 0, our physics moves the body, and each capsule is drawn where
 * the kinematics place it.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { makeKey, makeStream } from "../../src/math/random.ts";
import {
  compile,
  type Data,
  hopper,
  kinematics,
  makeData,
  type Model,
  Status,
  step,
} from "../../src/physics/physics.ts";
import { openRun, type Run } from "../../src/run/open_run.ts";
import { policyOf } from "../../src/run/policy_of.ts";
import { type Capsule, hopperSvg, type Pose } from "./hopper_svg.ts";

/** (model, data, seconds since the reset) ⇒ where its capsules are now. */
const poseOf = ({ geom: { link, ends, radius, isPlane } }: Model, data: Data, time: number): Pose => {
  const place = (g: number, k: number): readonly [number, number] => {
    const l = link[g], u = ends[4 * g + k], v = ends[4 * g + k + 1], cos = data.linkCos[l], sin = data.linkSin[l];
    return [data.linkAnchor[2 * l] + cos * u - sin * v, data.linkAnchor[2 * l + 1] + sin * u + cos * v];
  };
  const solids = Array.from(radius, (_, g) => g).filter((g) => isPlane[g] === 0);
  return { time, capsules: solids.map((g): Capsule => ({ from: place(g, 0), to: place(g, 2), radius: radius[g] })) };
};

/** (run of Hopper, environment steps) ⇒ (poses), one a step, from a reset on. */
const posesOf = (run: Run, steps: number): Pose[] => {
  const { task } = run, act = policyOf(run), model = compile(hopper), data = makeData(model);
  const observation = new Float64Array(task.observationSize), poses: Pose[] = [];
  task.reset(makeStream(makeKey(0)), data);
  for (let t = 0; t <= steps && !task.terminated(data); t++) {
    kinematics(model, data);
    poses.push(poseOf(model, data, t * task.frameSkip * model.timestep));
    task.observe(data, observation);
    data.ctrl.set(act(observation));
    for (let k = 0; k < task.frameSkip; k++) if (step(model, data) !== Status.ok) return poses;
  }
  return poses;
};

if (import.meta.main) {
  const [path, file] = Deno.args, run = await Effect.runPromise(openRun(path));
  if (run.task.name !== "hopper") {
    throw new Error(`Cannot draw ${path} as its task must be hopper: it is ${run.task.name}`);
  }
  Deno.writeTextFileSync(file, hopperSvg(posesOf(run, 400)));
}
