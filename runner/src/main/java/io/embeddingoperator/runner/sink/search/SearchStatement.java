package io.embeddingoperator.runner.sink.search;

import io.embeddingoperator.runner.postgres.Identifier;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.sink.table.TextColumn;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Optional;
import java.util.stream.Collectors;
import org.postgresql.util.PGobject;

/**
 * The one statement of a search. Its rows have distance, key, chunk and content, and then the metadata.
 *
 * <p>With words, the places of a row in two lists, of the nearest rows and of those with the words, are joined by reciprocal rank
 * fusion: each list gives {@code 1 / (60 + place)}, and the largest sums come first. Distances and ranks of words, which cannot be
 * compared, are not.
 *
 * @param operator of the distance, in SQL
 */
record SearchStatement(SearchedTable table, String operator, PGobject vector, Optional<Words> words, int limit) {
    /** How far each list goes at least: a row that is late in both may be early in the sum. */
    private static final int LISTED = 100;

    private static final String NEAREST = """
            SELECT %2$s AS distance, %3$s, chunk, content%4$s FROM %1$s AS r%5$s ORDER BY %2$s LIMIT ?""";

    private static final String FUSED = """
            WITH asked AS (SELECT websearch_to_tsquery(%6$s, ?) AS words),
            nearest AS (
              SELECT %7$s, chunk, row_number() OVER (ORDER BY distance) AS place FROM (
                SELECT %7$s, chunk, %2$s AS distance FROM %1$s AS r%5$s ORDER BY %2$s LIMIT ?) AS n),
            worded AS (
              SELECT %7$s, chunk, row_number() OVER (ORDER BY fit DESC, %7$s, chunk) AS place FROM (
                SELECT %7$s, chunk, ts_rank_cd(%8$s, (SELECT words FROM asked)) AS fit FROM %1$s AS r%9$s
                ORDER BY fit DESC, %7$s, chunk LIMIT ?) AS w),
            fused AS (
              SELECT %7$s, chunk,
                coalesce(1.0 / (60 + nearest.place), 0) + coalesce(1.0 / (60 + worded.place), 0) AS score
              FROM nearest FULL JOIN worded USING (%7$s, chunk))
            SELECT %2$s AS distance, %3$s, r.chunk, r.content%4$s
            FROM %1$s AS r JOIN fused ON fused.%7$s = r.%7$s AND fused.chunk = r.chunk
            ORDER BY fused.score DESC, distance LIMIT ?""";

    String sql() {
        String key = Identifier.quote(table.key());
        String metadata = table.metadata().stream()
                .map(column -> ", r.%s::text".formatted(Identifier.quote(column)))
                .collect(Collectors.joining());
        String where = table.where();
        String withWords = "%s %s @@ (SELECT words FROM asked)"
                .formatted(where.isEmpty() ? " WHERE" : where + " AND", TextColumn.NAME);
        return (words.isPresent() ? FUSED : NEAREST)
                .formatted(
                        table.present().name().sql(),
                        "r.%s %s ?".formatted(EmbeddingTable.EMBEDDING, operator),
                        "r.%s::text".formatted(key),
                        metadata,
                        where,
                        words.map(Words::column).map(TextColumn::configuration).orElse(""),
                        key,
                        TextColumn.NAME,
                        withWords);
    }

    void bind(PreparedStatement statement) throws SQLException {
        int next = 1;
        if (words.isPresent()) {
            int listed = Math.max(limit, LISTED);
            statement.setString(next++, words.get().text());
            next = bindNearest(statement, next, listed);
            next = table.bind(statement, next);
            statement.setInt(next++, listed);
            statement.setObject(next++, vector);
            statement.setInt(next, limit);
        } else {
            bindNearest(statement, next, limit);
        }
    }

    /** The list of the nearest rows; gives the parameter behind it. */
    private int bindNearest(PreparedStatement statement, int first, int rows) throws SQLException {
        statement.setObject(first, vector);
        int next = table.bind(statement, first + 1);
        statement.setObject(next++, vector);
        statement.setInt(next++, rows);
        return next;
    }

    /** How many candidates a scan of the index has to keep. */
    int nearestRows() {
        return words.isPresent() ? Math.max(limit, LISTED) : limit;
    }
}
