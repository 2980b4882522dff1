/**
 * Our physics and our samplers, as `environments.py` runs the peers'.
 *
 *   deno run --allow-all tests/bench/peers/our_environments.ts   (answers requests)
 */
import * as Effect from "effect/Effect";
import * as ManagedRuntime from "effect/ManagedRuntime";
import type { Envs } from "../../../src/data/batch.ts";
import { fold, makeKey, makeStream } from "../../../src/math/random.ts";
import { makeNormalizer } from "../../../src/nn/networks/normalizer.ts";
import { makePolicy } from "../../../src/nn/networks/policy.ts";
import { compile, type Data, kinematics, makeData, type Model, step } from "../../../src/physics/physics.ts";
import { makeEnvs } from "../../../src/rollout/envs.ts";
import { inlineSampler } from "../../../src/rollout/inline.ts";
import { Sampler } from "../../../src/rollout/sampler.ts";
import { workerSampler } from "../../../src/rollout/workers.ts";
import { tasks } from "../../../src/tasks/registry.ts";
import { descriptions, randomState } from "../../parity/reference.ts";
import { type Answer, type Request, serve } from "./protocol.ts";

const WARM_UP = 20_000; // physics steps through random states, so that every branch is compiled

interface Body {
  readonly model: Model;
  readonly data: Data;
}

const bodies = new Map<string, Body>();

const body = (name: string): Body => {
  const known = bodies.get(name);
  if (known !== undefined) return known;
  const model = compile(descriptions.find((d) => d.name === name)!), data = makeData(model);
  const stream = makeStream(makeKey(3));
  for (let i = 0; i < WARM_UP; i++) {
    if (i % 5 === 0) randomState(model, data, stream, kinematics);
    step(model, data);
  }
  bodies.set(name, { model, data });
  return { model, data };
};

let round = 0;

/** µs per step: rollouts of random controls from near the initial state. */
const physics = (name: string, seconds: number, rollouts: number, steps: number): Answer => {
  const { model: m, data: d } = body(name), stream = makeStream(makeKey(round++));
  const near = () => 0.005 * (2 * stream.uniform() - 1);
  const state = Float64Array.from({ length: rollouts * (m.nq + m.nv) }, near);
  const control = Float64Array.from({ length: rollouts * steps * m.nu }, () => 2 * stream.uniform() - 1);
  let count = 0;
  const start = performance.now();
  while (performance.now() - start < seconds * 1000) {
    for (let r = 0, c = 0; r < rollouts; r++) {
      const at = r * (m.nq + m.nv);
      for (let j = 0; j < m.nq; j++) d.qpos[j] = m.qpos0[j] + state[at + j];
      for (let j = 0; j < m.nv; j++) d.qvel[j] = state[at + m.nq + j];
      for (let i = 0; i < steps; i++) {
        for (let k = 0; k < m.nu; k++) d.ctrl[k] = control[c++];
        step(m, d);
      }
    }
    count += rollouts * steps;
  }
  return { value: (performance.now() - start) * 1000 / count };
};

const runtimes = new Map<number, ManagedRuntime.ManagedRuntime<Sampler, never>>();
const states = new Map<string, Envs>();

const runtimeOf = (workers: number) => {
  if (!runtimes.has(workers)) {
    runtimes.set(workers, ManagedRuntime.make(workers === 1 ? inlineSampler : workerSampler(workers)));
  }
  return runtimes.get(workers)!;
};

/** Steps per second; one worker is the calling thread. Without hidden layers the policy is noise about zero. */
const collect = async (name: string, workers: number, environments: number, hidden: number[] | null, steps: number) => {
  const task = tasks[name], key = fold(makeKey(0), round++);
  const policy = makePolicy({ ...task, hidden: hidden ?? [], logStd: 0 }, makeKey(0));
  const id = `${name} ${workers} ${environments} ${hidden}`;
  const envs = states.get(id) ?? makeEnvs(task, environments);
  const request = { task, policy, normalizer: makeNormalizer(task.observationSize, task.observationBound), envs, key };
  const start = performance.now();
  const sample = await runtimeOf(workers).runPromise(
    Effect.flatMap(Sampler, (sampler) => sampler.sample({ ...request, steps: steps / environments })),
  );
  const seconds = (performance.now() - start) / 1000;
  states.set(id, sample.envs);
  return { value: steps / seconds };
};

await serve({
  versions: () => ({ value: 0, versions: { Deno: Deno.version.deno, V8: Deno.version.v8 } }),
  physics: (r: Request) => physics(r.model as string, r.seconds as number, r.rollouts as number, r.steps as number),
  collect: (r: Request) =>
    collect(
      r.task as string,
      r.workers as number,
      r.environments as number,
      r.hidden as number[] | null,
      r.steps as number,
    ),
});
await Promise.all([...runtimes.values()].map((runtime) => runtime.dispose())); // ends the workers
