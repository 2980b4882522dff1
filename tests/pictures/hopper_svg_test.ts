import { assert, assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { type Capsule, hopperSvg, type Pose } from "./hopper_svg.ts";

interface Line {
  readonly width: number;
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
}

/** (SVG) ⇒ lines of each pose, cm. */
const drawn = (svg: string): ReadonlyArray<ReadonlyArray<Line>> =>
  [...svg.matchAll(/<g opacity="[\d.]+">(.*?)<\/g>/g)].map(([, group]) =>
    [...group.matchAll(/stroke-width="(\S+)" x1="(\S+)" y1="(\S+)" x2="(\S+)" y2="(\S+)"/g)].map(([, ...numbers]) => {
      const [width, x1, y1, x2, y2] = numbers.map(Number);
      return { width, from: [x1, y1], to: [x2, y2] };
    })
  );

const lengthOf = ({ from, to }: Line): number => Math.hypot(to[0] - from[0], to[1] - from[1]);

Deno.test("a capsule 0.4 m long and 0.1 m thick, 1.45 m above the floor, is drawn in centimetres, z up", () => {
  const torso: Capsule = { from: [0.5, 1.45], to: [0.5, 1.05], radius: 0.05 };
  const poses = [1.2, 1.208].map((time): Pose => ({ time, capsules: [torso] }));
  assertEquals(drawn(hopperSvg(poses)), [[{ width: 10, from: [50, -145], to: [50, -105] }]]); // one pose each 0.112 s
});

Deno.test("the picture shows the bodies of Gymnasium's hopper.xml: lengths, thicknesses, and joints that hold", async () => {
  const poses = drawn(await Deno.readTextFile(new URL("../../fixtures/pictures/hopper.svg", import.meta.url)));
  assertGreater(poses.length, 9);
  for (const [torso, thigh, leg, foot] of poses) {
    // hopper.xml: torso from z 1.45 to 1.05, thigh to .6, leg to .1, foot from x −.13 to .26: .4, .45, .5 and .39 m
    assertEquals([torso, thigh, leg, foot].map(({ width }) => width), [10, 10, 8, 12]);
    [[torso, 40], [thigh, 45], [leg, 50], [foot, 39]].forEach(([line, length]) =>
      assertAlmostEquals(lengthOf(line as Line), length as number, 0.03)
    );
    assertEquals([thigh.from, leg.from], [torso.to, thigh.to]);
    const share = 13 / 39; // the ankle is on the foot's axis, at x = 0
    const ankle = [0, 1].map((i) => foot.from[i] + share * (foot.to[i] - foot.from[i]));
    ankle.forEach((x, i) => assertAlmostEquals(x, leg.to[i], 0.03));
  }
});

Deno.test("the picture shows hops: the foot leaves the floor, and the agent goes forward", async () => {
  const poses = drawn(await Deno.readTextFile(new URL("../../fixtures/pictures/hopper.svg", import.meta.url)));
  const lowest = poses.map(([, , , foot]) => -Math.max(foot.from[1], foot.to[1]) - foot.width / 2); // cm above the floor
  assert(Math.max(...lowest) > 5 && Math.min(...lowest) < 1, `${lowest}`);
  const forward = poses.map(([torso]) => torso.from[0]);
  assert(forward.every((x, i) => i === 0 || x > forward[i - 1]), `${forward}`);
});
