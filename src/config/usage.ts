/**
 * What is wrong with how a command was called.
 *
 * @module
 */

/** Arguments that do not go together. */
export class UsageInvalid extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "UsageInvalid";
  /** The class name, as shown. */
  override readonly name = "UsageInvalid";

  /** (message) ⇒ (error) for the user. */
  constructor({ message }: Pick<Error, "message">) {
    super(message);
  }
}
