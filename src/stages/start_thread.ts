/**
 * Starting the tensor library in a thread, as a job.
 *
 * @module
 */
import { type BackendOptions, type BackendReport, startBackend } from "../nn/kernels/backend.ts";
import { defineJob, type Job } from "../parallel/job.ts";

/** (options) ⇒ (report of the backend of the thread that does it). */
export const startThread: Job<BackendOptions, null, Promise<BackendReport>> = defineJob(
  import.meta.url,
  "startThread",
  function* (options, pieces) {
    for (const _ of pieces) yield startBackend(options);
  },
);
