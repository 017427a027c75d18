package io.embeddingoperator.runner.sink.state;

import io.embeddingoperator.runner.document.DocumentHash;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.source.StoredFile;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The tables embedding_operator.read_files and read_documents: which files the runs of a job have read, and the keys of their
 * documents. A file has a row for each shard that read a part of it; a run that leaves it alone takes its rows over, without a shard.
 */
public final class ReadFiles {
    private static final int HANDED_OVER_AT_ONCE = 1_000;

    private ReadFiles() {}

    /**
     * A part of a file that a window has.
     *
     * @param bytes of it that were read
     * @param keys of its documents, each as text
     * @param withoutText documents that have no rows, and no failure either
     * @param flawless whether nothing of it failed, as far as the window knows
     */
    public record Part(
            String path, long size, String version, long bytes, List<String> keys, int withoutText, boolean flawless) {
        public Part {
            keys = List.copyOf(keys);
        }
    }

    /** Adds what a window has of files, each of them once. */
    public static void note(Connection connection, long run, int shard, List<Part> parts) throws SQLException {
        String sql = """
                WITH noted AS (
                  INSERT INTO embedding_operator.read_files AS known
                    (run_id, shard, path, size, version, bytes, documents, flawless)
                  SELECT ?, ?, * FROM unnest(?::text[], ?::bigint[], ?::text[], ?::bigint[], ?::bigint[], ?::boolean[])
                  ON CONFLICT (run_id, path, shard) DO UPDATE SET
                    bytes = known.bytes + excluded.bytes,
                    documents = known.documents + excluded.documents,
                    flawless = known.flawless AND excluded.flawless
                  RETURNING file_id, path)
                INSERT INTO embedding_operator.read_documents (file_id, key)
                SELECT file_id, key FROM unnest(?::text[], ?::text[]) AS document (path, key) JOIN noted USING (path)
                ON CONFLICT DO NOTHING
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, run);
            statement.setInt(2, shard);
            bind(statement, 3, "text", parts.stream().map(Part::path).toArray());
            bind(statement, 4, "bigint", parts.stream().map(Part::size).toArray());
            bind(statement, 5, "text", parts.stream().map(Part::version).toArray());
            bind(statement, 6, "bigint", parts.stream().map(Part::bytes).toArray());
            bind(
                    statement,
                    7,
                    "bigint",
                    parts.stream()
                            .map(part -> (long) part.keys().size() + part.withoutText())
                            .toArray());
            bind(statement, 8, "boolean", parts.stream().map(Part::flawless).toArray());
            bind(
                    statement,
                    9,
                    "text",
                    parts.stream()
                            .flatMap(part -> part.keys().stream().map(_ -> part.path()))
                            .toArray());
            bind(
                    statement,
                    10,
                    "text",
                    parts.stream().flatMap(part -> part.keys().stream()).toArray());
            statement.executeUpdate();
        }
    }

    /**
     * A file of which nothing has to be read again.
     *
     * @param rows in embedding_operator.read_files
     */
    public record Unchanged(String path, Long[] rows, long documents) {}

    /**
     * Which of some files are as a former run found them, without a failure in them, and have the rows that it left.
     *
     * @param table that the runs fill
     */
    public static List<Unchanged> unchanged(
            Connection connection, EmbeddingTable table, FileReadings.Former former, List<StoredFile> files)
            throws SQLException {
        String sql = """
                SELECT known.path, array_agg(file_id), sum(documents)
                FROM unnest(?::text[], ?::bigint[], ?::text[]) AS listed (path, size, version)
                JOIN embedding_operator.read_files known ON known.run_id = ? AND known.path = listed.path
                GROUP BY known.path
                HAVING bool_and(flawless AND known.size = listed.size AND known.version = listed.version AND NOT EXISTS (
                  SELECT FROM embedding_operator.read_documents d
                  WHERE d.file_id = known.file_id AND (
                    NOT EXISTS (
                      SELECT FROM %s AS stored
                      WHERE %s = d.key::%s AND chunk = 0 AND octet_length(document_hash) = %d AND embedded_at <= ?
                        AND %s)
                    OR EXISTS (
                      SELECT FROM embedding_operator.failed_documents f WHERE f.run_id = known.run_id AND f.key = d.key))))
                """.formatted(
                        table.name().sql(),
                        table.key(),
                        table.keyType().sqlName(),
                        DocumentHash.BYTES,
                        table.mayReplace("stored"));
        List<Unchanged> unchanged = new ArrayList<>(files.size());
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, 1, "text", files.stream().map(StoredFile::path).toArray());
            bind(statement, 2, "bigint", files.stream().map(StoredFile::size).toArray());
            bind(statement, 3, "text", files.stream().map(StoredFile::version).toArray());
            statement.setLong(4, former.run());
            statement.setObject(5, former.completedAt());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    unchanged.add(new Unchanged(
                            row.getString(1), (Long[]) row.getArray(2).getArray(), row.getLong(3)));
                }
            }
        }
        return unchanged;
    }

    /** Hands files that a new run leaves alone over to it. Their keys count as read by it, for duplicates and orphans alike. */
    static void handOver(Connection connection, long run, KeptFiles kept) throws SQLException {
        long[] rows = kept.rows();
        for (int from = 0; from < rows.length; from += HANDED_OVER_AT_ONCE) {
            int to = Math.min(rows.length, from + HANDED_OVER_AT_ONCE);
            handOver(connection, run, Arrays.stream(rows, from, to).boxed().toArray());
        }
    }

    private static void handOver(Connection connection, long run, Object[] files) throws SQLException {
        String sql = """
                WITH kept AS (
                  UPDATE embedding_operator.read_files SET run_id = ?, shard = NULL WHERE file_id = ANY (?)
                  RETURNING file_id, path)
                INSERT INTO embedding_operator.document_keys (run_id, key, location)
                SELECT ?, key, path FROM kept JOIN embedding_operator.read_documents USING (file_id)
                ON CONFLICT DO NOTHING
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, run);
            bind(statement, 2, "bigint", files);
            statement.setLong(3, run);
            statement.executeUpdate();
        }
    }

    /** Forgets what earlier runs of the same job into the same table have read, now that this one is complete. */
    static void forgetOthers(Connection connection, long run) throws SQLException {
        String sql = """
                WITH gone AS (
                  DELETE FROM embedding_operator.read_files f
                  USING embedding_operator.runs this, embedding_operator.runs other
                  WHERE this.run_id = ? AND other.sink_table = this.sink_table
                    AND split_part(other.job, '@', 1) = split_part(this.job, '@', 1)
                    AND other.run_id <> this.run_id AND f.run_id = other.run_id
                  RETURNING file_id)
                DELETE FROM embedding_operator.read_documents d USING gone WHERE d.file_id = gone.file_id
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, run);
            statement.executeUpdate();
        }
    }

    /** The open runs into a table read all of it again: it is gone. */
    static void forgetOpen(Connection connection, String table) throws SQLException {
        String sql = """
                WITH gone AS (
                  DELETE FROM embedding_operator.read_files f USING embedding_operator.runs r
                  WHERE r.sink_table = ? AND %s AND f.run_id = r.run_id
                  RETURNING file_id)
                DELETE FROM embedding_operator.read_documents d USING gone WHERE d.file_id = gone.file_id
                """.formatted(Runs.OPEN);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, table);
            statement.executeUpdate();
        }
    }

    private static void bind(PreparedStatement statement, int parameter, String type, Object[] values)
            throws SQLException {
        statement.setArray(parameter, statement.getConnection().createArrayOf(type, values));
    }
}
