import * as Command from "effect/cli/Command";
import * as Effect from "effect/Effect";
import type { Application } from "./application.ts";
/** stub */
export const replayCommand = (_application: Application) => Command.make("replay", {}, () => Effect.void);
