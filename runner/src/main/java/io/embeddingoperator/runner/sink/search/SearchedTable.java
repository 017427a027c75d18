package io.embeddingoperator.runner.sink.search;

import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.postgres.SqlFailure;
import io.embeddingoperator.runner.postgres.TableName;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.sink.table.PresentTable;
import io.embeddingoperator.runner.sink.table.TextColumn;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A table as a search looks at it.
 *
 * @param metadata names of the columns that are neither the key nor the runner's own
 * @param filters which all rows must meet
 */
public record SearchedTable(PresentTable present, String key, List<String> metadata, List<SearchFilter> filters) {
    public SearchedTable {
        metadata = List.copyOf(metadata);
        filters = List.copyOf(filters);
    }

    /** @throws SpecificationException when there is no such table yet, or when it cannot meet one of the filters */
    public static SearchedTable find(Connection connection, TableName name, List<SearchFilter> filters)
            throws SQLException {
        PresentTable present = PresentTable.find(connection, name)
                .orElseThrow(() -> new SpecificationException(
                        "spec.sink.pgvector.table is %s, which does not exist yet: run the job first".formatted(name)));
        String key = keyColumn(present);
        List<String> metadata = present.columns().keySet().stream()
                .filter(column -> !column.equals(key) && !EmbeddingTable.isOwn(column) && !isWords(present, column))
                .toList();
        for (SearchFilter filter : filters) {
            new SearchedTable(present, key, metadata, List.of(filter)).check(connection, filter);
        }
        return new SearchedTable(present, key, metadata, filters);
    }

    /** Whether the table has the words of the content. */
    public boolean hasWords() {
        return isWords(present, TextColumn.NAME);
    }

    private static boolean isWords(PresentTable table, String column) {
        PresentTable.PresentColumn found = table.columns().get(column);
        return column.equals(TextColumn.NAME)
                && found != null
                && found.generated()
                && found.type().equals(TextColumn.TYPE);
    }

    /** The condition on a row, with a question mark for each value; empty where there are no filters. */
    public String where() {
        return filters.isEmpty()
                ? ""
                : filters.stream().map(SearchFilter::sql).collect(Collectors.joining(" AND ", " WHERE ", ""));
    }

    /**
     * Gives a statement the values of {@link #where}: the server takes a value of no declared type for one of its column's type.
     *
     * @return the parameter behind them
     */
    public int bind(PreparedStatement statement, int first) throws SQLException {
        int next = first;
        for (SearchFilter filter : filters) {
            if (filter.value().isPresent()) {
                statement.setObject(next++, filter.value().get(), Types.OTHER);
            }
        }
        return next;
    }

    /** Lets the server read the value as one of the column's type, which needs no row. */
    private void check(Connection connection, SearchFilter filter) throws SQLException {
        if (!filter.column().equals(key) && !metadata.contains(filter.column())) {
            List<String> columns = new ArrayList<>(List.of(key));
            columns.addAll(metadata);
            throw new SpecificationException("--where is '%s', and %s has no column %s to filter by: use one of %s"
                    .formatted(filter.text(), present.name(), filter.column(), String.join(", ", columns)));
        }
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT FROM %s%s LIMIT 0".formatted(present.name().sql(), where()))) {
            bind(statement, 1);
            statement.execute();
        } catch (SQLException e) {
            throw switch (SqlFailure.of(e)) {
                case DATA, SPECIFICATION ->
                    throw new SpecificationException(
                            "--where is '%s', and column %s is %s; the server says: %s"
                                    .formatted(
                                            filter.text(),
                                            filter.column(),
                                            Objects.requireNonNull(
                                                            present.columns().get(filter.column()))
                                                    .type(),
                                            SqlFailure.serverWords(e)),
                            e);
                case UNAVAILABLE, UNEXPECTED -> e;
            };
        }
    }

    /** The other half of the unique key (key, chunk). */
    private static String keyColumn(PresentTable table) {
        return table.uniqueKeys().stream()
                .filter(columns -> columns.size() == 2 && columns.contains(EmbeddingTable.CHUNK))
                .flatMap(Set::stream)
                .filter(column -> !column.equals(EmbeddingTable.CHUNK))
                .findFirst()
                .orElseThrow(() -> new SpecificationException(
                        ("spec.sink.pgvector.table is %s, which has no unique index on a key and chunk: run the "
                                        + "job first")
                                .formatted(table.name())));
    }
}
