/**
 * Transport of the workflows' messages: they are written into the database, and whoever holds their shard polls for
 * them there. No runner listens on a port or connects to another.
 *
 * Every setting is given here, since the engine would read its defaults from the environment.
 *
 * @module
 */
import * as NodeCrypto from "@effect/platform-node/NodeCrypto";
import * as ClusterWorkflowEngine from "effect/cluster/ClusterWorkflowEngine";
import * as RunnerAddress from "effect/cluster/RunnerAddress";
import * as RunnerHealth from "effect/cluster/RunnerHealth";
import * as Runners from "effect/cluster/Runners";
import type * as RunnerStorage from "effect/cluster/RunnerStorage";
import * as Sharding from "effect/cluster/Sharding";
import * as ShardingConfig from "effect/cluster/ShardingConfig";
import * as SqlMessageStorage from "effect/cluster/SqlMessageStorage";
import * as Layer from "effect/Layer";
import * as Option from "effect/Option";
import type { SqlClient } from "effect/sql/SqlClient";
import type { WorkflowEngine } from "effect/workflow/WorkflowEngine";
import { randomUUID } from "node:crypto";
import { steadyTime } from "./steady_clock.ts";

/** submitter: sends messages and acts on none; runner: acts on its share of them. */
export type Role = "submitter" | "runner";

/** Intervals of a cluster; those left out keep the engine's values. */
export type ClusterTiming = Partial<Omit<ShardingConfig.ShardingConfig["Service"], "runnerAddress">>;

/** ⇒ an address at which nobody listens: it tells runners apart. */
const identity = (): RunnerAddress.RunnerAddress => RunnerAddress.make(randomUUID(), 0);

/** (role, timing, prefix of its tables, who keeps the runners) ⇒ the workflow engine over a database. */
export const workflowEngine = <E>(
  role: Role,
  timing: ClusterTiming,
  prefix: string,
  runnerStorage: Layer.Layer<RunnerStorage.RunnerStorage, E, SqlClient | ShardingConfig.ShardingConfig>,
): Layer.Layer<WorkflowEngine, E, SqlClient> => {
  const runnerAddress = role === "runner" ? Option.some(identity()) : Option.none();
  return ClusterWorkflowEngine.layer.pipe(
    Layer.provide(Sharding.layer),
    Layer.provideMerge(Runners.layerNoop),
    Layer.provideMerge(SqlMessageStorage.layerWith({ prefix })),
    Layer.provide([runnerStorage, RunnerHealth.layerNoop]),
    Layer.provide(ShardingConfig.layer({ ...timing, runnerAddress })),
    Layer.provide([NodeCrypto.layerDigest, steadyTime]),
  );
};
