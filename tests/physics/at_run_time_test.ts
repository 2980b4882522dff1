/** Steps that are generated while the program runs. */
import { assertEquals, assertNotEquals } from "@std/assert";
import { generateStep } from "../../src/physics/codegen/at_run_time.ts";
import { isGenerated } from "../../src/physics/codegen/largest.ts";
import {
  compile,
  type Data,
  makeData,
  models,
  step,
  stepGenerated,
  stepGeneric,
  stepperOf,
} from "../../src/physics/physics.ts";

for (const name of ["hopper", "halfCheetah", "reacher"]) {
  Deno.test(`${name}: code that is generated at run time gives the bits of the file that \`deno task gen\` writes`, () => {
    const model = compile(models[name]),
      known = stepGenerated(model)!,
      [here, there] = [0, 1].map(() => makeData(model));
    generateStep(model);
    assertEquals([stepperOf(model) === known, stepperOf(model) === stepGeneric], [false, false]);
    const control = (d: Data, i: number) => d.ctrl.forEach((_, j) => d.ctrl[j] = Math.sin(0.1 * i + j));
    for (let i = 0; i < 300; i++) {
      control(here, i);
      control(there, i);
      assertEquals([step(model, here), known(model, there)], [0, 0]);
    }
    assertEquals([here.qpos, here.qvel], [there.qpos, there.qvel]);
    assertNotEquals(here.qpos, model.qpos0);
  });
}

Deno.test("a model of 200 bodies is left to the generic engine", () => {
  assertEquals([isGenerated({ nlink: 200, npair: 0 }), isGenerated({ nlink: 7, npair: 500 })], [false, false]);
  const model = { ...compile(models.hopper), nlink: 200 };
  generateStep(model); // generates nothing, and so does not fail on arrays that are too short
  assertEquals(isGenerated(compile(models.walker2d)), true);
});
