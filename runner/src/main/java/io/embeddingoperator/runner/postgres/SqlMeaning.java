package io.embeddingoperator.runner.postgres;

import java.sql.SQLException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * What a failure means, told from its SQLSTATE alone. The server's own words quote the values that it was reading, such as
 * {@code invalid input syntax for type integer: "a secret"}, and a message ends up in logs, events and a status.
 */
final class SqlMeaning {
    private static final String RAISED_ERROR = "a function or trigger raised an error";

    private static final Map<String, String> STATES = Map.ofEntries(
            Map.entry("20000", "a CASE of a function has no branch for a value"),
            Map.entry("21000", "more than one row came from a subquery that stands for one value"),
            Map.entry("22001", "a value is too long for its type"),
            Map.entry("22003", "a number is out of the range of its type"),
            Map.entry("22007", "invalid input syntax for a date or time"),
            Map.entry("22008", "a date or time is out of range"),
            Map.entry("2200N", "invalid XML content"),
            Map.entry("22012", "division by zero"),
            Map.entry("2201B", "invalid regular expression"),
            Map.entry("22021", "invalid byte sequence for the encoding"),
            Map.entry("22023", "invalid value of a parameter"),
            Map.entry("22032", "invalid JSON text"),
            Map.entry("22P02", "invalid input syntax for its type"),
            Map.entry("22P03", "invalid binary form of a value"),
            Map.entry("22P05", "a character that the encoding does not have"),
            Map.entry("23502", "a value is null where the table wants one"),
            Map.entry("23503", "a foreign key has no partner"),
            Map.entry("23505", "a unique index has the value already"),
            Map.entry("23514", "a check constraint is not kept"),
            Map.entry("2F005", "a function ended without a value"),
            Map.entry("44000", "a row is not one that its view may have"),
            Map.entry("53100", "the server's disk is full"),
            Map.entry("53200", "the server is out of memory"),
            Map.entry("57014", "the server cancelled the statement"),
            Map.entry("P0001", RAISED_ERROR));

    private static final Map<String, String> CLASSES = Map.ofEntries(
            Map.entry("22", "a value cannot be handled"),
            Map.entry("23", "a constraint is not kept"),
            Map.entry("2F", "a function failed"),
            Map.entry("38", "a function failed"),
            Map.entry("39", "a function failed"),
            Map.entry("40", "the server rolled the transaction back"),
            Map.entry("42", "a function or the condition asks for what is not there or not allowed"),
            Map.entry("53", "the server is short of resources"),
            Map.entry("54", "a limit of the server is exceeded"),
            Map.entry("55", "something is not ready to be used"),
            Map.entry("57", "the server ended the statement or the connection"),
            Map.entry("HV", "a foreign server failed"),
            Map.entry("P0", "a function or trigger failed"));

    /** Errors of the server in this class name objects, never values, and often say what to do. */
    private static final String OBJECT_NOT_READY = "55";

    /** Nothing of a value can stand in these: the type's name follows in plain letters. */
    private static final Pattern TYPE = Pattern.compile("invalid input syntax for type ([a-z ]{1,40})(?![a-z])");

    private static final String RAISED = "exec_stmt_raise";

    private SqlMeaning() {}

    /** The meaning with the SQLSTATE, by which the server's manual can be asked. */
    static String of(SQLException failure) {
        String state = SqlFailure.state(failure);
        ServerErrorMessage message = message(failure);
        if (state.startsWith(OBJECT_NOT_READY) && message != null && !isRaised(failure)) {
            return "%s (SQLSTATE %s)".formatted(withHint(message), state);
        }
        String sentence = STATES.getOrDefault(state, isRaised(failure) ? RAISED_ERROR : ofClass(state));
        if (state.equals("22P02")) {
            Matcher type = TYPE.matcher(message == null || isRaised(failure) ? "" : message.getMessage());
            if (type.lookingAt()) {
                sentence = type.group();
            }
        }
        return state.isEmpty() ? sentence : "%s (SQLSTATE %s)".formatted(sentence, state);
    }

    private static String ofClass(String state) {
        return CLASSES.getOrDefault(state.substring(0, Math.min(2, state.length())), "the server failed");
    }

    /** The same failure for those who tell of it or log it: what the server or the driver said of values is gone. */
    static SQLException withoutData(SQLException failure) {
        if (message(failure) == null && !mayShowValues(failure)) {
            // The driver's words on its connection, or the runner's own.
            return failure;
        }
        SQLException meaning = new SqlFailureWithoutData(
                of(failure), SqlFailure.state(failure), isOfServer(failure), isRaised(failure));
        meaning.setStackTrace(failure.getStackTrace());
        return meaning;
    }

    /**
     * Whether the words are the server's or the driver's on a value; the server's own on a constraint name table and
     * constraint alone.
     */
    static boolean mayShowValues(SQLException failure) {
        if (SqlFailure.of(failure) != SqlFailure.DATA) {
            return false;
        }
        ServerErrorMessage message = message(failure);
        if (message == null) {
            return failure instanceof PSQLException || failure.getCause() instanceof PSQLException;
        }
        return isRaised(failure) || !SqlFailure.state(failure).startsWith("23");
    }

    /** The server's message, found in its causes where it has none itself; null without any. */
    static @Nullable ServerErrorMessage message(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            ServerErrorMessage message = cause instanceof PSQLException e ? e.getServerErrorMessage() : null;
            if (message != null && message.getMessage() != null) {
                return message;
            }
        }
        return null;
    }

    /** Whether a function raised it: RAISE may give any SQLSTATE to any words. */
    static boolean isRaised(SQLException failure) {
        if (failure instanceof SqlFailureWithoutData meaning) {
            return meaning.raised;
        }
        ServerErrorMessage message = message(failure);
        return message != null && RAISED.equals(message.getRoutine());
    }

    /** Whether the server sent it, and not the driver. */
    static boolean isOfServer(SQLException failure) {
        return failure instanceof SqlFailureWithoutData meaning ? meaning.ofServer : message(failure) != null;
    }

    private static String withHint(ServerErrorMessage message) {
        return message.getHint() == null
                ? message.getMessage()
                : "%s (%s)".formatted(message.getMessage(), message.getHint());
    }

    private static final class SqlFailureWithoutData extends SQLException {
        private final boolean ofServer;
        private final boolean raised;

        private SqlFailureWithoutData(String meaning, String state, boolean ofServer, boolean raised) {
            super(meaning, state);
            this.ofServer = ofServer;
            this.raised = raised;
        }
    }
}
