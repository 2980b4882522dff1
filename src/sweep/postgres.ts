/**
 * The engine of many machines: runners that share a PostgreSQL database.
 *
 * They meet in the database alone. What is due there is judged by its server's clock, so that a machine's own does not
 * matter.
 *
 * @module
 */
import * as PgClient from "@effect/sql-pg/PgClient";
import * as SqlRunnerStorage from "effect/cluster/SqlRunnerStorage";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { SqlClient } from "effect/sql/SqlClient";
import type { SqlError } from "effect/sql/SqlError";
import { queueStore, type QueueTiming } from "./cell_queue.ts";
import { type ClusterTiming, type Role, workflowEngine } from "./cluster.ts";
import { cellWorkflow, engineOver, type SweepEngine } from "./engine.ts";
import { type Storage, StorageInvalid } from "./storage.ts";
import { tlsOptions } from "./storage_tls.ts";

/** Seconds that a cell stays with a runner that was killed. */
export const leaseSeconds = 12;

const timing: QueueTiming = { poll: 500, renew: 3_000, lease: leaseSeconds * 1000 };

const sharding: ClusterTiming = {
  shardLockRefreshInterval: Duration.seconds(3),
  shardLockExpiration: Duration.seconds(leaseSeconds),
  runnerHealthCheckInterval: Duration.seconds(5),
  entityMessagePollInterval: Duration.seconds(1),
  entityTerminationTimeout: Duration.millis(500),
};

const tables = "mscv_cluster"; // their prefix

/** (error) ⇒ what the server or the network says, which is never the URL. */
const reasonOf = (error: SqlError): string => {
  const { cause, message } = error.reason;
  return cause instanceof Error && cause.message !== "" ? cause.message : message ?? error.message;
};

const isOfCertificate = ({ reason: { cause } }: SqlError): boolean =>
  cause instanceof Error && "code" in cause && /CERT|SIGNATURE|ISSUER/.test(String(cause.code));

const unusable = ({ label, tls }: Storage) => (error: SqlError): StorageInvalid => {
  const reason = reasonOf(error);
  const message = isOfCertificate(error)
    ? `Cannot use ${label} as its certificate must pass sslmode=${tls.mode}: ${reason}. Name the file of its issuer's ` +
      "certificate by sslrootcert in the URL, or by PGSSLROOTCERT"
    : `Cannot use ${label} as it must be reachable${
      tls.mode === "disable" ? "" : ` by sslmode=${tls.mode}`
    }: ${reason}`;
  return new StorageInvalid({ message });
};

const configOf = (storage: Storage): Effect.Effect<PgClient.PgPoolConfig, StorageInvalid> =>
  Effect.try({
    try: (): PgClient.PgPoolConfig => ({
      host: storage.host,
      port: storage.port,
      username: storage.user,
      database: storage.database ?? storage.user,
      ssl: tlsOptions(storage.tls),
      ...(storage.password === null ? {} : { password: storage.password }),
      ...(storage.options === null ? {} : { startupOptions: storage.options }),
      applicationName: storage.application,
      connectTimeout: storage.connectTimeout === 0 ? Duration.infinity : Duration.seconds(storage.connectTimeout),
      maxConnections: 8,
    }),
    catch: (error) =>
      new StorageInvalid({
        message: `Cannot use ${storage.label} as sslrootcert must be a readable file: ${(error as Error).message}`,
      }),
  });

/** A client that has run one query, so that an unusable database is reported before anything is built on it. */
const client = (storage: Storage): Layer.Layer<SqlClient, StorageInvalid> =>
  Layer.unwrap(
    Effect.map(configOf(storage), (config) =>
      Layer.effectDiscard(Effect.mapError(
        SqlClient.use((sql) => Effect.asVoid(sql`SELECT 1`)),
        unusable(storage),
      )).pipe(
        Layer.provideMerge(Layer.orDie(PgClient.layer(config))),
      )),
  );

const engine = (storage: Storage, role: Role): Layer.Layer<SweepEngine, StorageInvalid> =>
  Layer.catchTag(
    engineOver(
      workflowEngine(role, sharding, tables, SqlRunnerStorage.layerWith({ prefix: tables })),
      queueStore(timing),
      role === "runner" ? cellWorkflow : Layer.empty,
      client(storage),
    ),
    "SqlError",
    (error) => Layer.effectContext(Effect.fail(unusable(storage)(error))),
  );

/** (storage) ⇒ an engine that submits and reads, and runs nothing. */
export const postgresClient = (storage: Storage): Layer.Layer<SweepEngine, StorageInvalid> =>
  engine(storage, "submitter");

/** (storage) ⇒ the engine of a runner. */
export const postgresRunner = (storage: Storage): Layer.Layer<SweepEngine, StorageInvalid> => engine(storage, "runner");
