/**
 * What a pipeline file says of a robot.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import type { RobotDefinition } from "../tasks/robot/robot.ts";
import { nameSchema } from "./names.ts";

const withDefault = <S extends Schema.Constraint>(schema: S, value: S["Encoded"]) =>
  Schema.withDecodingDefaultKey<S>(Effect.succeed(value))(schema);

const count = Schema.Int.check(Schema.isGreaterThan(0));
const nonNegative = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0));
const weight = withDefault(Schema.Finite.annotate({ description: "Reward per unit" }), 1);
const ofBody = (description: string) => Schema.Struct({ body: Schema.String, weight }).annotate({ description });

const range = Schema.Tuple([Schema.Finite, Schema.Finite]).check(
  Schema.makeFilter(([low, high]) => low < high ? undefined : "a range [low, high] with low below high"),
);
const kept = (description: string) => Schema.Struct({ body: Schema.String, range }).annotate({ description });

const rewardSchema = Schema.Struct({
  forwardVelocity: Schema.optionalKey(ofBody("m/s along x of a body")),
  height: Schema.optionalKey(ofBody("m of a body above z = 0")),
  uprightness: Schema.optionalKey(ofBody("Cosine between a body's z axis and the vertical")),
  distance: Schema.optionalKey(
    Schema.Struct({ from: Schema.String, to: Schema.String, weight: withDefault(Schema.Finite, -1) }).annotate({
      description: "m between two sites",
    }),
  ),
  controlCost: withDefault(nonNegative.annotate({ description: "Charged per squared control" }), 0),
  alive: withDefault(Schema.Finite.annotate({ description: "Reward of every step that ends healthy" }), 0),
});

const healthySchema = Schema.Struct({
  height: Schema.optionalKey(kept("m, of a body's origin")),
  angle: Schema.optionalKey(kept("rad, between a body's z axis and the vertical")),
});

const noiseSchema = Schema.Struct({
  positions: withDefault(nonNegative.annotate({ description: "m or rad" }), 0.005),
  velocities: withDefault(nonNegative.annotate({ description: "m/s or rad/s" }), 0.005),
});

/** A robot of one's own, as a file says it. */
export const robotSchema = Schema.Struct({
  mjcf: Schema.String.annotate({ description: "MJCF file, as seen from this one" }),
  name: Schema.optionalKey(nameSchema.annotate({ description: "Default: the file's name" })),
  backend: withDefault(
    Schema.Literals(["mujoco", "planar"]).annotate({
      description: "mujoco: its own engine, which runs anything; planar: ours, for what moves in a plane",
    }),
    "mujoco",
  ),
  frameSkip: withDefault(count.annotate({ description: "Physics steps per environment step" }), 4),
  timeLimit: withDefault(count.annotate({ description: "Environment steps of an episode" }), 1000),
  resetNoise: withDefault(noiseSchema, {}),
  reward: rewardSchema,
  healthy: withDefault(healthySchema, {}),
}).annotate({ description: "A robot of your own" });

/** The same in TypeScript. */
export interface RobotInFile extends Omit<RobotDefinition, "name"> {
  readonly mjcf: string;
  readonly name?: string;
}
