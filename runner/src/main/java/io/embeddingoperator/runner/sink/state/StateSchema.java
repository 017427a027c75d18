package io.embeddingoperator.runner.sink.state;

import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.postgres.SqlFailure;
import io.embeddingoperator.runner.sink.database.SchemaChange;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;

/**
 * The schema {@code embedding_operator} of the sink database: runs, shards, failed documents, keys that were read, whose
 * tables are, and for embedders that are paid for: documents that wait for their vectors, batches, money.
 *
 * <p>Runners of several releases work with these tables at the same time: a newer one brings them up to date while pods of
 * older ones are in mid-run. Two numbers in {@code version} say who may. {@code revision} counts the steps that were taken.
 * {@code version} is the revision that a runner must know at least to work with the tables as they are. A step that adds
 * something which older runners need not know is {@linkplain Step#additive additive} and keeps the version; it makes tables
 * of its own and leaves the busy ones alone, for it must not lock what runners write. A step after which an older runner
 * would do harm is {@linkplain Step#breaking breaking} and raises the version to its own number. A runner that is too old
 * ends with 75, never 64: its shard is tried again, and its run is not lost.
 *
 * <p>The runner's role makes it when it may: {@code GRANT CREATE ON DATABASE … TO role}. Otherwise the database's owner
 * runs {@code CREATE SCHEMA embedding_operator AUTHORIZATION role} once. A role that shares the tables of another one
 * is a member of it ({@link StateTrust}), or, where that does not inherit its rights or the owner of the database made them, needs
 * {@code USAGE} on the schema and {@code SELECT, INSERT, UPDATE, DELETE} on all its tables.
 */
public final class StateSchema {
    public static final String NAME = "embedding_operator";

    private static final List<String> TABLES = List.of(
            "version",
            "runs",
            "shards",
            "failed_documents",
            "document_keys",
            "batches",
            "pending_documents",
            "spending",
            "table_owners",
            "marked_runs",
            "orphans",
            "orphan_counts",
            "held_removals",
            "damaged_parts",
            "run_models",
            "unknown_chunks",
            "estimated_costs",
            "generations",
            "recalls",
            "watermarks",
            "file_readings",
            "read_files",
            "read_documents");

    private static final String VERSION_1 = """
            CREATE TABLE embedding_operator.version (
              version int NOT NULL
            );
            CREATE TABLE embedding_operator.runs (
              run_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
              job text NOT NULL,
              run int NOT NULL,
              sink_table text NOT NULL,
              specification text NOT NULL,
              orphans_deleted bigint NOT NULL DEFAULT 0,
              started_at timestamptz NOT NULL DEFAULT now(),
              completed_at timestamptz,
              replaced_at timestamptz
            );
            CREATE UNIQUE INDEX runs_open ON embedding_operator.runs (job, sink_table)
              WHERE completed_at IS NULL AND replaced_at IS NULL;
            CREATE INDEX runs_by_job ON embedding_operator.runs (job, sink_table, run_id);
            CREATE TABLE embedding_operator.shards (
              run_id bigint NOT NULL REFERENCES embedding_operator.runs ON DELETE CASCADE,
              shard int NOT NULL,
              definition text NOT NULL,
              planned_work bigint NOT NULL,
              epoch bigint NOT NULL DEFAULT 0,
              windows bigint NOT NULL DEFAULT 0,
              checkpoint text,
              work bigint NOT NULL DEFAULT 0,
              embedded bigint NOT NULL DEFAULT 0,
              skipped bigint NOT NULL DEFAULT 0,
              failed bigint NOT NULL DEFAULT 0,
              chunks bigint NOT NULL DEFAULT 0,
              tokens bigint NOT NULL DEFAULT 0,
              truncated_chunks bigint NOT NULL DEFAULT 0,
              orphans_deleted bigint NOT NULL DEFAULT 0,
              committed_at timestamptz,
              completed_at timestamptz,
              PRIMARY KEY (run_id, shard)
            ) WITH (fillfactor = 50);
            CREATE TABLE embedding_operator.failed_documents (
              failed_document_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
              run_id bigint NOT NULL REFERENCES embedding_operator.runs ON DELETE CASCADE,
              shard int NOT NULL,
              key text,
              location text NOT NULL,
              reason text NOT NULL,
              failed_at timestamptz NOT NULL DEFAULT now()
            );
            CREATE INDEX failed_documents_by_run ON embedding_operator.failed_documents (run_id);
            CREATE TABLE embedding_operator.document_keys (
              run_id bigint NOT NULL REFERENCES embedding_operator.runs ON DELETE CASCADE,
              key text COLLATE "C" NOT NULL,
              location text NOT NULL,
              PRIMARY KEY (run_id, key)
            );
            INSERT INTO embedding_operator.version VALUES (1);
            """;

