package io.embeddingoperator.runner.source.postgres;

import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.Limits;
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
import java.util.Objects;
import java.util.Optional;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
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
        SourceWindow window = window(rest, windowDocuments);
        position = ReadPosition.parse(window.end());
        return window;
    }

    /** A value that the server itself cannot read fails the whole query: it shrinks until that row stands alone. */
    private SourceWindow window(KeyBounds rest, int limit) throws SQLException {
        try {
            return database.readRows(reading, connection -> read(connection, rest, limit));
        } catch (SQLException e) {
            if (SqlFailure.of(e) != SqlFailure.DATA && !SqlFailure.state(e).startsWith("XX")) {
                throw e;
            }
            return limit > 1 ? window(rest, limit / 2) : single(rest);
        }
    }

    private SourceWindow single(KeyBounds rest) throws SQLException {
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
            return window(rest, Optional.empty(), List.of(), List.of(), 0, 0);
        }
        KeyBounds alone = new KeyBounds(rest.after(), key.get());
        try {
            SourceWindow one = database.readRows(reading, connection -> read(connection, alone, 1));
            return window(rest, key, one.documents(), one.failed(), one.work(), one.textBytes());
        } catch (SQLException e) {
            return window(rest, key, List.of(), List.of(rows.unreadable(key.get(), e)), 1, 0);
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

    private SourceWindow read(Connection connection, KeyBounds rest, int limit) throws SQLException {
        if (hasIndex) {
            preferIndex(connection);
        }
        try (PreparedStatement statement = prepare(connection, queries.page(rest, limit), rest);
                ResultSet row = statement.executeQuery()) {
            return read(row, rest, limit);
        }
    }

    private SourceWindow read(ResultSet row, KeyBounds rest, int limit) throws SQLException {
        List<Document> documents = new ArrayList<>();
        List<FailedDocument> failed = new ArrayList<>();
        long keys = 0;
        long allRows = 0;
        long sentBytes = 0;
        long textBytes = 0;
        Optional<RowKey> end = Optional.empty();
        while (row.next()) {
            long copies = row.getLong(TableQueries.COPIES);
            long bytes = row.getLong(TableQueries.BYTES);
            RowKey key = rows.key(row);
            keys++;
            allRows += copies;
            sentBytes += copies == 1 && bytes <= Limits.MAX_DOCUMENT_BYTES ? bytes : 0;
            end = Optional.of(key);
            int before = documents.size();
            rows.read(row, key, copies, bytes, documents, failed);
            textBytes += documents.size() > before ? bytes : 0;
        }
        // The server stops after the row that fills the window: see TableQueries.page.
        boolean last = allRows < limit && sentBytes < Limits.MAX_WINDOW_BYTES;
        return window(rest, last ? Optional.empty() : end, documents, failed, keys, textBytes);
    }

    /**
     * @param end the last key; empty where no row of the rest follows
     * @param keys rows, those of one key counted once
     */
    private SourceWindow window(
            KeyBounds rest,
            Optional<RowKey> end,
            List<Document> documents,
            List<FailedDocument> failed,
            long keys,
            long textBytes) {
        KeyBounds covered = new KeyBounds(rest.after(), end.orElse(rest.through()));
        ReadPosition reached = end.map(ReadPosition::afterKey).orElse(ReadPosition.KEYS_DONE);
        return new SourceWindow(documents, failed, reached.position(), keys, textBytes, covered(covered));
    }

    /** A window of changed rows says nothing of the keys between them. */
    private Optional<KeyRange> covered(KeyBounds bounds) {
        return queries.changes().isPresent() ? Optional.empty() : Optional.of(bounds.range(keyColumns()));
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

    private static int bind(PreparedStatement statement, int first, @Nullable RowKey key) throws SQLException {
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
        String place = Objects.requireNonNull(position.withoutKey(), "withoutKey");
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
