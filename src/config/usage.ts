/**
 * What is wrong with how a command was called.
 *
 * @module
 */
import * as Schema from "effect/Schema";

/** Arguments that do not go together. */
export class UsageInvalid extends Schema.TaggedError<UsageInvalid>()("UsageInvalid", {
  message: Schema.String,
}) {}
