/**
 * What is wrong with a stage, as tagged errors with a message for the user.
 *
 * @module
 */
/** A stage wrote something that is not finite. */
export class NonFiniteSlot extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "NonFiniteSlot";
  /** The class name, as shown. */
  override readonly name = "NonFiniteSlot";
  /** Which stage. */
  readonly stage: string;
  /** What is not finite. */
  readonly quantity: string;

  /** (what failed, where) ⇒ (error) with a message for the user. */
  constructor({ stage, quantity }: { readonly stage: string; readonly quantity: string }) {
    super(`Cannot accept what "${stage}" wrote as ${quantity} must be finite: it is not`);
    this.stage = stage;
    this.quantity = quantity;
  }
}

/** A stage wrote something of another form than its slot: a record without a name, an array of another type or length. */
export class MisshapenSlot extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "MisshapenSlot";
  /** The class name, as shown. */
  override readonly name = "MisshapenSlot";
  /** Which stage. */
  readonly stage: string;
  /** What has another form: `policy.theta`. */
  readonly quantity: string;

  /** (what differs, where) ⇒ (error) with a message for the user. */
  constructor({ stage, quantity, must, found }: {
    readonly stage: string;
    readonly quantity: string;
    readonly must: string;
    readonly found: string;
  }) {
    super(`Cannot accept what "${stage}" wrote as ${quantity} must be ${must}: current value is ${found}`);
    this.stage = stage;
    this.quantity = quantity;
  }
}

/** A stage threw, or did not return what it declares: a fault of its code, not of the data. */
export class StageDefect extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "StageDefect";
  /** The class name, as shown. */
  override readonly name = "StageDefect";
  /** Which stage. */
  readonly stage: string;
  /** What it did, and where, as in "Cannot … as …". */
  readonly fault: string;

  /** (stage, what it did, where it stands or null) ⇒ (error) with a message of one line for the user. */
  constructor({ stage, reason, place }: {
    readonly stage: string;
    readonly reason: string;
    readonly place: string | null;
  }) {
    const fault = `${reason}${place === null ? "" : ` (at ${place})`}`;
    super(`Cannot finish stage "${stage}" as ${fault}`);
    this.stage = stage;
    this.fault = fault;
  }
}
