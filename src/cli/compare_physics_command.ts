/**
 * `mscv compare-physics`: our planar engine held against MuJoCo on a model of one's own.
 *
 * @module
 */
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import { UsageInvalid } from "../config/usage.ts";
import { pathArgument } from "./given.ts";
import { loadModule } from "../files/load_module.ts";

const parameters = {
  mjcf: pathArgument("mjcf", "MJCF file"),
  steps: Flag.Int("steps").pipe(Flag.withDescription("Physics steps (default: 200)"), Flag.withDefault(200)),
  seed: Flag.Int("seed").pipe(Flag.withDescription("Of the controls (default: 0)"), Flag.withDefault(0)),
};

/** The command `compare-physics`. */
export const comparePhysicsCommand = () =>
  Command.make("compare-physics", parameters, ({ mjcf, steps, seed }) =>
    Effect.gen(function* () {
      if (steps < 1) {
        const message = `Cannot compare as --steps must be 1 or more: current value is ${steps}`;
        return yield* Effect.fail(new UsageInvalid({ message }));
      }
      const told = yield* Effect.tryPromise({
        try: async () => {
          const { comparePhysics } = await loadModule<typeof import("./run_compare_physics.ts")>(
            import.meta.resolve("./run_compare_physics.ts"),
          );
          return await comparePhysics(mjcf, steps, seed);
        },
        catch: (error) => new UsageInvalid({ message: (error as Error).message }),
      });
      yield* Console.log(told);
    })).pipe(
      Command.withDescription("Hold our planar engine against MuJoCo on an MJCF file"),
      Command.withExamples([{
        command: "deno task compare-physics my_robot.xml --steps 500",
        description: "Differences after one step from equal states, and after many",
      }]),
    );
