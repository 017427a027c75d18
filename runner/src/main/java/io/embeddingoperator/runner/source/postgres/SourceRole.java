package io.embeddingoperator.runner.source.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/**
 * What the source's role may do beyond reading. The runner reads in read-only transactions; functions that a view or the
 * manifest's condition calls run with all rights of the role, and some work outside of transactions.
 *
 * @param name of the role
 * @param excess what it may do and reading does not need, for a sentence; empty where there is nothing
 */
record SourceRole(String name, Optional<String> excess) {
    private static final String QUESTION = """
            SELECT current_user, CASE
              WHEN (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN 'is a superuser'
              WHEN (SELECT bool_or(pg_has_role(oid, 'MEMBER')) FROM pg_roles WHERE rolname IN ('pg_execute_server_program',
                'pg_write_server_files', 'pg_read_server_files')) THEN 'may use files or programs of the server'
              WHEN EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'p', 'v', 'f') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
                  AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE'))
                THEN 'may write to tables'
              WHEN has_database_privilege(current_database(), 'CREATE') OR EXISTS (SELECT FROM pg_namespace
                WHERE nspname !~ '^pg_' AND has_schema_privilege(oid, 'CREATE')) THEN 'may create objects' END""";

    /** Asks the server. */
    static SourceRole of(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(QUESTION)) {
            row.next();
            return new SourceRole(row.getString(1), Optional.ofNullable(row.getString(2)));
        }
    }
}
