/**
 * The noise that embeds real trajectories in the model, B_t.
 *
 * @module
 */
import type { Stream } from "../math/random.ts";
import { type Batch, batchSize } from "./batch.ts";

/**
 * Noise of the embedded trajectories: εₜ₊ᵢ of the real one while its episode lasts, fresh noise beyond its end or the end
 * of the batch. Fresh, since cutting the imagined horizon at the real termination would make it depend on aₜ.
 * (batch, k, stream) ⇒ (noise [k, T·N, act])
 */
export const embeddedNoise = (batch: Batch, horizon: number, stream: Stream): Float32Array =>
  embeddedRows(batch, batch.noise, batch.actionSize, horizon, stream);

/** The same for any numbers that belong to transitions and are standard normal. ([T·N, width]) ⇒ ([k, T·N, width]) */
export const embeddedRows = (
  batch: Batch,
  rows: Float32Array,
  width: number,
  horizon: number,
  stream: Stream,
): Float32Array => {
  const { environments } = batch, n = batchSize(batch);
  const noise = new Float32Array(horizon * n * width);
  for (let start = 0; start < n; start++) {
    let source = start, alive = true;
    for (let i = 0; i < horizon; i++, source += environments) {
      const at = (i * n + start) * width;
      for (let j = 0; j < width; j++) {
        noise[at + j] = alive && source < n ? rows[source * width + j] : stream.normal();
      }
      if (source < n && (batch.terminated[source] || batch.truncated[source])) alive = false;
    }
  }
  return noise;
};
