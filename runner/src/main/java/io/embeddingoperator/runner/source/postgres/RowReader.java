package io.embeddingoperator.runner.source.postgres;

import io.embeddingoperator.runner.document.ColumnType;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.Limits;
import io.embeddingoperator.runner.document.MetadataColumn;
import io.embeddingoperator.runner.postgres.SqlFailure;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Turns rows of {@link TableQueries#page} into documents. */
final class RowReader {
    private static final String ADVICE =
            ": exclude such rows with spec.source.postgres.where, or raise spec.failurePolicy.maxFailedDocuments";

    private final TableQueries queries;
    private final KeyColumns keyColumns;

    RowReader(TableQueries queries) {
        this.queries = queries;
        this.keyColumns = queries.columns().key();
    }

    RowKey key(ResultSet row) throws SQLException {
        return keyColumns.read(row);
    }

    /** Adds the row, whose key was read before, to the documents or to the failed ones. */
    void read(ResultSet row, RowKey key, long copies, long bytes, List<Document> documents, List<FailedDocument> failed)
            throws SQLException {
        if (copies > 1) {
            failed.add(failed(
                    key,
                    "%s stands in %d rows of %s%s"
                            .formatted(
                                    keyColumns.label(key),
                                    copies,
                                    queries.table().name(),
                                    queries.composite()
                                            .map(CompositeKey::remedy)
                                            .orElse(": make it unique, or change " + keyColumns.field()))));
        } else if (bytes > Limits.MAX_DOCUMENT_BYTES) {
            failed.add(failed(
                    key,
                    String.format(
                            Locale.ROOT,
                            "text and metadata are %,d bytes long, and %,d are the most%s",
                            bytes,
                            Limits.MAX_DOCUMENT_BYTES,
                            ADVICE)));
        } else {
            readWhole(row, key, documents, failed);
        }
    }

    FailedDocument failed(RowKey key, String reason) {
        return new FailedDocument(Optional.of(keyColumns.key(key).toString()), location(key), reason);
    }

    FailedDocument unreadable(RowKey key, SQLException e) {
        return failed(key, "the row cannot be read: " + SqlFailure.words(e) + ADVICE);
    }

    FailedDocument withoutKey(String location) {
        return new FailedDocument(
                Optional.empty(),
                location,
                "%s is null: fill it in, or exclude such rows with spec.source.postgres.where"
                        .formatted(keyColumns.names(" or ")));
    }

    private void readWhole(ResultSet row, RowKey key, List<Document> documents, List<FailedDocument> failed)
            throws SQLException {
        String column = "";
        try {
            String text = null;
            int index = 1 + keyColumns.columns().size();
            for (CatalogColumn textColumn : queries.columns().texts()) {
                column = textColumn.name();
                String part = row.getString(index++);
                if (part != null) {
                    text = text == null ? part : text + "\n" + part;
                }
            }
            List<Object> metadata = new ArrayList<>(queries.columns().metadata().size());
            for (MetadataColumn metadataColumn : queries.columns().metadata()) {
                column = metadataColumn.name();
                metadata.add(value(row, index++, metadataColumn.type()));
            }
            if (text == null || text.isBlank()) {
                failed.add(FailedDocument.empty(
                        keyColumns.key(key).toString(),
                        location(key),
                        "empty text: " + queries.columns().textNames()
                                + (queries.columns().texts().size() == 1 ? " is" : " are") + " null or blank"
                                + ADVICE));
            } else {
                documents.add(new Document(keyColumns.key(key), text, metadata, location(key)));
            }
        } catch (SQLException e) {
            requireData(e);
            failed.add(failed(key, "%s cannot be read: %s%s".formatted(column, SqlFailure.words(e), ADVICE)));
        }
    }

    private static @Nullable Object value(ResultSet row, int index, ColumnType type) throws SQLException {
        Object value = switch (type) {
            case BOOLEAN -> row.getBoolean(index);
            case SMALLINT -> row.getShort(index);
            case INTEGER -> row.getInt(index);
            case BIGINT -> row.getLong(index);
            case REAL -> row.getFloat(index);
            case DOUBLE -> row.getDouble(index);
            case NUMERIC ->
                Optional.ofNullable(row.getString(index)).map(type::parse).orElse(null);
            case TEXT, JSONB -> row.getString(index);
            case UUID -> row.getObject(index, UUID.class);
            case DATE -> row.getObject(index, LocalDate.class);
            case TIMESTAMP -> row.getObject(index, LocalDateTime.class);
            case TIMESTAMPTZ ->
                Optional.ofNullable(row.getObject(index, OffsetDateTime.class))
                        .map(OffsetDateTime::toInstant)
                        .orElse(null);
        };
        return row.wasNull() ? null : value;
    }

    private static void requireData(SQLException e) throws SQLException {
        if (SqlFailure.of(e) != SqlFailure.DATA) {
            throw e;
        }
    }

    private String location(RowKey key) {
        return queries.table().name() + " " + keyColumns.label(key);
    }
}
