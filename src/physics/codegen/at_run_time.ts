/**
 * The step of a model that is known only when the program runs, generated there: the code that `deno task gen` writes into a
 * file, evaluated, and so with the same bits.
 *
 * @module
 */
import { stripTypeScriptTypes } from "node:module";
import { evaluateGenerically } from "../fallback.ts";
import type { Stepper } from "../integrate.ts";
import { type Model, Status } from "../model.ts";
import { isGenerated } from "./largest.ts";
import { segmentsMeet } from "../segments.ts";
import { stepBy } from "../stepper.ts";
import { moduleCode } from "./module.ts";

/** What code of a module may refer to. */
const surroundings = { Status, evaluateGenerically, segmentsMeet } as const;

/** (text of a generated module) ⇒ its step. */
const evaluate = (text: string): Stepper => {
  const code = stripTypeScriptTypes(text, { mode: "strip" }).replaceAll(/^import .*$/gm, "").replaceAll(
    /^export /gm,
    "",
  );
  return new Function(...Object.keys(surroundings), `"use strict";${code}\nreturn step;`)(
    ...Object.values(surroundings),
  );
};

/** (model) ⇒ nothing: from now on `step` runs code that is generated for it, where it is not too large. */
export const generateStep = (m: Model): void => {
  if (isGenerated(m)) stepBy(m, evaluate(moduleCode(m)));
};
