/**
 * Robots of one's own: what their vocabulary measures, by a pencil.
 *
 * @module
 */
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { loadMujoco } from "../../src/mujoco/engine.ts";
import { readMjcf } from "../../src/mujoco/mjcf_files.ts";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";
import { float64Algebra } from "../../src/math/algebra.ts";
import { advance } from "../../src/tasks/advance.ts";
import type { MujocoData, MujocoSimulator } from "../../src/tasks/mujoco_simulator.ts";
import { type Robot, type RobotHealth, RobotInvalid, type RobotReward } from "../../src/tasks/robot/robot.ts";
import { robotTask } from "../../src/tasks/robot/robot_task.ts";
import { simulatedBy } from "../../src/tasks/simulation.ts";
import type { Task } from "../../src/tasks/task.ts";
import { withTaskOptions } from "../../src/tasks/task_options.ts";
import type { PhysicsFactors } from "../../src/physics/factors.ts";
import { replay } from "../../src/tasks/replay.ts";
import { referenceOf, taskAt } from "../../src/tasks/reference.ts";

await loadMujoco();

/** A free body of 1 kg without gravity, a slide on it, two sites 3 and 4 m aside. */
const XML = `<mujoco>
  <option gravity="0 0 0" timestep="0.1"/>
  <worldbody>
    <site name="home" pos="0 0 2"/>
    <body name="ship" pos="0 0 2">
      <freejoint/>
      <geom size=".1" mass="1"/>
      <site name="bow" pos="3 4 0"/>
      <body name="arm"><joint name="slide" type="slide" axis="0 0 1"/><geom size=".1" mass="1e-6"/></body>
    </body>
  </worldbody>
  <actuator><motor joint="slide" ctrlrange="-2 3"/></actuator>
</mujoco>`;

const robotOf = (reward: Partial<RobotReward>, healthy: RobotHealth = {}, xml = XML): Robot => ({
  name: "ship",
  model: { name: "ship.xml", xml },
  backend: "mujoco",
  frameSkip: 2,
  timeLimit: 50,
  resetNoise: { positions: 0, velocities: 0 },
  reward: { controlCost: 0, alive: 0, ...reward },
  healthy,
});

/** (robot, its pose and velocity) ⇒ reward of one step with a control of 1, and whether it ended. */
const stepped = (robot: Robot, qpos: ReadonlyArray<number>, qvel: ReadonlyArray<number>) => {
  const task = robotTask(robot), simulator = task.simulator as MujocoSimulator, data = simulator.make();
  simulator.place(data, qpos, qvel);
  const before = new Float64Array(simulator.stateSize), action = Float64Array.of(0);
  simulator.read(data, before);
  assertEquals(advance(task, data, action), null);
  const observation = new Float64Array(task.observationSize);
  task.observe(data, observation);
  return { task, observation, reward: task.reward(before, Float64Array.of(2), data), ended: task.terminated(data) };
};

const level = [0, 0, 2, 1, 0, 0, 0, 0];

Deno.test("forward velocity, height, uprightness and distance are measured where the state is", () => {
  const along = [1.5, 0, -0.5, 0, 0, 0, 0]; // m/s; two steps of .1 s
  const reward = (part: Partial<RobotReward>) => stepped(robotOf(part), level, along).reward;
  assertAlmostEquals(reward({ forwardVelocity: { body: "ship", weight: 2 } }), 3, 1e-9);
  assertAlmostEquals(reward({ height: { body: "ship", weight: 10 } }), 19, 1e-9); // 2 − .5·.2 m
  assertAlmostEquals(reward({ distance: { from: "home", to: "bow", weight: -1 } }), -Math.hypot(3.3, 4, 0.1), 1e-9);
  assertAlmostEquals(reward({ controlCost: 0.25, alive: 1 }), 1 - 0.25 * 4, 1e-12);
  const half = Math.PI / 6; // of a turn of 60° about x
  const tilted = [0, 0, 2, Math.cos(half), Math.sin(half), 0, 0, 0], rest = new Array(7).fill(0);
  assertAlmostEquals(stepped(robotOf({ uprightness: { body: "ship", weight: 1 } }), tilted, rest).reward, 0.5, 1e-9);
  const range = (low: number, high: number): RobotHealth => ({ angle: { body: "ship", range: [low, high] } });
  const { ended, observation } = stepped(robotOf({ alive: 1 }, range(0, 1.04)), tilted, rest);
  assertEquals([ended, stepped(robotOf({ alive: 1 }, range(0, 1.05)), tilted, rest).ended], [true, false]);
  assertAlmostEquals(observation.at(-1)!, Math.PI / 3, 1e-9);
  assertEquals(stepped(robotOf({ alive: 5 }, range(0, 1.04)), tilted, rest).reward, 0); // not alive
});

