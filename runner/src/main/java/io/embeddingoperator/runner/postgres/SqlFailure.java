package io.embeddingoperator.runner.postgres;

import java.io.EOFException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Optional;
import org.postgresql.util.ServerErrorMessage;

/** What a failed statement calls for. */
public enum SqlFailure {
    /** The server is away, full, overloaded or rolled the transaction back for another's sake: a later try may succeed. */
    UNAVAILABLE,
    /** A value that was sent or read cannot be handled; other rows can. */
    DATA,
    /** A missing table, column, permission or login: a person must act. */
    SPECIFICATION,
    /** Anything else: the server failed inside, or this program made a mistake. */
    UNEXPECTED;

    /** A standby, a setting, or a transaction that was begun to read. */
    static final String READ_ONLY = "25006";

    private static final String CANCELLED = "57014";

    public static SqlFailure of(SQLException failure) {
        String state = state(failure);
        if (failure instanceof SQLTransientConnectionException) {
            // The pool had no connection to give in time; it has a state only where opening one failed.
            return UNAVAILABLE;
        }
        return switch (state) {
            // Rejected before the login was tried: no TLS, no password given, an authentication that the driver lacks.
            case "08004" -> SPECIFICATION;
            // The database was dropped; a function, file or extension is missing.
            case "57P04", "58P01", "58P02" -> SPECIFICATION;
            // A standby, or a primary that was just replaced.
            case READ_ONLY, "25P03", "55P03", "55006" -> UNAVAILABLE;
            // A foreign server cannot be reached.
            case "HV00N" -> UNAVAILABLE;
            default ->
                switch (state.substring(0, Math.min(2, state.length()))) {
                    case "08", "40", "53", "57", "58", "72" -> UNAVAILABLE;
                    // A function or trigger that raises an error does so for the row at hand.
                    case "09", "20", "21", "22", "23", "27", "2F", "38", "39", "44", "54", "P0" -> DATA;
                    // Of 55, an object that is not ready to be used: a materialized view without rows.
                    case "0A", "0L", "0P", "28", "2B", "3B", "3D", "3F", "42", "55", "F0", "HV" -> SPECIFICATION;
                    // Functions may raise errors with states of their own.
                    default -> SqlMeaning.isRaised(failure) ? DATA : UNEXPECTED;
                };
        };
    }

    /** The same failure with its SQLSTATE's meaning in place of words that may show values; a lost connection keeps its own. */
    public static SQLException withoutData(SQLException failure) {
        return SqlMeaning.withoutData(failure);
    }

    /** The five characters that name the failure, found in its causes where it has none itself; empty without any. */
    public static String state(SQLException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                return sql.getSQLState();
            }
        }
        return "";
    }

    /** The schema of the table whose constraint was violated, where the server names one. */
    public static Optional<String> schema(SQLException failure) {
        return Optional.ofNullable(SqlMeaning.message(failure)).map(ServerErrorMessage::getSchema);
    }

    /**
     * What a failure means to a person. Of a failure that a value caused it is the meaning of its SQLSTATE, as the server's
     * words would show the value.
     */
    public static String words(SQLException failure) {
        return SqlMeaning.mayShowValues(failure) ? SqlMeaning.of(failure) : serverWords(failure);
    }

    /**
     * What the server, or else the driver, says: the server's own words without severity and position. They may show values,
     * so they are for statements that the server has not run yet.
     */
    public static String serverWords(SQLException failure) {
        ServerErrorMessage message = SqlMeaning.message(failure);
        if (message != null) {
            return CANCELLED.equals(message.getSQLState())
                    ? "the server cancelled a statement of the runner (%s)".formatted(message.getMessage())
                    : message.getMessage();
        }
        Throwable deepest = failure;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        return switch (deepest) {
            case UnknownHostException _ -> "the host name is unknown";
            case SocketTimeoutException _ -> "no answer within the time limit";
            case EOFException _ -> "the server closed the connection";
            case ConnectException _ -> "connection refused";
            default -> deepest.getMessage() == null ? deepest.toString() : deepest.getMessage();
        };
    }
}
