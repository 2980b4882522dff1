/**
 * Films and stills hold the poses that were recorded.
 *
 * @module
 */
import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { makePlayer } from "../../src/episode/player.ts";
import { type RecordedScene, recordEpisode, type Recording } from "../../src/episode/recording.ts";
import { makeKey } from "../../src/math/random.ts";
import { momentsShown, toGif, toMp4 } from "../../src/render/film.ts";
import { filmstrip, spread } from "../../src/render/filmstrip.ts";
import { frameSvg } from "../../src/render/frame.ts";
import { toRgba } from "../../src/report/charts/png.ts";
import { placeAt, placeBetween, POSE } from "../../src/scene/scene.ts";
import { tasks } from "../../src/tasks/registry.ts";
import { networksFor } from "../episode/trained.ts";

type Visible = Recording & { readonly scene: RecordedScene };

const record = (name: string, steps: number): Visible => {
  const task = tasks[name], request = { key: makeKey(1), actions: "sampled" } as const;
  return recordEpisode(task, makePlayer(task, networksFor(task), request), steps) as Visible;
};

/** A rod 1 m long and .1 m thick that stands on the floor, its middle at x metres. */
const rod = (x: number): { readonly scene: RecordedScene; readonly poses: Float64Array } => {
  const poses = new Float64Array(2 * POSE);
  placeAt(poses, 0, [0, 0, 0]);
  placeBetween(poses, 1, [x, 0, 0.05], [x, 0, 1.05]);
  const scene: RecordedScene = {
    solids: [
      { name: "floor", shape: "plane", size: [0, 0], tone: "ground" },
      { name: "rod", shape: "capsule", size: [0.05, 0.5], tone: 0 },
    ],
    view: "side",
    follows: 1,
    span: 2,
  };
  return { scene, poses };
};

Deno.test("a frame: 400 px for 2 m, so that a rod of 1 m is 200 px long and 20 px thick, on the floor's line", () => {
  const { scene, poses } = rod(3), svg = frameSvg(scene, poses, { width: 600, height: 400 }, "");
  const [, thick, x1, y1, x2, y2] = svg.match(
    /stroke-width="([\d.]+)" x1="([\d.]+)" y1="([\d.]+)" x2="([\d.]+)" y2="([\d.]+)"/,
  )!.map(Number);
  assertEquals([thick, x1, x2, Math.abs(y1 - y2)], [20, 300, 300, 200]); // the camera goes with the rod
  // the camera looks at z = max(.38·2, .55 − .3·2) = .76 m: the floor is .76·200 = 152 px below the middle
  assert(svg.includes('<line class="mark" x1="0" y1="352" x2="600" y2="352"/>'));
  assertAlmostEquals(Math.max(y1, y2), 352 - 0.05 * 200, 1e-9);
  assertEquals([...svg.matchAll(/>(-?[\d.]+) m</g)].map(([, text]) => text), ["2", "3", "4"]);
});

Deno.test("pixels of the frame: the rod's colour where the rod is, the ground's where it is not", async () => {
  const { scene, poses } = rod(0), pixels = await toRgba(frameSvg(scene, poses, { width: 600, height: 400 }, ""));
  const at = (x: number, y: number) => [...pixels.slice(4 * (600 * y + x), 4 * (600 * y + x) + 3)];
  assertEquals(at(300, 240), [0, 0x72, 0xb2]); // #0072b2
  assertEquals(at(330, 240), [255, 255, 255]);
});

Deno.test("moments of a film are those of its clock: 25 pictures a second of steps of 8 ms are every fifth", () => {
  const moments = Array.from({ length: 51 }, () => record("hopper", 1).moments[0]);
  assertEquals(momentsShown({ moments, seconds: 0.008 }, 25), [0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50]);
  assertEquals(momentsShown({ moments, seconds: 0.05 }, 60).slice(0, 4), [0, 0, 1, 1]); // 16.7 ms a picture: 0, .33, .67, 1
  assertEquals(spread([0, 1, 2, 3, 4, 5, 6, 7, 8], 3), [0, 4, 8]);
});

/** (GIF) ⇒ width, height, delays of its pictures in 1/100 s. */
const readGif = (bytes: Uint8Array) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset), delays: number[] = [];
  let at = 13 + (bytes[10] & 0x80 ? 3 * 2 ** ((bytes[10] & 7) + 1) : 0);
  const skipBlocks = () => {
    while (bytes[at] !== 0) at += bytes[at] + 1;
    at++;
  };
  while (bytes[at] !== 0x3b) {
    if (bytes[at] === 0x21) {
      if (bytes[at + 1] === 0xf9) delays.push(view.getUint16(at + 4, true));
      at += 2;
      skipBlocks();
    } else {
      assertEquals(bytes[at], 0x2c);
      at += 10 + (bytes[at + 9] & 0x80 ? 3 * 2 ** ((bytes[at + 9] & 7) + 1) : 0) + 1;
      skipBlocks();
    }
  }
  return { width: view.getUint16(6, true), height: view.getUint16(8, true), delays };
};