Deno.test("travel along the ground is observed where nothing rewards it; what ends an episode is observed and imagined", () => {
  const rest = new Array(7).fill(0), away = [7, 8, 2, 1, 0, 0, 0, 0.5];
  assertEquals([...stepped(robotOf({}), away, rest).observation].slice(0, 8), away);
  const healthy: RobotHealth = { height: { body: "ship", range: [1, 3] } };
  const { task, observation } = stepped(robotOf({ forwardVelocity: { body: "ship", weight: 1 } }, healthy), away, rest);
  assertEquals([...observation], [2, 1, 0, 0, 0, 0.5, ...rest, 2]);
  const margins = task.imagined.survival(float64Algebra, [...observation]).map(({ margin }) => margin);
  assertEquals(margins, [1, 1]);
  assertEquals([task.controlRange, task.imagined.featureSize], [[[-2, 3]], 14]);
});

Deno.test("a robot is sent to a worker with its model, and is the same there", async () => {
  const model = readMjcf("fixtures/robot/walker.xml");
  assertEquals(Object.keys(model.files!), ["defaults.xml"]);
  const robot: Robot = { ...robotOf({ forwardVelocity: { body: "torso", weight: 1 } }), model, name: "walker" };
  const here = robotTask(robot), there = await taskAt(structuredClone(referenceOf(here)));
  assertEquals([there.name, there.observationSize], ["walker", 9]); // five angles and heights less x, five rates
  const roll = (task: Task) => {
    const data = task.simulator.make() as MujocoData, stream = makeStream(fold(makeKey(1), "robot"));
    const state = new Float64Array(task.simulator.stateSize);
    task.reset(stream, data);
    for (let i = 0; i < 50; i++) {
      advance(task, data, Float64Array.of(2 * stream.uniform() - 1, 2 * stream.uniform() - 1));
    }
    const observation = new Float64Array(task.observationSize);
    task.observe(data, observation);
    task.simulator.read(data, state);
    return [...state, ...observation];
  };
  const end = roll(here);
  assertEquals(roll(there), end);
  assertEquals(end.every(Number.isFinite), true);
});

Deno.test("the planar engine and MuJoCo give a walker the same observations, rewards and ends", () => {
  const model = readMjcf("fixtures/robot/walker.xml");
  const reward: Partial<RobotReward> = {
    forwardVelocity: { body: "torso", weight: 1 },
    uprightness: { body: "hind", weight: 2 },
    height: { body: "front", weight: 1 },
    alive: 1,
    controlCost: 0.1,
  };
  const healthy: RobotHealth = {
    angle: { body: "torso", range: [0, 0.3] },
    height: { body: "torso", range: [0.5, 2] },
  };
  const robot = { ...robotOf(reward, healthy), model, name: "walker" };
  const changed = { mass: 1.3, friction: 0.6, damping: 1.5, armature: 0.5, gear: 1.2, gravity: 0.9 };
  for (const physics of [{}, changed]) comparedWalkers(robot, physics);
});