    // Texts move out of line uncompressed: they stay for hours, and packing and unpacking them would cost more than
    // room.
    private static final String VERSION_2 = """
            ALTER TABLE embedding_operator.runs
              ADD recipe text,
              ADD took_over boolean NOT NULL DEFAULT false,
              ADD spent_usd numeric,
              ADD batches_submitted int NOT NULL DEFAULT 0,
              ADD batches_completed int NOT NULL DEFAULT 0,
              ADD batches_failed int NOT NULL DEFAULT 0;
            ALTER TABLE embedding_operator.shards ADD kept bigint NOT NULL DEFAULT 0;
            CREATE TABLE embedding_operator.batches (
              batch_id text PRIMARY KEY,
              run_id bigint NOT NULL REFERENCES embedding_operator.runs ON DELETE CASCADE,
              shard int NOT NULL,
              state text NOT NULL,
              documents int NOT NULL,
              inputs int NOT NULL,
              tokens bigint NOT NULL,
              bytes bigint NOT NULL,
              usd_per_million_tokens numeric NOT NULL,
              billed_tokens bigint,
              input_file_id text,
              provider_batch_id text,
              output_file_id text,
              error_file_id text,
              provider_status text,
              error text,
              uploads int NOT NULL DEFAULT 0,
              creations int NOT NULL DEFAULT 0,
              expires_at timestamptz,
              submitted_at timestamptz,
              created_at timestamptz NOT NULL DEFAULT now(),
              changed_at timestamptz NOT NULL DEFAULT now()
            );
            CREATE INDEX batches_by_shard ON embedding_operator.batches (run_id, shard);
            CREATE TABLE embedding_operator.pending_documents (
              document_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
              run_id bigint NOT NULL REFERENCES embedding_operator.runs ON DELETE CASCADE,
              shard int NOT NULL,
              key text COLLATE "C" NOT NULL,
              location text NOT NULL,
              document_hash bytea NOT NULL,
              text text NOT NULL,
              metadata text NOT NULL,
              chunks int[] NOT NULL,
              inputs int NOT NULL,
              tokens bigint NOT NULL,
              bytes bigint NOT NULL,
              oversize boolean NOT NULL,
              attempt int NOT NULL DEFAULT 0,
              unread boolean NOT NULL DEFAULT false,
              batch_id text,
              ordinal int
            );
            ALTER TABLE embedding_operator.pending_documents ALTER text SET STORAGE EXTERNAL;
            CREATE UNIQUE INDEX pending_documents_by_key ON embedding_operator.pending_documents (run_id, key);
            CREATE UNIQUE INDEX pending_documents_by_batch ON embedding_operator.pending_documents (batch_id, ordinal)
              WHERE batch_id IS NOT NULL;
            CREATE INDEX pending_documents_unassigned ON embedding_operator.pending_documents
              (run_id, shard, oversize, document_id) INCLUDE (inputs, tokens, bytes) WHERE batch_id IS NULL;
            CREATE INDEX pending_documents_unread ON embedding_operator.pending_documents (run_id) WHERE unread;
            CREATE TABLE embedding_operator.spending (
              run_id bigint NOT NULL REFERENCES embedding_operator.runs ON DELETE CASCADE,
              shard int NOT NULL,
              epoch bigint NOT NULL,
              spent numeric NOT NULL DEFAULT 0,
              leased numeric NOT NULL DEFAULT 0,
              PRIMARY KEY (run_id, shard)
            ) WITH (fillfactor = 50);
            """;

    // No reference to runs, which would lock it: what a run leaves here without its row is passed over.
    private static final String REVISION_3 = """
            ALTER TABLE embedding_operator.version ADD revision int;
            CREATE TABLE embedding_operator.table_owners (
              owner_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
              sink_table text NOT NULL,
              job text NOT NULL,
              ownership text NOT NULL,
              owned_since timestamptz NOT NULL,
              adopted_until timestamptz,
              unmarked_since timestamptz,
              unmarked_until timestamptz,
              UNIQUE (sink_table, job)
            );
            CREATE TABLE embedding_operator.marked_runs (
              run_id bigint PRIMARY KEY,
              owner_id int NOT NULL
            );
            CREATE TABLE embedding_operator.held_removals (
              run_id bigint PRIMARY KEY,
              sentence text NOT NULL,
              held_at timestamptz NOT NULL DEFAULT now()
            );
            CREATE TABLE embedding_operator.orphans (
              run_id bigint NOT NULL,
              key text COLLATE "C" NOT NULL,
              found_at timestamptz NOT NULL DEFAULT now(),
              PRIMARY KEY (run_id, key)
            );
            """ + ShardSum.ORPHAN_COUNTS.create();

