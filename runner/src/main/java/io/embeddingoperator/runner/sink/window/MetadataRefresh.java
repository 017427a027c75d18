package io.embeddingoperator.runner.sink.window;

import io.embeddingoperator.runner.document.ColumnType;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.MetadataColumn;
import io.embeddingoperator.runner.postgres.Identifier;
import io.embeddingoperator.runner.sink.copy.MetadataField;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Brings the metadata of documents up to date whose text is not embedded again. Values travel as text, which every type of
 * a metadata column reads; rows that have them already are not touched.
 */
final class MetadataRefresh {
    private final EmbeddingTable table;

    MetadataRefresh(EmbeddingTable table) {
        this.table = table;
    }

    Bisection.Outcome<Document> refresh(Connection connection, List<Document> unchanged) throws SQLException {
        return table.metadata().isEmpty()
                ? new Bisection.Outcome<>(unchanged, List.of())
                : Bisection.write(connection, unchanged, some -> update(connection, some));
    }

    private void update(Connection connection, List<Document> documents) throws SQLException {
        int columns = table.metadata().size();
        String sql = """
                UPDATE %s AS stored SET %s
                FROM unnest(%s) AS fresh (key, %s)
                WHERE stored.%s = fresh.key::%s AND %s AND (%s) IS DISTINCT FROM (%s)
                """.formatted(
                table.name().sql(),
                each(i -> name(i) + " = " + fresh(i)),
                IntStream.rangeClosed(0, columns).mapToObj(i -> "?::text[]").collect(Collectors.joining(", ")),
                each("m%d"::formatted),
                table.key(),
                table.keyType().sqlName(),
                table.mayReplace("stored"),
                each(i -> "stored." + name(i)),
                each(this::fresh));
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(
                    1, texts(connection, documents, document -> document.key().toString()));
            for (int i = 0; i < columns; i++) {
                int column = i;
                ColumnType type = table.metadata().get(i).type();
                statement.setArray(
                        i + 2,
                        texts(
                                connection,
                                documents,
                                document -> MetadataField.literal(
                                        type, document.metadata().get(column))));
            }
            statement.executeUpdate();
        }
    }

    private String each(Function<Integer, String> part) {
        return IntStream.range(0, table.metadata().size()).boxed().map(part).collect(Collectors.joining(", "));
    }

    private String name(int column) {
        return Identifier.quote(table.metadata().get(column).name());
    }

    private String fresh(int column) {
        MetadataColumn metadata = table.metadata().get(column);
        return "fresh.m%d::%s".formatted(column, metadata.type().sqlName());
    }

    private static java.sql.Array texts(
            Connection connection, List<Document> documents, Function<Document, String> value) throws SQLException {
        return connection.createArrayOf("text", documents.stream().map(value).toArray());
    }
}