/** (walker, factors): holds the engines against each other over 60 steps. */
const comparedWalkers = (robot: Robot, physics: Partial<PhysicsFactors>) => {
  const [there, here] = (["mujoco", "planar"] as const).map((backend) =>
    withTaskOptions<Task>(robotTask({ ...robot, backend }), { physics })
  );
  const actions = Array.from({ length: 60 }, (_, i) => [Math.sin(0.2 * i), Math.cos(0.3 * i)]);
  const start = { qpos: [0, 0, 0.2, 0.1, -0.2], qvel: [1, 0, 0, 0, 0] };
  const a = [...replay(here, start, actions)], b = [...replay(there, start, actions)];
  let ends = 0;
  for (let i = 0; i < actions.length; i++) {
    assertEquals(a[i].terminated, b[i].terminated);
    assertAlmostEquals(a[i].reward, b[i].reward, 1e-6); // of MuJoCo's default solver options; .02 to .1 s a step
    a[i].obs.forEach((x, j) => assertAlmostEquals(x, b[i].obs[j], 1e-6));
    ends += a[i].terminated ? 1 : 0;
  }
  assertEquals(ends > 0 && ends < actions.length, true);
  assertEquals(a[0].obs.length, b[0].obs.length);
};

Deno.test("factors change a robot's figures: a motor of twice the force, a ship of twice the mass", async () => {
  const task = robotTask(robotOf({}));
  /** m/s of the ship along z after a push of the arm: what the motor does, over the mass. */
  const kick = (physics: Record<string, number>): number => {
    const { simulator, observe, observationSize } = withTaskOptions<Task>(task, { physics });
    const data = simulator.make(), seen = new Float64Array(observationSize);
    (simulator as MujocoSimulator).place(data as MujocoData, level, [0, 0, 0, 0, 0, 0, 0]);
    simulator.step(data, Float64Array.of(1));
    observe(data, seen);
    return seen[10]; // eight positions, then vx, vy, vz
  };
  const plain = kick({});
  assertAlmostEquals(plain, -0.1, 1e-6); // 1 N on 1 kg for .1 s, against the arm
  assertAlmostEquals(kick({ gear: 2 }), 2 * plain, 1e-9);
  assertAlmostEquals(kick({ mass: 2 }), plain / 2, 1e-9);
  const imagined = simulatedBy(task, { mass: 2 }), there = await taskAt(structuredClone(referenceOf(imagined)));
  assertEquals(there.imagined.simulation!.factors, imagined.imagined.simulation.factors);
  assertEquals(imagined.imagined.simulation.factors[0], 2);
});

Deno.test("a definition that does not fit its model is refused where it is wrong", () => {
  const flaw = (robot: Robot) => {
    const error = assertThrows(() => robotTask(robot), RobotInvalid) as RobotInvalid;
    return `${error.path.join(".")} ${error.flaw}`;
  };
  assertEquals(
    flaw(robotOf({ height: { body: "shp", weight: 1 } })),
    'reward.height.body must be a body of the model: the model has world, ship, arm: current value is "shp"',
  );
  assertEquals(
    flaw(robotOf({ distance: { from: "home", to: "stern", weight: 1 } })),
    'reward.distance.to must be a site of the model: the model has home, bow: current value is "stern"',
  );
  assertEquals(
    flaw(robotOf({}, { angle: { body: "", range: [0, 1] } })).startsWith("healthy.angle.body must be a body"),
    true,
  );
  const without = (part: RegExp) => robotOf({}, {}, XML.replace(part, ""));
  assertEquals(flaw(without(/<actuator>.*<\/actuator>/)), "mjcf must have an actuator: it has none");
  assertEquals(flaw(without(/ ctrlrange="-2 3"/)), "mjcf must give every actuator a ctrlrange: actuator 0 has none");
  assertEquals(flaw(robotOf({}, {}, "<mujoco/>")), "mjcf must have a body that moves: it has none");
});