    private static final String REVISION_4 = """
            CREATE TABLE embedding_operator.damaged_parts (
              failed_document_id bigint PRIMARY KEY,
              run_id bigint NOT NULL
            );
            CREATE INDEX damaged_parts_by_run ON embedding_operator.damaged_parts (run_id);
            """;

    private static final String REVISION_5 = """
            CREATE TABLE embedding_operator.run_models (
              run_id bigint PRIMARY KEY,
              model_commit text NOT NULL
            );
            """;

    private static final String REVISION_8 = """
            CREATE TABLE embedding_operator.generations (
              sink_table text PRIMARY KEY,
              relation oid NOT NULL
            );
            """;

    private static final String REVISION_9 = """
            CREATE TABLE embedding_operator.recalls (
              run_id bigint PRIMARY KEY,
              usual_ef_search int NOT NULL,
              usual_share float8 NOT NULL,
              best_ef_search int NOT NULL,
              best_share float8 NOT NULL,
              target float8 NOT NULL,
              queries int NOT NULL,
              measured_at timestamptz NOT NULL
            );
            """;

    private static final String REVISION_10 = """
            CREATE TABLE embedding_operator.watermarks (
              run_id bigint PRIMARY KEY,
              reading text NOT NULL,
              watermark text,
              of_changes boolean NOT NULL
            );
            """;

    // Keys have the database's own collation: with that of the table's column an index on it would not do.
    private static final String REVISION_11 = """
            CREATE TABLE embedding_operator.file_readings (
              run_id bigint PRIMARY KEY,
              reading text NOT NULL,
              outdated boolean NOT NULL DEFAULT false
            );
            CREATE TABLE embedding_operator.read_files (
              file_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
              run_id bigint NOT NULL,
              shard int,
              path text COLLATE "C" NOT NULL,
              size bigint NOT NULL,
              version text NOT NULL,
              bytes bigint NOT NULL,
              documents bigint NOT NULL,
              flawless boolean NOT NULL,
              UNIQUE (run_id, path, shard)
            );
            CREATE TABLE embedding_operator.read_documents (
              file_id bigint NOT NULL,
              key text NOT NULL,
              PRIMARY KEY (file_id, key)
            );
            """;

    /** What leads from each revision to the next one. */
    private static final List<Step> STEPS = List.of(
            Step.breaking(VERSION_1),
            Step.breaking(VERSION_2),
            Step.additive(REVISION_3),
            Step.additive(REVISION_4),
            Step.additive(REVISION_5),
            Step.additive(ShardSum.UNKNOWN_CHUNKS.create()),
            Step.additive(ShardSum.ESTIMATED_COSTS.create()),
            Step.additive(REVISION_8),
            Step.additive(REVISION_9),
            Step.additive(REVISION_10),
            Step.additive(REVISION_11));

    private static final int WITH_OWNERS = 3;
    private static final int WITH_MODELS = 5;
    private static final int WITH_GENERATIONS = 8;

    /** A schema, a table, a column, or a constraint or index. */
    private static final Set<String> EXISTS_ALREADY = Set.of("42P06", "42P07", "42701", "42710");

    /** How many steps this runner knows. */
    static final int REVISION = STEPS.size();

    /** The revision that a runner must know at least to work with the tables that this one makes. */
    static final int VERSION =
            1 + STEPS.lastIndexOf(STEPS.stream().filter(Step::breaking).toList().getLast());

    /**
     * A change of the tables.
     *
     * @param breaking whether a runner that does not know it can no longer work with the tables
     */
    private record Step(String sql, boolean breaking) {
        static Step breaking(String sql) {
            return new Step(sql, true);
        }

        static Step additive(String sql) {
            return new Step(sql, false);
        }
    }

    private StateSchema() {}

    /**
     * Whether there are tables that know of batches.
     *
     * @throws UnavailableException when they need a newer runner
     */
    public static boolean hasBatches(Connection connection) throws SQLException {
        return exists(connection) && version(connection).revision() >= VERSION;
    }

    /** Whether there is a table of runs. */
    static boolean hasRuns(Connection connection) throws SQLException {
        return exists(connection) && version(connection).revision() > 0;
    }

    /** Whether there are tables that know of owners. */
    static boolean hasOwners(Connection connection) throws SQLException {
        return exists(connection) && version(connection).revision() >= WITH_OWNERS;
    }

    /** Whether there are tables that know of the models of runs. */
    static boolean hasModels(Connection connection) throws SQLException {
        return exists(connection) && version(connection).revision() >= WITH_MODELS;
    }

    /** Whether there are tables that know of generations. */
    static boolean hasGenerations(Connection connection) throws SQLException {
        return exists(connection) && version(connection).revision() >= WITH_GENERATIONS;
    }

