/**
 * The models of this package: one list for generation, tests and benches.
 *
 * @module
 */
import type { ModelDescription } from "../description.ts";
import { halfCheetah } from "./half_cheetah.ts";
import { hopper } from "./hopper.ts";
import { invertedDoublePendulum } from "./inverted_double_pendulum.ts";
import { invertedPendulum } from "./inverted_pendulum.ts";
import { reacher } from "./reacher.ts";
import { swimmer } from "./swimmer.ts";
import { walker2d } from "./walker2d.ts";

/** Every model under its name, in alphabetical order. */
export const models: Readonly<Record<string, ModelDescription>> = {
  halfCheetah,
  hopper,
  invertedDoublePendulum,
  invertedPendulum,
  reacher,
  swimmer,
  walker2d,
};
