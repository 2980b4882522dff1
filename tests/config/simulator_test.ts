/** `networks.model: { kind: simulator }`: resolved whole, told with its place where it is wrong, and no model to fit. */
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import * as Effect from "effect/Effect";
import { join } from "node:path";
import { builtIn } from "../../src/config/built_in.ts";
import { type JsonSchema, pipelineJsonSchema } from "../../src/config/json_schema.ts";
import { hashPipeline, printPipeline } from "../../src/config/print.ts";
import { notesOn } from "../../src/config/resolve.ts";
import { taskOf } from "../../src/config/task_in_pipeline.ts";
import { option, positive, record } from "../../src/options/options.ts";
import { defineTask } from "../../src/tasks/define_task.ts";
import { bad as badWith, resolveFiles } from "./files.ts";
import { still } from "../tasks/still.ts";

const text = (model: string, more = "", estimate = "imaginedGradient: mirroredPairs") =>
  `task: hopper
networks: { model: ${model} }
program:
  - collect: { steps: 100 }
  - store
  - fitValue
${more}  - estimateGradient: { ${estimate} }
  - trpoUpdate
`;
const resolve = (file: string, set: ReadonlyArray<string> = []) =>
  Effect.runSync(resolveFiles({ "a.yaml": file }, set, builtIn).effect);
const bad = (...given: Parameters<typeof text>) => badWith({ "a.yaml": text(...given) }, [], builtIn);
const nominal = {
  mass: 1,
  friction: 1,
  damping: 1,
  armature: 1,
  stiffness: 1,
  gravity: 1,
  gear: 1,
  fluidDensity: 1,
  fluidViscosity: 1,
};

Deno.test("every factor is written out; the pipeline resolves to itself, its task is imagined, and its hash knows the factors", () => {
  const pipeline = resolve(text("{ kind: simulator, physics: { mass: 0.9 } }"), ["networks.model.physics.gear=1.1"]);
  assertEquals(pipeline.networks.model, { kind: "simulator", physics: { ...nominal, mass: 0.9, gear: 1.1 } });
  assertEquals(resolve(printPipeline(pipeline)), { ...pipeline, name: "a" });
  const { names, factors } = taskOf(pipeline, builtIn).imagined.simulation!;
  assertEquals([names, factors], [Object.keys(nominal), [0.9, 1, 1, 1, 1, 1, 1.1, 1, 1]]);
  const other = resolve(text("{ kind: simulator }"));
  assertNotEquals(hashPipeline(other, builtIn), hashPipeline(pipeline, builtIn));
  assertEquals(taskOf(resolve(text("{}", "  - fitModel\n")), builtIn).imagined.simulation, undefined);
});

Deno.test("named by its own name, the task that imagines is the pipeline's own, with its options", () => {
  const own = "task: hopper\ntaskOptions: { frameSkip: 2, physics: { mass: 1.2 } }\n";
  const [unsaid, said, gymnasiums] = ["", ", task: hopper", ", task: Hopper-v5"].map((task) => {
    const pipeline = resolve(text(`{ kind: simulator${task} }`).replace("task: hopper\n", own));
    assertEquals(resolve(printPipeline(pipeline)), { ...pipeline, name: "a" });
    return taskOf(pipeline, builtIn).imagined.simulation!;
  });
  assertEquals([unsaid.of.frameSkip, said.of.frameSkip, gymnasiums.of.frameSkip], [2, 2, 2]);
  assertEquals(said.of, said.real);
});

Deno.test("what does not fit is told with its place", () => {
  assertEquals(bad("{ kind: simulator, physics: { mas: 2, gear: -1 } }"), [
    'a.yaml:2:50 networks.model.physics.mas: its factors must be those of task "hopper": "mas" is none, did you mean "mass"?',
  ]);
  assertEquals(bad("{ kind: simulator, physics: { gear: -1 } }"), [
    "a.yaml:2:56 networks.model.physics.gear: must be a value greater than or equal to 0: current value is -1",
  ]);
  assertEquals(bad("{ kind: simulator, task: walker2d }"), [
    'a.yaml:2:45 networks.model.task: Cannot imagine task "hopper" by a simulator as its state must be that of the task, ' +
    "qpos [6], qvel [6]: current value is qpos [9], qvel [9]",
  ]);
  assertEquals(bad("{ kind: simulator, task: hoper }"), [
    'a.yaml:2:45 networks.model.task: unknown task "hoper", did you mean "hopper"?',
  ]);
  assertEquals(bad("{ kind: simulater }", "  - fitModel\n"), [
    'a.yaml:2:28 networks.model.kind: must be "network" | "simulator": current value is "simulater" (did you mean "simulator"?)',
  ]);
  assertEquals(bad("{ kind: simulator, hidden: [8] }"), [
    'a.yaml:2:39 networks.model.hidden: unknown key "hidden", known are kind, task, physics',
  ]);
  assertEquals(bad("{ physics: { mass: 2 } }", "  - fitModel\n").length, 1);
});

