/**
 * Poses side by side as SVG, readable on a light and on a dark page.
 * (poses) ⇒ (SVG)
 *
 * @module
 */

/** A solid of the agent: a segment and the radius around it, m; x forward, z up. */
export interface Capsule {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly radius: number;
}

/** Where the agent is at one moment. */
export interface Pose {
  /** s since the reset */
  readonly time: number;
  /** from the torso down to the foot */
  readonly capsules: ReadonlyArray<Capsule>;
}

/** What is drawn: a stretch of time in s, and the time between poses. */
export const shown = { from: 1.2, to: 2.7, every: 0.112 } as const;

const margin = { side: 0.35, above: 0.12, below: 0.14 }; // m

const style = `
    .limb { fill: none; stroke-linecap: round }
    .torso { stroke: #0072b2 } .thigh { stroke: #009e73 } .leg { stroke: #e69f00 } .foot { stroke: #d55e00 }
    .path { fill: none; stroke: #5f6770; stroke-width: 1; stroke-dasharray: 3 3; stroke-linecap: round }
    .floor { stroke: #9aa1a9; stroke-width: 1.2 } .tick { stroke: #9aa1a9; stroke-width: .8 }
    text { font: 8.5px Helvetica, Arial, sans-serif; fill: #5f6770; text-anchor: middle }
    @media (prefers-color-scheme: dark) {
      .torso { stroke: #4ba3e3 } .thigh { stroke: #2fc79a } .leg { stroke: #f0b93a } .foot { stroke: #f08a4b }
      .path { stroke: #a2a9b1 } .floor, .tick { stroke: #6b737c } text { fill: #a2a9b1 }
    }`;

const limbs = ["torso", "thigh", "leg", "foot"] as const;

const round = (x: number): number => Math.round(100 * x) / 100;

/** (m) ⇒ units of the drawing, cm. */
const cm = (x: number): number => round(100 * x);

const middleOf = ({ from, to }: Capsule): readonly [number, number] => [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];

/** (pose, opacity) ⇒ its capsules; z points up, so that y of the drawing is −z. */
const drawPose = ({ capsules }: Pose, opacity: number): string => {
  const lines = capsules.map(({ from, to, radius }, i) =>
    `<line class="limb ${limbs[i]}" stroke-width="${cm(2 * radius)}" x1="${cm(from[0])}" y1="${-cm(from[1])}" ` +
    `x2="${cm(to[0])}" y2="${-cm(to[1])}"/>`
  );
  return `  <g opacity="${round(opacity)}">${lines.join("")}</g>`;
};

/** (first and last x, m) ⇒ the floor, a mark every half metre and its number every metre. */
const drawFloor = (first: number, last: number): string => {
  const marks = Array.from(
    { length: Math.floor(2 * last) - Math.ceil(2 * first) + 1 },
    (_, i) => (Math.ceil(2 * first) + i) / 2,
  );
  const ticks = marks.map((x) => `<line class="tick" x1="${cm(x)}" x2="${cm(x)}" y1="0" y2="3"/>`);
  const names = marks.filter(Number.isInteger).map((x) => `<text x="${cm(x)}" y="11.5">${x} m</text>`);
  return `  <line class="floor" x1="${cm(first)}" x2="${cm(last)}" y1="0" y2="0"/>${ticks.join("")}${names.join("")}`;
};

/** (poses of an episode) ⇒ SVG of the stretch that is shown; later poses stand out more. */
export const hopperSvg = (all: ReadonlyArray<Pose>): string => {
  const during = all.filter(({ time }) => time >= shown.from - 1e-9 && time <= shown.to + 1e-9);
  const stride = Math.round(shown.every / (all[1].time - all[0].time));
  const poses = during.filter((_, i) => i % stride === 0);
  const ends = poses.flatMap(({ capsules }) => capsules.flatMap(({ from, to }) => [from, to]));
  const xs = ends.map(([x]) => x), top = ends.reduce((most, [, z]) => Math.max(most, z), 0) + margin.above;
  const first = Math.min(...xs) - margin.side, last = Math.max(...xs) + margin.side;
  const path = during.map(({ capsules: [torso] }) =>
    middleOf(torso).map((x, i) => (i === 0 ? 1 : -1) * cm(x)).join(" ")
  );
  const box = [first, -top, last - first, top + margin.below].map(cm);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box.join(" ")}" width="960" ` +
    `height="${Math.round(960 * box[3] / box[2])}" role="img" aria-label="Poses of a trained Hopper over its hops">`,
    `  <style>${style}\n  </style>`,
    drawFloor(first, last),
    `  <path class="path" d="M ${path.join(" L ")}"/>`,
    ...poses.map((pose, i) => drawPose(pose, 0.35 + 0.65 * i / Math.max(1, poses.length - 1))),
    "</svg>",
    "",
  ].join("\n");
};
