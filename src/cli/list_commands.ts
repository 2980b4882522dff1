import * as Command from "effect/cli/Command";
import * as Effect from "effect/Effect";
import type { Application } from "./application.ts";
/** stub */
export const tasksCommand = (_application: Application) => Command.make("tasks", {}, () => Effect.void);
/** stub */
export const stagesCommand = (_application: Application) => Command.make("stages", {}, () => Effect.void);
