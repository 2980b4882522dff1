/**
 * The durable workflow of a cell, and what it waits for.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type * as Exit from "effect/Exit";
import * as DurableDeferred from "effect/workflow/DurableDeferred";
import * as Workflow from "effect/workflow/Workflow";
import { CellFailed, CellTrained, CellWork, workKey } from "./cell_work.ts";

/** One cell: it sleeps until a runner has trained it. */
export const CellWorkflow = Workflow.make("mscv/Cell", {
  payload: CellWork.fields,
  idempotencyKey: workKey,
  success: CellTrained,
  error: CellFailed,
});

const trained = DurableDeferred.make("trained", { success: CellTrained, error: CellFailed });

/** ⇒ the result of the workflow's cell, which may come days and runners later; it waits without a fiber. */
export const awaitTrained = DurableDeferred.await(trained);

/** (key of a workflow, result) ⇒ told to it; the first result counts, and where there is no such workflow, none. */
export const tellTrained = (executionId: string, exit: Exit.Exit<CellTrained, CellFailed>) =>
  Effect.suspend(() => {
    const token = DurableDeferred.tokenFromExecutionId(trained, { workflow: CellWorkflow, executionId });
    return DurableDeferred.done(trained, { token, exit });
  });
