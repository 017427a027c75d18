package io.embeddingoperator.runner.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What holds in every session of the runner, over what the role, the database and the URI's options set: no time limit that is
 * meant for people ends a statement, values are written in the forms that the runner reads, and no name is found in a schema in
 * which a stranger may put an object of the same name.
 */
final class SessionSettings {
    private static final Logger log = LoggerFactory.getLogger(SessionSettings.class);

    /** First of all: until then an operator that a stranger put into the search path could be found. */
    private static final String ONLY_THE_SERVERS_OWN_NAMES = "SET search_path = pg_catalog, pg_temp";

    /**
     * Locks of a runner that froze or whose machine is gone end within two minutes, so that another one can go on. The
     * server's own defaults are two hours for a lost machine, and never for a frozen process.
     */
    private static final String LET_GO_OF_LOST_CLIENTS = "SET idle_in_transaction_session_timeout = '30s';"
            + " SET tcp_keepalives_idle = 60; SET tcp_keepalives_interval = 15; SET tcp_keepalives_count = 4";

    /** Before anything else: it could end what follows. */
    private static final String NO_END_OF_STATEMENTS = "SET statement_timeout = 0";

    private static final String NO_OTHER_TIME_LIMITS = "SET lock_timeout = 0; SET idle_session_timeout = 0";

    /** What older servers lack, and what only a superuser may set, is set only where it differs. */
    private static final String WHERE_IT_DIFFERS = """
            SELECT set_config(name, wanted, false)
            FROM (VALUES ('transaction_timeout', '0', '0'), ('session_replication_role', 'origin', 'origin'))
                AS own(name, wanted, harmless)
            JOIN pg_settings s USING (name) WHERE s.setting <> harmless""";

    private static final String TRANSACTIONS =
            "SET default_transaction_isolation = 'read committed'; SET default_transaction_deferrable = off";

    private static final String FORMS_OF_VALUES = "SET IntervalStyle = postgres; SET bytea_output = hex; SET"
            + " extra_float_digits = 3; SET standard_conforming_strings = on; SET transform_null_equals = off;"
            + " SET xmloption = content";

    /** A role or database may have it switched off, and then what is told to be complete might not be so after a crash. */
    private static final String COMMIT_DURABLY =
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

    private static final int SECONDS_TO_ANSWER = 5;

    private final String statements;

    private SessionSettings(String statements) {
        this.statements = statements;
    }

    /** Asks the server where the role's names may come from; the connection is set up afterwards. */
    static SessionSettings of(ConnectionUri uri, Connection connection, Access access) throws SQLException {
        execute(connection, NO_END_OF_STATEMENTS);
        List<String> named = namedSchemas(connection);
        execute(connection, ONLY_THE_SERVERS_OWN_NAMES);
        List<String> path = new ArrayList<>(List.of("pg_catalog"));
        for (Schema schema : judged(connection, named)) {
            if (schema.safe()) {
                path.add(Identifier.quote(schema.name()));
            } else {
                log.info(
                        "{}: names without a schema are not looked up in the schema {}, for other roles than {} may create"
                                + " objects there: write the schema in front of what comes from it",
                        uri,
                        schema.name(),
                        uri.user());
            }
        }
        path.add("pg_temp");
        SessionSettings settings = new SessionSettings(String.join(
                "; ",
                NO_END_OF_STATEMENTS,
                "SET search_path = " + String.join(", ", path),
                LET_GO_OF_LOST_CLIENTS,
                NO_OTHER_TIME_LIMITS,
                "SET default_transaction_read_only = " + (access == Access.READS ? "on" : "off"),
                TRANSACTIONS,
                FORMS_OF_VALUES,
                WHERE_IT_DIFFERS,
                COMMIT_DURABLY));
        execute(connection, settings.statements());
        return settings;
    }

    /** A connection for one short question to a server that does not answer another one; it gives up by itself. */
    static Connection forAQuestion(ConnectionUri uri) throws SQLException {
        Connection connection = uri.impatientDataSource(SECONDS_TO_ANSWER).getConnection();
        try {
            execute(connection, ONLY_THE_SERVERS_OWN_NAMES);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** To be run in each new session. */
    String statements() {
        return statements;
    }

    private record Schema(String name, boolean safe) {}

    /** The search path as it stands, without what the role may not use and what does not exist. */
    private static List<String> namedSchemas(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_catalog.current_schemas(false)::pg_catalog.text[]")) {
            row.next();
            return List.of((String[]) row.getArray(1).getArray());
        }
    }

    /**
     * A schema that a person put into the role's path is trusted with its owner; the one of the role's own name is in every
     * path unless it is changed, and a stranger may have made it.
     */
    private static List<Schema> judged(Connection connection, List<String> names) throws SQLException {
        String sql = TrustedRoles.WITH_TRUSTED + """
                SELECT n.nspname,
                  (n.nspname <> current_user OR n.nspowner IN (SELECT role FROM trusted))
                  AND NOT EXISTS (
                    SELECT FROM aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) granted
                    WHERE granted.privilege_type = 'CREATE' AND granted.grantee <> n.nspowner
                      AND granted.grantee NOT IN (SELECT role FROM trusted)) AS safe
                FROM unnest(?::text[]) WITH ORDINALITY AS named(name, place)
                JOIN pg_namespace n ON n.nspname = named.name
                WHERE n.nspname NOT IN ('pg_catalog', 'pg_temp')
                ORDER BY place
                """;
        List<Schema> schemas = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(1, connection.createArrayOf("text", names.toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    schemas.add(new Schema(row.getString(1), row.getBoolean(2)));
                }
            }
        }
        return schemas;
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
