/**
 * The picture of the agent: poses of a trained Hopper over its hops.
 * (run folder) ⇒ (SVG)
 *
 *   deno run --allow-all tests/pictures/draw_hopper.ts runs/<id> fixtures/pictures/hopper.svg
 *
 * The run's last policy acts by its mean from a reset of seed 0, our physics moves the body, and each capsule is drawn where
 * the kinematics place it: one unit of the drawing is one metre.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { builtIn } from "../../src/config/built_in.ts";
import { taskOf } from "../../src/config/catalog.ts";
import { resolvePipeline } from "../../src/config/resolve.ts";
import { makeKey, makeStream } from "../../src/math/random.ts";
import { makePolicyInference } from "../../src/nn/inference/inference.ts";
import { kinematics, makeData, Status } from "../../src/physics/physics.ts";
import { expectedOf } from "../../src/run/expected.ts";
import { readLatestCheckpoint } from "../../src/run/read_checkpoint.ts";
import { openRunFolder } from "../../src/run/run_folder.ts";
import { advance } from "../../src/tasks/advance.ts";
import type { Capsule, Pose } from "./hopper_svg.ts";
import { hopperSvg } from "./hopper_svg.ts";

/** (run folder) ⇒ task, policy and normaliser of its last checkpoint. */
const lastOf = Effect.fnUntraced(function* (path: string) {
  const folder = yield* openRunFolder(path), pipeline = yield* resolvePipeline(folder.pipeline, [], builtIn);
  const { checkpoint } = yield* readLatestCheckpoint(folder.checkpoints, yield* expectedOf(pipeline, builtIn));
  return { task: taskOf(pipeline, builtIn), ...checkpoint.state };
});

/** (trained policy, environment steps) ⇒ (poses), one a step, from a reset on. */
const posesOf = ({ task, policy, normalizer }: Effect.Success<ReturnType<typeof lastOf>>, steps: number): Pose[] => {
  const { model, observationSize, actionSize } = task, data = makeData(model);
  const infer = makePolicyInference(policy, normalizer);
  const observation = new Float64Array(observationSize), action = new Float64Array(actionSize);
  const poseNow = (step: number): Pose => {
    kinematics(model, data);
    const { link, ends, radius, isPlane } = model.geom;
    const place = (g: number, k: number): readonly [number, number] => {
      const l = link[g], u = ends[4 * g + k], v = ends[4 * g + k + 1];
      const cos = data.linkCos[l], sin = data.linkSin[l];
      return [data.linkAnchor[2 * l] + cos * u - sin * v, data.linkAnchor[2 * l + 1] + sin * u + cos * v];
    };
    const capsules = Array.from(radius, (r, g): Capsule => ({ from: place(g, 0), to: place(g, 2), radius: r }));
    return { time: step * task.frameSkip * model.timestep, capsules: capsules.filter((_, g) => isPlane[g] === 0) };
  };
  task.reset(makeStream(makeKey(0)), data);
  const poses = [poseNow(0)];
  for (let step = 1; step <= steps && !task.terminated(data); step++) {
    task.observe(data, observation);
    infer(observation, action);
    if (advance(task, data, action.map((a) => Math.min(1, Math.max(-1, a)))) !== Status.ok) break;
    poses.push(poseNow(step));
  }
  return poses;
};

if (import.meta.main) {
  const [run, file] = Deno.args;
  const poses = posesOf(await Effect.runPromise(lastOf(run)), 400);
  Deno.writeTextFileSync(file, hopperSvg(poses));
}
