package io.embeddingoperator.runner.postgres;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * A session of the server, as a person finds it again: process, role, program, where it comes from, and since when it does what.
 * Of another role's session the server tells less.
 *
 * @param state and how long it has lasted; empty where the server does not tell
 */
public record ServerSession(
        long process, String role, String application, Optional<String> address, Optional<String> state) {
    /** What {@link #read} reads, of pg_stat_activity as {@code a}. */
    public static final String COLUMNS = """
            a.pid, a.usename, a.application_name, pg_catalog.host(a.client_addr) AS client, a.state,
            extract(epoch FROM pg_catalog.clock_timestamp() - a.state_change)::bigint AS state_seconds,
            to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS connected_at""";

    private static final int LONGEST_NAME = 64;

    public static ServerSession read(ResultSet row) throws SQLException {
        String state = row.getString("state");
        return new ServerSession(
                row.getLong("pid"),
                clean(row.getString("usename")),
                clean(row.getString("application_name")),
                Optional.ofNullable(row.getString("client")),
                state == null
                        ? Optional.empty()
                        : Optional.of("%s for %d s, connected since %s"
                                .formatted(state, row.getLong("state_seconds"), row.getString("connected_at"))));
    }

    /** For example: {@code process 4711 (role mallory, application psql, from 10.0.0.3, idle for 12 s, connected since …)}. */
    public String sentence() {
        StringJoiner words = new StringJoiner(", ", "process " + process + " (", ")");
        words.add("role " + role);
        words.add(application.isEmpty() ? "without an application name" : "application " + application);
        address.ifPresent(from -> words.add("from " + from));
        words.add(state.orElse("the server does not say since when"));
        return words.toString();
    }

    /** Another role chose these names. */
    private static String clean(String name) {
        if (name == null) {
            return "unknown";
        }
        String printable = name.replaceAll("[^\\x20-\\x7E]", "?");
        return printable.length() <= LONGEST_NAME ? printable : printable.substring(0, LONGEST_NAME) + "…";
    }
}
