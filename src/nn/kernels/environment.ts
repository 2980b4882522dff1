/**
 * Settings of the machine, read without ever asking for a permission.
 *
 * @module
 */

/** (name) ⇒ the environment variable; undefined where it is not set or may not be read. */
export const environment = (name: string): string | undefined =>
  Deno.permissions.querySync({ name: "env", variable: name }).state === "granted" ? Deno.env.get(name) : undefined;
