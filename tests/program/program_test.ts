import { assertEquals } from "@std/assert";
import * as Effect from "effect/Effect";
import { program } from "../../src/program/program.ts";
import { collect as collectStage } from "../../src/stages/collect.ts";
import { estimateGradient } from "../../src/stages/estimate_gradient.ts";
import { fitCritic } from "../../src/stages/fit_critic.ts";
import { fitModel } from "../../src/stages/fit_model.ts";
import { fitValue } from "../../src/stages/fit_value.ts";
import { pretrainModel } from "../../src/stages/pretrain_model.ts";
import type { SlotName, Stage } from "../../src/stages/stage.ts";
import { store as storeStage } from "../../src/stages/store.ts";
import { trpoUpdate } from "../../src/stages/trpo_update.ts";
import { tasks } from "../../src/tasks/registry.ts";

const stage = <Rd extends SlotName, Wr extends SlotName>(
  name: string,
  reads: ReadonlyArray<Rd>,
  writes: ReadonlyArray<Wr>,
): Stage<Rd, Wr> => ({ name, reads, writes, run: () => Effect.die("never run") });

const collect = stage("collect", ["policy", "envs"], ["batch", "envs"]);
const estimate = stage("estimate", ["policy", "batch"], ["gradient"]);
const update = stage("update", ["policy", "gradient"], ["policy"]);

Deno.test("a program in order compiles and keeps its order", () => {
  assertEquals(program(collect, estimate, update).stages.map((each) => each.name), ["collect", "estimate", "update"]);
});

Deno.test("a stage may come twice", () => {
  assertEquals(program(collect, estimate, estimate, update).stages.length, 4);
});

Deno.test("a misordered or empty program does not compile", () => {
  // @ts-expect-error: no earlier stage writes "batch"
  program(estimate, collect, update);
  // @ts-expect-error: no earlier stage writes "gradient"
  program(collect, update, estimate);
  // @ts-expect-error: no stage writes "gradient" at all
  program(update);
  // @ts-expect-error: at least one stage
  program();
});

Deno.test("a network that nobody fits, a memory that nobody fills, a batch that nobody reads, and no update do not compile", () => {
  const task = tasks.swimmer;
  const [sample, keep, values] = [collectStage(task), storeStage(task), fitValue(task)];
  const [dynamics, critic, step] = [fitModel(task), fitCritic(task), trpoUpdate(task)];
  const ratio = estimateGradient(task, { estimator: "likelihoodRatio" }), imagined = estimateGradient(task);
  program(sample, keep, values, ratio, step);
  program(sample, keep, dynamics, values, imagined, step);
  program(pretrainModel(task), sample, keep, values, imagined, step); // it fits the model, and fills the memory
  program(sample, keep, imagined, step, dynamics, values); // fitted for the next iteration
  program(sample, keep, critic, values, estimateGradient(task, { estimator: "qprop" }), step);
  // @ts-expect-error: mscv reads the model
  program(sample, keep, values, imagined, step);
  // @ts-expect-error: qprop reads the critic
  program(sample, keep, values, estimateGradient(task, { estimator: "qprop" }), step);
  // @ts-expect-error: the value function is read by every estimator
  program(sample, keep, dynamics, imagined, step);
  // @ts-expect-error: the memory is empty
  program(sample, values, keep, ratio, step);
  // @ts-expect-error: the first batch is lost
  program(sample, sample, keep, values, ratio, step);
  // @ts-expect-error: the last batch is lost
  program(sample, keep, values, ratio, step, sample);
  // @ts-expect-error: the gradient is that of another batch
  program(sample, keep, values, ratio, sample, step, keep);
  // @ts-expect-error: no stage updates the policy
  program(sample, keep, values, ratio);
});

Deno.test("errors and services of the stages are those of the program", () => {
  const failing: Stage<"policy", "policy", Error> = {
    ...stage("failing", ["policy"], ["policy"]),
    run: () => Effect.fail(new Error()),
  };
  const composed = program(collect, estimate, failing);
  // @ts-expect-error: the program fails as its stages do
  const _silent: Effect.Effect<unknown> = composed.stages[0].run({}, { high: 0, low: 0 });
  const _typed: Effect.Effect<unknown, Error> = composed.stages[0].run({}, { high: 0, low: 0 });
});
