package io.embeddingoperator.runner.sink.table;

import io.embeddingoperator.runner.postgres.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A table that exists, as the server's catalogue describes it.
 *
 * @param kind pg_class.relkind
 * @param role who this process is, for messages
 * @param missingPrivileges of SELECT, INSERT, UPDATE, DELETE
 * @param owned whether the role may create an index on it
 * @param logged whether its rows, and those of all its partitions, outlast a crash of the server
 * @param rowSecurity whether policies stand between the role and the rows
 * @param columns by name, in the table's order
 * @param uniqueKeys the columns of each unique index that covers all rows
 */
public record PresentTable(
        long oid,
        TableName name,
        char kind,
        String role,
        List<String> missingPrivileges,
        boolean owned,
        boolean logged,
        boolean rowSecurity,
        Map<String, PresentColumn> columns,
        List<Set<String>> uniqueKeys) {

    /**
     * @param type as format_type() prints it, without a schema
     * @param needsValue NOT NULL without a default
     * @param generated whether the server makes its value and refuses one
     */
    public record PresentColumn(String type, boolean needsValue, boolean generated) {}

    /** The same table with other columns. */
    public PresentTable with(Map<String, PresentColumn> others) {
        return new PresentTable(
                oid, name, kind, role, missingPrivileges, owned, logged, rowSecurity, others, uniqueKeys);
    }

    public boolean isTable() {
        return kind == 'r' || kind == 'p';
    }

    public boolean isPartitioned() {
        return kind == 'p';
    }

    /** The table of that name, found along the search path when it has no schema. */
    public static Optional<PresentTable> find(Connection connection, TableName name) throws SQLException {
        String sql = """
                SELECT c.oid, n.nspname, c.relname, c.relkind, current_user,
                  c.relpersistence = 'p' AND NOT EXISTS (
                    SELECT FROM pg_partition_tree(c.oid) t JOIN pg_class part ON part.oid = t.relid
                    WHERE part.relpersistence <> 'p') AS logged,
                  pg_has_role(c.relowner, 'USAGE') AS owned, row_security_active(c.oid) AS row_security,
                  ARRAY(SELECT p FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) p
                        WHERE NOT has_table_privilege(c.oid, p)) AS missing_privileges
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass(?)
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, name.sql());
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                long oid = row.getLong("oid");
                return Optional.of(new PresentTable(
                        oid,
                        new TableName(Optional.of(row.getString("nspname")), row.getString("relname")),
                        row.getString("relkind").charAt(0),
                        row.getString("current_user"),
                        List.of((String[]) row.getArray("missing_privileges").getArray()),
                        row.getBoolean("owned"),
                        row.getBoolean("logged"),
                        row.getBoolean("row_security"),
                        columns(connection, oid),
                        uniqueKeys(connection, oid)));
            }
        }
    }

    private static Map<String, PresentColumn> columns(Connection connection, long oid) throws SQLException {
        String sql = """
                SELECT a.attname, a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AS needs_value,
                  a.attgenerated <> '' OR a.attidentity = 'a' AS generated,
                  CASE WHEN t.typname IN ('vector', 'halfvec', 'sparsevec')
                    THEN t.typname || CASE WHEN a.atttypmod < 0 THEN '' ELSE '(' || a.atttypmod || ')' END
                    ELSE format_type(a.atttypid, a.atttypmod) END AS type
                FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
                WHERE a.attrelid = ? AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
                """;
        Map<String, PresentColumn> columns = new LinkedHashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, oid);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    columns.put(
                            row.getString("attname"),
                            new PresentColumn(
                                    row.getString("type"), row.getBoolean("needs_value"), row.getBoolean("generated")));
                }
            }
        }
        return columns;
    }

    private static List<Set<String>> uniqueKeys(Connection connection, long oid) throws SQLException {
        String sql = """
                SELECT ARRAY(SELECT a.attname::text FROM unnest(i.indkey[0:i.indnkeyatts - 1]) k
                             JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k) AS columns
                FROM pg_index i
                WHERE i.indrelid = ? AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
                """;
        List<Set<String>> keys = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, oid);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    keys.add(Set.of((String[]) row.getArray("columns").getArray()));
                }
            }
        }
        return keys;
    }
}
