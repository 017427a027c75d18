package io.embeddingoperator.runner.sink.table;

import io.embeddingoperator.runner.document.KeyType;
import java.lang.module.ModuleDescriptor.Version;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a server can do for the sink.
 *
 * @param version as server_version prints it
 * @param versionNumber as server_version_num prints it
 * @param encoding of the database
 * @param installed pgvector in this database
 * @param available the pgvector that CREATE EXTENSION would install
 * @param mayCreateExtension whether the role may
 * @param schema where a table without a schema would be created
 */
public record Server(
        String version,
        int versionNumber,
        String database,
        String encoding,
        String role,
        Optional<Pgvector> installed,
        Optional<Version> available,
        boolean mayCreateExtension,
        Optional<String> schema) {
    private static final int OLDEST = 15_00_00;

    /** The second one takes bytes as they come. */
    private static final Set<String> ENCODINGS_OF_ANY_TEXT = Set.of("UTF8", "SQL_ASCII");

    /** Asks the server. */
    public static Server of(Connection connection) throws SQLException {
        // vector.control is not marked as trusted: its extension is created by superusers alone.
        String sql = """
                SELECT current_setting('server_version') AS version,
                  current_setting('server_version_num')::int AS number,
                  current_database() AS database, current_setting('server_encoding') AS encoding, current_user AS role, current_schema() AS schema,
                  (SELECT extversion FROM pg_extension WHERE extname = 'vector') AS installed,
                  (SELECT nspname FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace
                   WHERE extname = 'vector') AS extension_schema,
                  (SELECT default_version FROM pg_available_extensions WHERE name = 'vector') AS available,
                  (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
                    OR EXISTS (SELECT FROM pg_available_extension_versions WHERE name = 'vector' AND trusted)
                      AND has_database_privilege(current_database(), 'CREATE') AS may_create
                """;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            String schema = row.getString("extension_schema");
            return new Server(
                    row.getString("version"),
                    row.getInt("number"),
                    row.getString("database"),
                    row.getString("encoding"),
                    row.getString("role"),
                    Optional.ofNullable(row.getString("installed"))
                            .map(version -> new Pgvector(Version.parse(version), schema)),
                    Optional.ofNullable(row.getString("available")).map(Version::parse),
                    row.getBoolean("may_create"),
                    Optional.ofNullable(row.getString("schema")));
        }
    }

    /** Sentences that say what the server lacks; empty when it lacks nothing. */
    public List<String> obstacles() {
        List<String> obstacles = new ArrayList<>();
        if (versionNumber < OLDEST) {
            obstacles.add("the server is PostgreSQL %s: use 15 or newer".formatted(version));
        }
        installed.ifPresentOrElse(
                pgvector -> {
                    if (pgvector.version().compareTo(Pgvector.OLDEST) < 0) {
                        obstacles.add(("the database %s has pgvector %s, and %s or newer is needed: install that on "
                                        + "the server" + " and run ALTER EXTENSION vector UPDATE")
                                .formatted(database, pgvector.version(), Pgvector.OLDEST));
                    }
                },
                () -> notInstalled().ifPresent(obstacles::add));
        return obstacles;
    }

    /** Why keys of a type have no place in the database, with any characters; empty when they have. */
    public Optional<String> refusal(KeyType keys) {
        return keys != KeyType.TEXT || ENCODINGS_OF_ANY_TEXT.contains(encoding)
                ? Optional.empty()
                : Optional.of(
                        ("the database %s has the encoding %s, in which not every key can be written: name a database with"
                                        + " the encoding UTF8")
                                .formatted(database, encoding));
    }

    private Optional<String> notInstalled() {
        if (available.isEmpty()) {
            return Optional.of(
                    "the server has no pgvector: install %s or newer on its machine (package postgresql-%d-pgvector)"
                            .formatted(Pgvector.OLDEST, versionNumber / 10_000));
        }
        if (available.get().compareTo(Pgvector.OLDEST) < 0) {
            return Optional.of("the server offers pgvector %s, and %s or newer is needed: install that on its machine"
                    .formatted(available.get(), Pgvector.OLDEST));
        }
        return mayCreateExtension
                ? Optional.empty()
                : Optional.of(("pgvector is not installed in the database %s, and the role %s may not install it: "
                                + "let a superuser run there: CREATE EXTENSION vector")
                        .formatted(database, role));
    }
}
