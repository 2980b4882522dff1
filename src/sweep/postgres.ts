/**
 * The engine of many machines: runners that share a PostgreSQL database.
 *
 * @module
 */
import * as PgClient from "@effect/sql-pg/PgClient";
import * as NodeClusterSocket from "@effect/platform-node/NodeClusterSocket";
import * as NodeCrypto from "@effect/platform-node/NodeCrypto";
import * as RunnerAddress from "effect/cluster/RunnerAddress";
import * as ShardingConfig from "effect/cluster/ShardingConfig";
import * as SqlMessageStorage from "effect/cluster/SqlMessageStorage";
import * as SqlRunnerStorage from "effect/cluster/SqlRunnerStorage";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Option from "effect/Option";
import { SqlClient } from "effect/sql/SqlClient";
import type { SqlError } from "effect/sql/SqlError";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { queueStore, type QueueTiming } from "./cell_queue.ts";
import { cellWorkflow, clusterEngine, type SweepEngine, sweepEngine } from "./engine.ts";
import { type Storage, StorageInvalid } from "./storage.ts";

/** Where a runner listens for the others. */
export interface ListenAddress {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

/** Seconds that a cell stays with a runner that was killed. */
export const leaseSeconds = 12;

const timing: QueueTiming = { poll: 500, renew: 3_000, lease: leaseSeconds * 1000 };

const sharding: Partial<ShardingConfig.ShardingConfig["Service"]> = {
  shardLockRefreshInterval: Duration.seconds(3),
  shardLockExpiration: Duration.seconds(leaseSeconds),
  runnerHealthCheckInterval: Duration.seconds(5),
  entityMessagePollInterval: Duration.seconds(2),
  entityTerminationTimeout: Duration.millis(500),
};

const connectTimeout = 5; // seconds

/** (error) ⇒ what the server or the network says, which is never the URL. */
const reasonOf = (error: SqlError): string => {
  const { cause, message } = error.reason;
  return cause instanceof Error && cause.message !== "" ? cause.message : message ?? error.message;
};

/** One question, so that a database that cannot be used is told of before anything is built on it. */
const probe = (label: string): Effect.Effect<void, StorageInvalid, SqlClient> =>
  Effect.mapError(
    SqlClient.use((sql) => Effect.asVoid(sql`SELECT 1`)),
    (error) => new StorageInvalid({ message: `Cannot use ${label} as it must be reachable: ${reasonOf(error)}` }),
  );

const client = ({ url, password, label }: Storage): Layer.Layer<SqlClient, StorageInvalid> =>
  Layer.effectDiscard(probe(label)).pipe(
    Layer.provideMerge(Layer.orDie(PgClient.layer({
      url,
      ...(password === null ? {} : { password }),
      applicationName: "mscv",
      connectTimeout: Duration.seconds(connectTimeout),
      maxConnections: 8,
    }))),
  );

/** A port of the host that is free now. */
const freePort = (host: string): Effect.Effect<number, StorageInvalid> =>
  Effect.callback((resume) => {
    const server = createServer();
    server.once("error", (error) =>
      resume(Effect.fail(
        new StorageInvalid({ message: `Cannot listen on ${host} as it must be an address of here: ${error.message}` }),
      )));
    server.listen(0, host, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resume(Effect.succeed(port)));
    });
  });

const over = (
  storage: Storage,
  cluster: ReturnType<typeof clusterOf>,
  workflows: typeof cellWorkflow | Layer.Layer<never>,
): Layer.Layer<SweepEngine, StorageInvalid> =>
  Layer.mergeAll(sweepEngine, workflows).pipe(
    Layer.provide(clusterEngine),
    Layer.provide(cluster),
    Layer.provide(queueStore(timing)),
    Layer.provide(client(storage)),
  ) as Layer.Layer<SweepEngine, StorageInvalid>;

const prefix = { prefix: "mscv_cluster" };

const clusterOf = (config: Partial<ShardingConfig.ShardingConfig["Service"]>, clientOnly: boolean) =>
  NodeClusterSocket.layer({ storage: "byo", clientOnly, shardingConfig: config }).pipe(
    Layer.provideMerge(SqlMessageStorage.layerWith(prefix)),
    Layer.provide(SqlRunnerStorage.layerWith(prefix)),
    Layer.provide(ShardingConfig.layer(config)),
    Layer.provide(NodeCrypto.layerDigest),
  );

/** (storage) ⇒ an engine that submits and reads, and runs nothing. */
export const postgresClient = (storage: Storage): Layer.Layer<SweepEngine, StorageInvalid> =>
  over(storage, clusterOf({ ...sharding, runnerAddress: Option.none() }, true), Layer.empty);

/** (storage, where to listen) ⇒ the engine of a runner. */
export const postgresRunner = (storage: Storage, listen: ListenAddress): Layer.Layer<SweepEngine, StorageInvalid> =>
  Layer.unwrap(Effect.map(
    listen.port === 0 ? freePort(listen.host) : Effect.succeed(listen.port),
    (port) => {
      const address = RunnerAddress.make(listen.host, port);
      return over(
        storage,
        clusterOf({ ...sharding, runnerAddress: Option.some(address) }, false),
        cellWorkflow,
      );
    },
  ));
