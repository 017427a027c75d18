package io.embeddingoperator.runner.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.testing.TestingPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SessionSettingsTest {
    private static final String VARIABLE = "EMBEDDING_SINK_URI";
    private static int roles;

    private final String server = TestingPostgres.shared().uri();
    private final String database = TestingPostgres.shared().newDatabase();
    private final String role = newRole("");

    @ParameterizedTest
    @CsvSource({
        "statement_timeout, 20s, 0",
        "lock_timeout, 20s, 0",
        "idle_session_timeout, 20s, 0",
        "idle_in_transaction_session_timeout, 1s, 30s",
        "default_transaction_read_only, on, off",
        "default_transaction_isolation, serializable, read committed",
        "default_transaction_deferrable, on, off",
        "DateStyle, 'SQL, DMY', 'ISO, MDY'",
        "IntervalStyle, iso_8601, postgres",
        "bytea_output, escape, hex",
        "extra_float_digits, -10, 3",
        "standard_conforming_strings, off, on",
        "transform_null_equals, on, off",
        "synchronous_commit, off, on"
    })
    void settingOfTheRoleOrTheDatabaseDoesNotReachTheRunner(String name, String set, String own) throws SQLException {
        for (String owner : List.of("ROLE " + role, "DATABASE " + database.replaceFirst(".*/", ""))) {
            TestingPostgres.execute(server, "ALTER %s SET %s = '%s'".formatted(owner, name, set));

            assertThat(setting(uri(""), Access.WRITES, name)).isEqualTo(own);

            TestingPostgres.execute(server, "ALTER %s RESET %s".formatted(owner, name));
        }
    }

    @Test
    void settingInTheUriDoesNotReachTheRunner() throws SQLException {
        String uri = uri("?options=-c%20statement_timeout%3D20s%20-c%20search_path%3Dpublic");

        assertThat(setting(uri, Access.WRITES, "statement_timeout")).isEqualTo("0");
        assertThat(setting(uri, Access.WRITES, "search_path")).isEqualTo("pg_catalog, public, pg_temp");
    }

    @Test
    void sourceIsReadOnlyWhateverTheRoleMay() throws SQLException {
        assertThat(setting(uri(""), Access.READS, "default_transaction_read_only"))
                .isEqualTo("on");
    }

    @Test
    void schemaInWhichStrangersMayCreateIsNotInTheSearchPath() throws SQLException {
        // given an operator that fits varchar better than the server's own, in a schema of every role's path
        TestingPostgres.execute(
                database,
                "GRANT CREATE ON SCHEMA public TO PUBLIC",
                "CREATE FUNCTION public.trap(varchar, varchar) RETURNS boolean LANGUAGE plpgsql AS"
                        + " 'BEGIN RAISE EXCEPTION ''trapped as %'', current_user; END'",
                "CREATE OPERATOR public.= (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = public.trap)");

        assertThat(setting(uri(""), Access.READS, "search_path")).isEqualTo("pg_catalog, pg_temp");
        try (Database open = Database.open(ConnectionUri.parse(VARIABLE, uri("")), Access.READS, 1)) {
            assertThat(open.<Boolean>readOnly(
                            "Comparing",
                            connection -> value(connection, "SELECT 'a'::varchar = 'a'::varchar")
                                    .equals("t")))
                    .isTrue();
        }
    }

    @Test
    void schemaOfTheRolesOwnNameThatAStrangerMadeIsNotInTheSearchPath() throws SQLException {
        String stranger = newRole("");
        TestingPostgres.execute(database, "CREATE SCHEMA %s AUTHORIZATION %s".formatted(role, stranger));
        TestingPostgres.execute(database, "GRANT USAGE ON SCHEMA %1$s TO %1$s".formatted(role));

        assertThat(setting(uri(""), Access.WRITES, "search_path")).isEqualTo("pg_catalog, public, pg_temp");
    }

    @Test
    void schemaThatAPersonNamedInTheRolesPathStays() throws SQLException {
        String owner = newRole("");
        TestingPostgres.execute(
                database,
                "CREATE SCHEMA app AUTHORIZATION " + owner,
                "GRANT USAGE ON SCHEMA app TO " + role,
                "ALTER ROLE %s SET search_path = app, public".formatted(role));

        assertThat(setting(uri(""), Access.READS, "search_path")).isEqualTo("pg_catalog, app, public, pg_temp");
    }

    @Test
    void roleThatMayNotSetWhatStandsAgainstItIsToldWhat() {
        TestingPostgres.execute(database, "ALTER ROLE %s SET session_replication_role = 'replica'".formatted(role));

        assertThatThrownBy(() -> setting(uri(""), Access.WRITES, "search_path"))
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining("permission denied to set parameter \"session_replication_role\"")
                .hasMessageEndingWith("reset that setting of the role or the database");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void roleWithTooFewConnectionsIsToldHowManyAreNeeded(int limit) {
        TestingPostgres.execute(database, "ALTER ROLE %s CONNECTION LIMIT %d".formatted(role, limit));

        assertThatThrownBy(() -> setting(uri(""), Access.WRITES, "search_path"))
                .isInstanceOf(UnavailableException.class)
                .hasMessageEndingWith(
                        "too many connections for role \"%s\": the runner needs at least two connections at a"
                                        .formatted(role)
                                + " time: raise the limit of the server or of the role");
    }

    @Test
    void statementThatAnAdministratorCancelsIsToldAsThat() {
        try (Database open = Database.open(ConnectionUri.parse(VARIABLE, uri("")), Access.WRITES, 1, Duration.ZERO)) {
            assertThatThrownBy(() -> open.transaction("Sleeping", connection -> value(connection, """
                            DO $$ BEGIN PERFORM pg_cancel_backend(pg_backend_pid()); PERFORM pg_sleep(60); END $$""")))
                    .isInstanceOf(UnavailableException.class)
                    .hasMessageContaining(
                            "the server cancelled a statement of the runner (canceling statement due to user request)");
        }
    }

    private static String setting(String uri, Access access, String name) throws SQLException {
        try (Database open = Database.open(ConnectionUri.parse(VARIABLE, uri), access, 1)) {
            return open.session("Asking", connection -> value(connection, "SHOW " + name));
        }
    }

    private static String value(Connection connection, String sql) throws SQLException {
        try (ResultSet row = connection.createStatement().executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    private String uri(String parameters) {
        return database.replaceFirst("//[^@]*@", "//%s:secret@".formatted(role)) + parameters;
    }

    private static synchronized String newRole(String attributes) {
        String name = "settings_" + ++roles;
        TestingPostgres.execute(
                TestingPostgres.shared().uri(),
                "CREATE ROLE %s LOGIN PASSWORD 'secret' %s".formatted(name, attributes));
        return name;
    }
}
