package io.embeddingoperator.runner.source.postgres;

import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.postgres.Database;
import io.embeddingoperator.runner.postgres.SqlFailure;
import io.embeddingoperator.runner.source.KeyRange;
import io.embeddingoperator.runner.source.SourceWindow;
import io.embeddingoperator.runner.source.WindowReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.postgresql.PGStatement;

/** Reads a range of keys page by page, each in a short transaction of its own, and then the rows without a key. */
final class TableReader implements WindowReader {
    private final Database database;
    private final TableQueries queries;
    private final RowReader rows;
    private final KeyBounds range;
    private final boolean readsRowsWithoutKey;
    private final boolean hasIndex;
    private final int windowDocuments;
    private final String reading;
    private ReadPosition position;

    /**
     * @param readsRowsWithoutKey one reader of a run does
     * @param hasIndex whether the server can read in the key's order without sorting
     */
    TableReader(
            Database database,
            TableQueries queries,
            KeyBounds range,
            boolean readsRowsWithoutKey,
            boolean hasIndex,
            int windowDocuments,
            ReadPosition position) {
        this.database = database;
        this.queries = queries;
        this.rows = new RowReader(queries);
        this.range = range;
        this.readsRowsWithoutKey = readsRowsWithoutKey;
        this.hasIndex = hasIndex;
        this.windowDocuments = windowDocuments;
        this.reading = "Reading " + queries.table().name();
        this.position = position;
    }

    @Override
    public Optional<SourceWindow> next() {
        try {
            if (!position.keysAreDone()) {
                return Optional.of(keys());
            }
            return readsRowsWithoutKey ? withoutKey() : Optional.empty();
        } catch (SQLException e) {
            throw database.failure("reading " + queries.table().name(), e);
        }
    }

    /** Nothing is held between pages. */
    @Override
    public void close() {}

    // ---- keys ------------------------------------------------------------------------------------------------------

    private SourceWindow keys() throws SQLException {
        KeyBounds rest = new KeyBounds(position.key() == null ? range.after() : position.key(), range.through());
        Page page = page(rest, windowDocuments);
        KeyRange covered = new KeyBounds(rest.after(), page.last() ? rest.through() : page.end())
                .range(queries.columns().key());
        position = page.last() ? ReadPosition.KEYS_DONE : ReadPosition.afterKey(page.end());
        return new SourceWindow(
                page.documents(),
                page.failed(),
                position.position(),
                page.keys(),
                page.textBytes(),
                Optional.of(covered));
    }

    /** A value that the server itself cannot read fails the whole page: the page shrinks until that row stands alone. */
    private Page page(KeyBounds rest, int limit) throws SQLException {
        try {
            return database.readRows(reading, connection -> read(connection, rest, limit));
        } catch (SQLException e) {
            if (SqlFailure.of(e) != SqlFailure.DATA && !SqlFailure.state(e).startsWith("XX")) {
                throw e;
            }
            return limit > 1 ? page(rest, limit / 2) : single(rest);
        }
    }

    private Page single(KeyBounds rest) throws SQLException {
        Optional<RowKey> key;
        try {
            key = database.readRows(reading, connection -> firstKey(connection, rest));
        } catch (SQLException e) {
            throw new SpecificationException(
                    "%s cannot be read %s: %s: correct that row's %s or the condition in spec.source.postgres.where"
                            .formatted(
                                    queries.table().name(),
                                    rest.after() == null
                                            ? "from its start"
                                            : "after " + keyColumns().label(rest.after()),
                                    SqlFailure.words(e),
                                    keyColumns().names(" and ")),
                    e);
        }
        if (key.isEmpty()) {
            return Page.nothingLeft();
        }
        KeyBounds alone = new KeyBounds(rest.after(), key.get());
        try {
            return database.readRows(reading, connection -> read(connection, alone, 1))
                    .withMore(key.get());
        } catch (SQLException e) {
            return Page.failed(rows.unreadable(key.get(), e), key.get());
        }
    }

    private KeyColumns keyColumns() {
        return queries.columns().key();
    }

    private Optional<RowKey> firstKey(Connection connection, KeyBounds rest) throws SQLException {
        try (PreparedStatement statement = prepare(connection, queries.firstKey(rest), rest);
                ResultSet row = statement.executeQuery()) {
            return row.next() ? Optional.of(rows.key(row)) : Optional.empty();
        }
    }

    private Page read(Connection connection, KeyBounds rest, int limit) throws SQLException {
        if (hasIndex) {
            preferIndex(connection);
        }
        try (PreparedStatement statement = prepare(connection, queries.page(rest, limit), rest);
                ResultSet row = statement.executeQuery()) {
            return Page.read(row, rows, limit);
        }
    }

    /** Without statistics the server would rather sort the whole rest of the range for every page. */
    private static void preferIndex(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SET LOCAL enable_sort = off")) {
            statement.execute();
        }
    }

    private PreparedStatement prepare(Connection connection, String sql, KeyBounds bounds) throws SQLException {
        PreparedStatement statement = queries.prepare(connection, sql);
        // A plan for bounds in general would not know how much of the table they leave.
        statement.unwrap(PGStatement.class).setPrepareThreshold(0);
        int next = bind(statement, 1, bounds.after());
        bind(statement, next, bounds.through());
        return statement;
    }

    private static int bind(PreparedStatement statement, int first, RowKey key) throws SQLException {
        int next = first;
        if (key != null) {
            for (String value : key.values()) {
                statement.setObject(next++, value, Types.OTHER);
            }
        }
        return next;
    }

    // ---- rows without a key ----------------------------------------------------------------------------------------

    private Optional<SourceWindow> withoutKey() throws SQLException {
        String place = position.withoutKey();
        NullKeys found = database.readRows(
                reading,
                connection -> queries.table().kind().isStored()
                        ? placed(connection, place.isEmpty() ? "0 (0,0)" : place)
                        : counted(connection, place.isEmpty() ? 0 : Long.parseLong(place)));
        if (found.failed.isEmpty()) {
            return Optional.empty();
        }
        position = ReadPosition.afterRowWithoutKey(found.place);
        return Optional.of(new SourceWindow(
                List.of(), found.failed, position.position(), found.failed.size(), 0, Optional.empty()));
    }

    private NullKeys placed(Connection connection, String place) throws SQLException {
        List<FailedDocument> failed = new ArrayList<>();
        String last = place;
        String[] tableAndRow = place.split(" ");
        String sql = queries.withoutKey(windowDocuments);
        try (PreparedStatement statement = queries.prepare(connection, sql)) {
            statement.setObject(1, tableAndRow[0], Types.OTHER);
            statement.setObject(2, tableAndRow[1], Types.OTHER);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    String ctid = row.getString(2);
                    failed.add(rows.withoutKey(row.getString(3) + " ctid=" + ctid));
                    last = row.getString(1) + " " + ctid;
                }
            }
        }
        return new NullKeys(failed, last);
    }

    /** Rows of a view have no place, and without a key nothing tells them apart: they are told off by number. */
    private NullKeys counted(Connection connection, long reported) throws SQLException {
        try (PreparedStatement statement = queries.prepare(connection, queries.countWithoutKey());
                ResultSet row = statement.executeQuery()) {
            row.next();
            long end = Math.min(row.getLong(1), reported + windowDocuments);
            List<FailedDocument> failed = LongStream.rangeClosed(reported + 1, end)
                    .mapToObj(number -> rows.withoutKey(queries.table().name() + " row " + number + " without a key"))
                    .toList();
            return new NullKeys(failed, Long.toString(end));
        }
    }

    private record NullKeys(List<FailedDocument> failed, String place) {}
}
