/**
 * What a failed allocation on the WASM heap becomes.
 *
 * @module
 */

/** The WASM heap has no room for a tensor: the tensor library alone would go on and write to address 0. */
export class OutOfMemory extends Error {
  /** The class name, as shown in a failure. */
  override readonly name = "OutOfMemory";
  /** Size of the allocation that failed, in bytes. */
  readonly bytes: number;

  /** (bytes) ⇒ the error. */
  constructor(bytes: number) {
    super(
      `Cannot allocate on the WASM heap as the request must be at most what is left of 4 GB: current value is ${bytes} bytes`,
    );
    this.bytes = bytes;
  }
}
