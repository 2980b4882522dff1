/**
 * Settings of the machine, read without ever asking for a permission.
 *
 * @module
 */

/** An environment variable has a value that means nothing. */
export class SettingInvalid extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "SettingInvalid";
  /** The class name, as shown. */
  override readonly name = "SettingInvalid";
  /** Name of the environment variable. */
  readonly variable: string;
  /** Its value. */
  readonly value: string;

  /** (variable, what it must be, its value, what is wrong with it where that is not plain) ⇒ (error) for the user. */
  constructor(
    { variable, wanted, value, reason }: {
      readonly variable: string;
      readonly wanted: string;
      readonly value: string;
      readonly reason?: string;
    },
  ) {
    const shown = JSON.stringify(value).slice(1, -1); // control characters escaped: the message is one line
    const why = reason === undefined ? "" : ` (${reason.replaceAll(/\s+/g, " ")})`;
    super(`Cannot start the backend as ${variable} must be ${wanted}: current value is ${shown}${why}`);
    this.variable = variable;
    this.value = value;
  }
}

/** (name) ⇒ the environment variable; undefined where it is not set, is empty, or may not be read, as in a browser. */
export const environment = (name: string): string | undefined =>
  typeof Deno !== "undefined" && Deno.permissions.querySync({ name: "env", variable: name }).state === "granted"
    ? Deno.env.get(name) || undefined
    : undefined;

/** "auto": the fastest kernels that this machine and its permissions allow; "off": the tensor library's own. */
export type KernelChoice = "auto" | "off";

/** () ⇒ what MSCV_KERNELS asks for, "auto" where it is not set. Fails: throws SettingInvalid. */
export const kernelChoice = (): KernelChoice => {
  const value = environment("MSCV_KERNELS") ?? "auto";
  if (value === "auto" || value === "off") return value;
  throw new SettingInvalid({ variable: "MSCV_KERNELS", wanted: '"auto" or "off"', value });
};