Deno.test("factors with which no physics holds are told with their place, whichever task's they are", () => {
  const begin =
    'a.yaml:2:48 networks.model.physics: Cannot imagine task "hopper" by a simulator as the task must hold with ' +
    'its factors: Cannot define task "hopper" as ';
  assertEquals(bad("{ kind: simulator, physics: { mass: 1e-20 } }"), [
    `${begin}it must hold with these options: Cannot compile the model as its mass matrix must be positive definite: "hopper"`,
  ]);
  const [far, ...more] = bad("{ kind: simulator, physics: { damping: 1e12, armature: 1e-12, mass: 1e-9 } }");
  assert(far.startsWith(`${begin}step must leave qacc[0] within ±1e10`));
  assertEquals(more, []);
  const fit = "  - fitModel: { identify: [mass, mass] }\n"; // whose own problem is told as well
  assertEquals(bad("{ kind: simulator, physics: { mass: 1e-20 } }", fit).length, 2);
  const hoppers = { ...builtIn, tasks: { ...builtIn.tasks, rig: { ...builtIn.tasks.hopper, name: "rig" } } };
  const file = text("{ kind: simulator, task: rig, physics: { mass: 1e308 } }");
  assertMatch(badWith({ "a.yaml": file }, [], hoppers).join(), /^a\.yaml:2:59 networks\.model\.physics: [^,]*$/);
});

Deno.test("where the task does not hold with its nominal figures, no factors can be meant: the model is told", () => {
  const frail = defineTask({
    name: "frail",
    options: { physics: record({ mass: option(positive, 1, "kg") }, "factors"), load: option(positive, 1, "kg") },
    make: ({ physics: { mass }, load }) => {
      if (load > 9 * mass) throw new Error("it breaks");
      return still;
    },
  });
  const file = "taskOptions: { load: 10, physics: { mass: 2 } }\n" +
    text("{ kind: simulator }").replace("hopper", "frail");
  assertEquals(badWith({ "a.yaml": file }, [], { ...builtIn, tasks: { ...builtIn.tasks, frail } }), [
    'a.yaml:3:20 networks.model: Cannot imagine task "frail" by a simulator as the task must hold with its factors: Cannot ' +
    'define task "frail" as it must hold with these options: it breaks',
  ]);
});

Deno.test("factors that nothing of the task depends on are noted with their place", () => {
  const file = "taskOptions: { physics: { fluidDensity: 2, mass: 1.2 } }\n" + text(
    "{ kind: simulator, physics: { stiffness: 2, gear: 0.9, fluidViscosity: 1 } }",
    "  - fitModel: { identify: [mass, stiffness] }\n",
  );
  const { folder, effect } = resolveFiles({ "a.yaml": file }, [], builtIn), pipeline = Effect.runSync(effect);
  const notes = notesOn(join(folder, "a.yaml"), pipeline, builtIn).map((note) => note.replace(`${folder}/`, ""));
  assertEquals(notes, [
    'a.yaml:1:41 taskOptions.physics.fluidDensity: nothing of task "hopper" depends on its fluidDensity',
    'a.yaml:3:61 networks.model.physics.stiffness: nothing of task "hopper" depends on its stiffness',
    'a.yaml:8:34 program.3.fitModel.identify.1: nothing of task "hopper" depends on its stiffness',
  ]);
});

