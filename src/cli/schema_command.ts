import * as Command from "effect/cli/Command";
import * as Effect from "effect/Effect";
import type { Application } from "./application.ts";
/** stub */
export const schemaCommand = (_application: Application) => Command.make("schema", {}, () => Effect.void);
