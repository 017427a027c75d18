package io.embeddingoperator.runner.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Why a server refuses to write, found out on a connection of its own. */
record ReadOnlyReason(ConnectionUri uri) {
    String sentence() {
        try (Connection connection = SessionSettings.forAQuestion(uri);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('default_transaction_read_only')")) {
            row.next();
            if (row.getBoolean(1)) {
                return "the server is a standby: name the primary, or all servers and target_session_attrs=read-write";
            }
            return row.getString(2).equals("on")
                    ? "default_transaction_read_only is on for the role, the database or the server, and something between it"
                            + " and the runner keeps the runner from switching it off in its session"
                    : "the server that answers now takes writes: it was a standby, or the transaction was begun to read";
        } catch (SQLException e) {
            return "the server cannot be asked why: " + SqlFailure.words(e);
        }
    }
}
