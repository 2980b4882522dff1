/**
 * What the commands run on; tests put fakes in its place.
 *
 * @module
 */
import type { Output } from "../report/display.ts";
import type { Engine } from "../run/engine.ts";

/** An engine that is loaded when a command needs it, so that help stays fast, and where progress goes. */
export interface Application {
  readonly load: () => Promise<Engine>;
  readonly output: Output;
}
