/**
 * A search for states where the engines part from MuJoCo, among those whose geometry or limits degenerate.
 *
 * Every evaluation of a step is compared by itself, then the step: where axes cross, MuJoCo's own rounding decides between
 * no effect and a shove in any direction, and a step has four chances of it. `MSCV_STATES=1500` widens the search.
 */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { makeKey, makeStream } from "../../src/math/random.ts";
import {
  compile,
  type Data,
  makeData,
  type Model,
  models,
  Status,
  stepGenerated,
  stepGeneric,
} from "../../src/physics/physics.ts";
import { families, type Family } from "./degenerate.ts";
import { copyState, makeReference, type Reference } from "./reference.ts";
import { compareStage, type Stage } from "./stages.ts";

const BAR = 1e-9;
const STATES = Number(Deno.env.get("MSCV_STATES") ?? 150); // a family

/** (state) ⇒ the evaluations of its step, four of Runge–Kutta, one of Euler; the state in `d` becomes the last one's. */
const compareStages = (m: Model, d: Data, reference: Reference): ReadonlyArray<Stage> => {
  const qpos = d.qpos.slice(), qvel = d.qvel.slice();
  return (m.integrator === "rk4" ? [0.5, 0.5, 1, 0] : [0]).map((part) => {
    const stage = compareStage(m, d, reference), h = part * m.timestep;
    for (let j = 0; j < m.nv; j++) {
      d.qpos[j] = qpos[j] + h * d.qvel[j];
      d.qvel[j] = qvel[j] + h * d.qacc[j];
    }
    return stage;
  });
};

const largest = (values: ReadonlyArray<number>): number => values.reduce((most, x) => (x <= most ? most : x), 0);

/** (ours, theirs) ⇒ largest difference to the largest velocity, at least 1. */
const apart = (a: Data, b: { readonly qpos: Float64Array; readonly qvel: Float64Array }): number => {
  const size = largest([1, ...Array.from(b.qvel, Math.abs)]);
  const differences = Array.from(a.qpos, (x, j) => [Math.abs(x - b.qpos[j]), Math.abs(a.qvel[j] - b.qvel[j])]).flat();
  return largest(differences) / size;
};

/** Errors of evaluations, of steps, of the generated step to the generic one; what was met. */
const search = (m: Model, family: Family, seed: number) => {
  const d = makeData(m), generic = makeData(m), generated = makeData(m), reference = makeReference(m.name);
  const stream = makeStream(makeKey(seed)), stepper = stepGenerated(m)!;
  const found = { stage: 0, step: 0, engines: 0, stages: 0, rounded: 0, steps: 0, capsules: 0, crossing: 0 };
  for (let i = 0; i < STATES; i++) {
    while (!family(m, d, stream));
    for (const x of [generic, generated]) {
      x.qpos.set(d.qpos);
      x.qvel.set(d.qvel);
      x.ctrl.set(d.ctrl);
    }
    const stages = compareStages(m, d, reference);
    copyState(generic, reference);
    reference.step();
    assertEquals([stepGeneric(m, generic), stepper(m, generated)], [Status.ok, Status.ok]);
    found.stages += stages.length;
    found.stage = largest([found.stage, ...stages.filter(({ rounded }) => !rounded).map(({ error }) => error)]);
    found.rounded += stages.filter(({ rounded }) => rounded).length;
    found.capsules += stages[0].capsules;
    found.crossing += stages[0].crossing;
    if (stages.some(({ onMargin }) => onMargin)) continue; // one rounding more, and it touches
    found.engines = largest([found.engines, apart(generated, generic)]);
    if (stages.some(({ rounded, crossing }) => rounded || crossing > 0)) continue;
    found.steps++;
    found.step = largest([found.step, apart(generic, reference.data), apart(generated, reference.data)]);
  }
  return found;
};

/** Least share of evaluations that can be compared: half of the aligned axes have no direction but rounding's. */
const COMPARED: Readonly<Record<string, number>> = { parallel: 0.7, upright: 0.8, ended: 0.8 };

const TRIED: Readonly<Record<string, ReadonlyArray<string>>> = {
  hopper: Object.keys(families),
  walker2d: ["limits", "margins", "upright"],
  halfCheetah: ["limits", "margins", "upright"],
  swimmer: ["limits"],
  reacher: ["limits"],
  invertedPendulum: ["limits"],
  invertedDoublePendulum: ["limits"],
};

for (const [model, names] of Object.entries(TRIED)) {
  for (const name of names) {
    Deno.test(`${model} stays with MuJoCo where states degenerate: ${name}`, () => {
      const m = compile(models[model]), found = search(m, families[name], 31);
      if (Deno.env.has("MSCV_SHOW")) console.log(m.name, name, found);
      assert(found.stage <= BAR, `an evaluation: ${found.stage}`);
      assert(found.step <= BAR, `a step: ${found.step}`);
      assert(found.engines <= 1e-12, `generated and generic: ${found.engines}`);
      assertGreater(found.stages - found.rounded, (COMPARED[name] ?? 0.9) * found.stages);
      if (!["ended", "coincident"].includes(name)) assertGreater(found.steps, 0.2 * STATES);
      if (["parallel", "overlapping", "touching", "ended", "coincident"].includes(name)) {
        assertGreater(found.capsules, STATES);
        assertGreater(found.crossing, STATES / 4);
      }
    });
  }
}