    /**
     * Sentences that say what keeps this role from using or creating the state tables; empty when nothing does.
     *
     * @throws UnavailableException when another runner is needed to use them, or to bring them up to date
     */
    public static List<String> obstacles(Connection connection) throws SQLException {
        if (!exists(connection)) {
            return mayCreate(connection);
        }
        List<String> obstacles = missingGrants(connection);
        if (obstacles.isEmpty()) {
            StateVersion present = version(connection);
            if (present.revision() < REVISION) {
                requireOwner(connection, present.revision());
            }
        }
        return obstacles;
    }

    /**
     * Creates what is missing, and brings older tables up to date. The caller holds the lock that keeps others from doing
     * so at the same time.
     */
    public static void create(Connection connection) throws SQLException {
        StateVersion present = exists(connection) ? version(connection) : StateVersion.NOTHING;
        if (present.revision() >= REVISION) {
            return;
        }
        SchemaChange.of(
                        "the tables of schema embedding_operator",
                        "relnamespace = to_regnamespace('embedding_operator')")
                .make(connection, statement -> {
                    // IF NOT EXISTS would ask for the permission to create a schema that is there already.
                    if (!schemaExists(connection)) {
                        statement.execute("CREATE SCHEMA embedding_operator");
                    }
                    take(STEPS.subList(present.revision(), REVISION), present, statement);
                    statement.execute("UPDATE embedding_operator.version SET version = %d, revision = %d"
                            .formatted(Math.max(VERSION, present.version()), REVISION));
                });
    }

    private static void take(List<Step> steps, StateVersion present, Statement statement) throws SQLException {
        try {
            for (Step step : steps) {
                statement.execute(step.sql());
            }
        } catch (SQLException e) {
            if (EXISTS_ALREADY.contains(SqlFailure.state(e))) {
                throw present.contradicted(e);
            }
            throw e;
        }
    }

    private static StateVersion version(Connection connection) throws SQLException {
        return StateVersion.read(connection, REVISION);
    }

    private static boolean schemaExists(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT to_regnamespace('embedding_operator') IS NOT NULL")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    private static boolean exists(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n"
                        + " ON n.oid = c.relnamespace WHERE nspname = 'embedding_operator' AND relname = 'version')")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    private static List<String> mayCreate(Connection connection) throws SQLException {
        String sql = """
                SELECT current_user, current_database(),
                  coalesce(
                    (SELECT has_schema_privilege(oid, 'CREATE') FROM pg_namespace WHERE nspname = 'embedding_operator'),
                    has_database_privilege(current_database(), 'CREATE'))
                """;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getBoolean(3)
                    ? List.of()
                    : List.of(
                            ("the role %1$s may not create the schema embedding_operator, which holds the run's state: "
                                            + "let the owner of database %2$s run: "
                                            + "CREATE SCHEMA IF NOT EXISTS embedding_operator; "
                                            + "GRANT USAGE, CREATE ON SCHEMA embedding_operator TO %1$s")
                                    .formatted(row.getString(1), row.getString(2)));
        }
    }

    /** Only the owner of a table may change it. Once the owner was there, the same try succeeds. */
    private static void requireOwner(Connection connection, int present) throws SQLException {
        String sql = """
                SELECT current_user, pg_get_userbyid(relowner)
                FROM pg_class
                WHERE relnamespace = to_regnamespace('embedding_operator') AND relname = 'runs'
                  AND NOT (pg_has_role(relowner, 'USAGE') AND has_schema_privilege('embedding_operator', 'CREATE'))
                """;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            if (row.next()) {
                throw new UnavailableException(
                        ("the tables of schema embedding_operator are of revision %d, and the role %s may not bring"
                                        + " them to revision %d: run this runner once as their owner, %s, who then grants SELECT,"
                                        + " INSERT, UPDATE, DELETE on the new ones")
                                .formatted(present, row.getString(1), REVISION, row.getString(2)));
            }
        }
    }

    private static List<String> missingGrants(Connection connection) throws SQLException {
        String sql = """
                SELECT current_user
                WHERE NOT has_schema_privilege('embedding_operator', 'USAGE')
                   OR NOT (SELECT bool_and(has_table_privilege(c.oid, privilege))
                           FROM pg_class c, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) privilege
                           WHERE relnamespace = to_regnamespace('embedding_operator') AND relname = ANY (?))
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(1, connection.createArrayOf("text", TABLES.toArray()));
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? List.of(("the role %1$s may not use the tables of schema embedding_operator: let their "
                                        + "owner run: "
                                        + "GRANT USAGE ON SCHEMA embedding_operator TO %1$s; GRANT "
                                        + "SELECT, INSERT, UPDATE, "
                                        + "DELETE ON ALL TABLES IN SCHEMA embedding_operator TO %1$s")
                                .formatted(row.getString(1)))
                        : List.of();
            }
        }
    }
}
