/**
 * What `mscv compare-physics` does.
 *
 * @module
 */
import { fold, makeKey, makeStream } from "../math/random.ts";
import { loadMujoco } from "../mujoco/engine.ts";
import { readMjcf } from "../mujoco/mjcf_files.ts";
import { comparePhysics as comparedPhysics } from "../tasks/robot/compare_physics.ts";

const words = ({ qpos, qvel }: { readonly qpos: number; readonly qvel: number }): string =>
  `qpos ${qpos.toExponential(1)}, qvel ${qvel.toExponential(1)}`;

/** (path, steps, seed) ⇒ lines that tell how far the engines are apart. */
export const comparePhysics = async (mjcf: string, steps: number, seed: number): Promise<string> => {
  await loadMujoco();
  const stream = makeStream(fold(makeKey(seed), "comparePhysics"));
  const { engines, single, free } = comparedPhysics(readMjcf(mjcf), steps, stream);
  const marks = [...new Set([10, 50, 100, 200, free.length])].filter((mark) => mark <= free.length).sort((a, b) =>
    a - b
  );
  return [
    `${mjcf}: the planar engine against MuJoCo over ${free.length} physics steps (m or rad, and their rates)`,
    `  ${engines}`,
    `  one step from equal states: at most ${words(single)}`,
    ...marks.map((mark) => `  ${mark} steps on their own: ${words(free[mark - 1]!)}`),
  ].join("\n");
};