Deno.test("a GIF has the size and as many pictures as its clock asks for, and lasts as long as the episode", async () => {
  const recording = record("reacher", 50), film = { size: { width: 96, height: 80 }, fps: 30 };
  const { width, height, delays } = readGif(await toGif(recording, film));
  assertEquals([width, height, delays.length], [96, 80, 31]); // 1 s at 30 a second, and the first
  assertEquals(delays.reduce((sum, each) => sum + each, 0), 103); // 31/30 s
});

Deno.test("an MP4 holds H.264 of that many pictures", async () => {
  const recording = record("reacher", 20), bytes = await toMp4(recording, { size: { width: 96, height: 80 }, fps: 25 });
  const text = new TextDecoder("latin1").decode(bytes);
  assertEquals([text.slice(4, 8), text.includes("avc1"), text.includes("avcC")], ["ftyp", true, true]);
  const sizes = text.indexOf("stsz"), view = new DataView(bytes.buffer, bytes.byteOffset);
  assertEquals(view.getUint32(sizes + 12), 11); // samples: .4 s at 25 a second, and the first
});

Deno.test("an agent that goes somewhere is drawn where it was; one that stays, in frames side by side", () => {
  const moving = Array.from({ length: 5 }, (_, i) => ({ ...record("hopper", 1).moments[0], poses: [...rod(i).poses] }));
  const recording: Visible = { task: "rod", seconds: 1, scene: rod(0).scene, moments: moving, end: "stopped" };
  const still = { size: { width: 500, height: 100 }, frames: 5, scheme: "light" } as const;
  const groups = [
    ...filmstrip(recording, still, "a rod").matchAll(/<g(?: opacity="([\d.]+)")?><line[^>]*x1="([\d.]+)"/g),
  ];
  const places = groups.map(([, , x]) => Number(x)), gaps = places.slice(1).map((x, i) => x - places[i]);
  assertEquals(groups.length, 5);
  gaps.forEach((gap) => assertAlmostEquals(gap, gaps[0], 0.02)); // a metre each
  const opacities = groups.map(([, opacity = "1"]) => Number(opacity));
  assert(opacities.every((each, i) => i === 0 || each > opacities[i - 1]), `${opacities}`);
  const fixed = filmstrip(record("reacher", 50), still, "an arm");
  assertEquals([...fixed.matchAll(/<svg x=/g)].length, 5);
  assertEquals([...fixed.matchAll(/>([\d.]+) s</g)].map(([, time]) => time), ["0.00", "0.26", "0.50", "0.76", "1.00"]);
});

/** (SVG) ⇒ limbs of each pose: thickness and ends, px. */
const limbsIn = (svg: string) =>
  [...svg.matchAll(/<g(?: opacity="[\d.]+")?>(.*?)<\/g>/g)].map(([, group]) =>
    [...group.matchAll(/stroke-width="(\S+)" x1="(\S+)" y1="(\S+)" x2="(\S+)" y2="(\S+)"/g)].map(([, ...numbers]) => {
      const [width, x1, y1, x2, y2] = numbers.map(Number);
      return { width, from: [x1, y1], to: [x2, y2], length: Math.hypot(x2 - x1, y2 - y1) };
    })
  );

Deno.test("the README's picture shows the bodies of Gymnasium's hopper.xml, which hop forward", async () => {
  const poses = limbsIn(await Deno.readTextFile(new URL("../../fixtures/pictures/hopper.svg", import.meta.url)));
  assertGreater(poses.length, 9);
  for (const [torso, thigh, leg, foot] of poses) {
    // hopper.xml: radii .05, .05, .04, .06 m; axes of .4, .45, .5 and .39 m
    const pixels = torso.width / 0.1;
    [[torso, 0.1, 0.4], [thigh, 0.1, 0.45], [leg, 0.08, 0.5], [foot, 0.12, 0.39]].forEach(([limb, width, length]) => {
      assertAlmostEquals((limb as typeof torso).width, pixels * (width as number), 0.1);
      assertAlmostEquals((limb as typeof torso).length, pixels * (length as number), 0.1);
    });
  }
  const forward = poses.map(([torso]) => torso.from[0]);
  assert(forward.every((x, i) => i === 0 || x > forward[i - 1]), `${forward}`);
  const lowest = poses.map(([, , , foot]) => Math.max(foot.from[1], foot.to[1]));
  assertLess(Math.min(...lowest), Math.max(...lowest) - 30); // px: the foot leaves the floor
});