Deno.test("no stage fits a network in its place, and no estimator takes its derivative", () => {
  const refused = (stage: string) =>
    `Cannot imagine task "hopper" by a simulator as no stage may train a network in its place: "${stage}" does, leave it out` +
    (stage === "fitModel" ? ', or let it "identify" factors' : "");
  assertEquals(bad("{ kind: simulator }", "  - fitModel\n"), [`a.yaml:7:5 program.3.fitModel: ${refused("fitModel")}`]);
  assertEquals(bad("{ kind: simulator }", "  - pretrainModel\n"), [
    `a.yaml:7:5 program.3.pretrainModel: ${refused("pretrainModel")}`,
  ]);
  for (const [options, way] of [["horizon: 2", "pathDerivative"], ["imaginedGradient: mixed", "mixed"]]) {
    assertEquals(bad("{ kind: simulator }", "", options), [
      'a.yaml:7:5 program.3.estimateGradient: Cannot run "mscv" as imaginedGradient must be mirroredPairs where a simulator ' +
      `imagines, whose derivatives nobody knows: current value is ${way}`,
    ]);
  }
  assertEquals(bad("{}"), [
    'a.yaml:7:5 program.3.estimateGradient: Cannot run "estimateGradient" as it reads "model": no stage of the program fits it',
  ]);
});

Deno.test("fitModel fits the factors that it is told to identify, and those must be the simulator's", () => {
  const fit = (option: string) => `  - fitModel: { ${option} }\n`,
    begin = 'Cannot imagine task "hopper" by a simulator as ';
  const one = resolve(text("{ kind: simulator }", fit("identify: [mass]")));
  const two = resolve(text("{ kind: simulator }", fit("identify: [mass, gear]")));
  assertEquals(two.program[3].options.identify, ["mass", "gear"]);
  assertNotEquals(hashPipeline(two, builtIn), hashPipeline(one, builtIn));
  assertEquals(bad("{ kind: simulator }", fit("identify: [mas]")), [
    `a.yaml:7:5 program.3.fitModel: ${begin}"identify" must name factors of it: "mas" is none, did you mean "mass"?`,
  ]);
  assertEquals(bad("{ kind: simulator }", fit("identify: [mass, gear, mass]")), [
    `a.yaml:7:5 program.3.fitModel: ${begin}"identify" must name a factor once: "mass" is there twice`,
  ]);
  assertEquals(bad("{ kind: simulator, physics: { friction: 0 } }", fit("identify: [friction]")), [
    `a.yaml:7:5 program.3.fitModel: ${begin}the factor that "identify" names must begin above 0: "friction" is 0`,
  ]);
  for (const option of ["horizon: 3", "leastGain: 0.1"]) {
    assertEquals(bad("{ kind: simulator }", fit(`identify: [mass], ${option}`)), [
      `a.yaml:7:5 program.3.fitModel: ${begin}"${
        option.split(":")[0]
      }" must be left out beside "identify": it is how a ` +
      "network is trained",
    ]);
  }
  assertEquals(resolve(text("{ kind: simulator }", fit("identify: [mass], updates: 3, recency: 2"))).program.length, 6);
  assertEquals(bad("{}", fit("identify: [mass]")), [
    'a.yaml:7:5 program.3.fitModel: Cannot identify factors of task "hopper" as its model must be a simulator ' +
    "(networks.model: { kind: simulator }): current value is a network, which has none",
  ]);
});

Deno.test("editors know either kind of model", () => {
  const { properties } = pipelineJsonSchema(builtIn) as { readonly properties: Record<string, JsonSchema> };
  const [network, simulator] = properties.networks.properties!.model.anyOf!;
  assertEquals([Object.keys(simulator.properties!), simulator.required], [["kind", "task", "physics"], ["kind"]]);
  assertEquals([network.properties!.kind.enum, network.properties!.hidden.default], [["network"], [200, 200]]);
});

Deno.test("a stage with a bad option has that problem alone, not those of the defaults in its place", () => {
  const [option, ...more] = bad("{ kind: simulator }", "", "imaginedGradient: mirroredPairs, earlierBatches: 2");
  assertMatch(option, /^a\.yaml:\d+:\d+ program\.3\.estimateGradient\.earlierBatches: must be 0 /);
  assertEquals(more, []);
  const [unknown, ...rest] = bad("{ kind: simulator }", "  - fitModel: { identify: [mass], membres: 3 }\n");
  assertMatch(unknown, /program\.3\.fitModel\.membres: unknown key/);
  assertEquals(rest, []);
});
