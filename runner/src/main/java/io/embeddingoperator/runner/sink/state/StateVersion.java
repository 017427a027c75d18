package io.embeddingoperator.runner.sink.state;

import io.embeddingoperator.runner.failure.UnavailableException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the tables of the state say of themselves. A runner that cannot make sense of it is no failed run: another runner, or a
 * person, has to come first, and the same try succeeds then.
 *
 * @param version the oldest runner that may work with them
 * @param revision how many steps were taken
 */
record StateVersion(int version, int revision) {
    static final StateVersion NOTHING = new StateVersion(0, 0);

    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,18}");

    /**
     * Read as texts: a later runner may make another type of a column. The tables of a runner that kept no revision have no
     * column for it: then it is the version.
     */
    private static final String SQL = """
            SELECT to_jsonb(v) ->> 'version',
              CASE WHEN jsonb_exists(to_jsonb(v), 'revision') THEN to_jsonb(v) ->> 'revision' ELSE to_jsonb(v) ->> 'version' END
            FROM embedding_operator.version v ORDER BY 1 LIMIT 2
            """;

    /**
     * Reads it.
     *
     * @param known the revision that this runner knows
     * @throws UnavailableException when the tables need another runner, or contradict themselves
     */
    static StateVersion read(Connection connection, int known) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(SQL)) {
            if (!row.next()) {
                throw unusable("is empty");
            }
            String version = row.getString(1);
            String revision = row.getString(2);
            if (row.next()) {
                throw unusable("has several rows");
            }
            if (!isNumber(version) || !isNumber(revision)) {
                throw unusable("has something else than whole numbers in its columns version and revision");
            }
            return checked(Long.parseLong(version), Long.parseLong(revision), known);
        }
    }

    private static StateVersion checked(long version, long revision, int known) {
        if (version < 1 || revision < version) {
            throw unusable("says version %d and revision %d, which no runner writes".formatted(version, revision));
        }
        if (version > known) {
            throw new UnavailableException(
                    ("the schema embedding_operator needs a runner that knows its revision %d, and this one knows %d:"
                                    + " use the newer runner; until then it is tried again")
                            .formatted(version, known));
        }
        return new StateVersion((int) version, (int) Math.min(revision, Integer.MAX_VALUE));
    }

    /** What to say when the steps that should be missing are there already. */
    UnavailableException contradicted(SQLException cause) {
        return unusable("says revision %d, and the tables have what later ones bring".formatted(revision), cause);
    }

    private static boolean isNumber(String text) {
        return text != null && NUMBER.matcher(text).matches();
    }

    private static UnavailableException unusable(String what) {
        return unusable(what, null);
    }

    private static UnavailableException unusable(String what, @Nullable SQLException cause) {
        return new UnavailableException(
                ("the table embedding_operator.version %s, so that nothing tells which runner may use its schema: bring its"
                                + " row back from a backup, or remove the schema, and with it where runs in progress are")
                        .formatted(what),
                cause);
    }
}
