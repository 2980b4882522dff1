/** Unsound modules of one's own: `train` names stage, slot and place, and leaves no folder. */
import { assertEquals, assertMatch } from "@std/assert";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { real } from "./child.ts";
import { temporaryFolder } from "../temporary.ts";

const source = new URL("../../src/", import.meta.url).href;

const module = `import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import { defineEstimator } from "${source}estimators/estimator.ts";
import { scoreEstimate } from "${source}estimators/score_estimate.ts";
import { defineStage } from "${source}stages/stage.ts";
export const short = defineEstimator({ name: "short", summary: "", options: {}, reads: [],
  estimate: (input) => scoreEstimate(input, new Float32Array(3)) });
export const unsound = defineStage({ name: "unsound", summary: "", metrics: {},
  options: Schema.Struct({ way: Schema.Literals(["plain", "shorter", "thrower"]) }),
  make: (_task, { way }) => ({ name: "unsound", reads: ["policy"], writes: ["policy"], run: ({ policy }) => {
    if (way === "thrower") throw new Error("boom");
    const written = { policy: { ...policy, theta: policy.theta.slice(1) }, metrics: {} };
    return way === "plain" ? written : Effect.succeed(written);
  } }) });
`;

// parameters of Reacher's policy 10 → 4 → 2: (10 + 1)·4 + (4 + 1)·2 + 2 deviations = 56
const faults: ReadonlyArray<readonly [program: string, words: RegExp]> = [
  ["unsound: { way: plain }", /Cannot finish iteration 1 at stage "unsound" as its run must return an Effect/],
  [
    "unsound: { way: thrower }",
    /^error: Cannot finish iteration 1 at stage "unsound" as it threw Error: boom \(at .*\/own\.ts:11:34\)\n/,
  ],
  ["unsound: { way: shorter }", /"unsound" wrote as policy\.theta must be a Float32Array of 56: .* of 55\n/],
  ["estimateGradient: { estimator: short }", /transitions: current value holds 3 \(at .*\/own\.ts:7:24\)\n/],
];

Deno.test("train: a stage or estimator that is unsound ends the run in words, and leaves no folder", async () => {
  const folder = temporaryFolder(), runs = join(folder, "runs"), pipeline = join(folder, "own.yaml");
  writeFileSync(join(folder, "own.ts"), module);
  for (const [stage, words] of faults) {
    const lines = ["use: [./own.ts]", "task: reacher", "iterations: 2", "networks: { policy: { hidden: [4] } }"];
    const program = [
      `collect: { steps: 8, environments: 2 }`,
      stage,
      ...(/Gradient/.test(stage) ? ["trpoUpdate"] : [
        "estimateGradient: { estimator: short }",
        "trpoUpdate",
      ]),
    ];
    writeFileSync(pipeline, [...lines, "program:", ...program.map((each) => `  - ${each}`), ""].join("\n"));
    const { code, err } = await real("train", pipeline, "--runs", runs, "--run", "a");
    assertEquals(code, 1, err);
    assertMatch(err, words);
    assertEquals(existsSync(runs) ? readdirSync(runs) : [], []);
  }
});
