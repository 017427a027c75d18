package io.embeddingoperator.runner.sink.table;

import io.embeddingoperator.api.v1alpha1.VectorType;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.document.MetadataColumn;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.postgres.Identifier;
import io.embeddingoperator.runner.postgres.TableName;
import io.embeddingoperator.runner.source.SourceSchema;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The table that the runner writes: one row a chunk, the key's column first, then {@code chunk}, {@code content},
 * {@code embedding}, the metadata, and what the runner notes for itself; primary key (key, chunk).
 *
 * @param name with its schema
 * @param text the words of the content; empty where the manifest wants none
 * @param owner whose mark rows get; empty where the table has no column for it, and then every row counts as the job's
 */
public record EmbeddingTable(
        TableName name,
        String keyName,
        KeyType keyType,
        List<MetadataColumn> metadata,
        VectorType vectorType,
        int dimensions,
        Pgvector pgvector,
        Optional<TextColumn> text,
        Optional<RowOwner> owner) {
    public static final String CHUNK = "chunk";
    public static final String CONTENT = "content";
    public static final String EMBEDDING = "embedding";
    /** Where the chunk stands in the document's text, in UTF-16 code units: inclusive start, exclusive end. */
    public static final String CHUNK_START = "chunk_start";

    public static final String CHUNK_END = "chunk_end";
    public static final String DOCUMENT_HASH = "document_hash";
    public static final String EMBEDDED_AT = "embedded_at";
    /** The mark of the job that wrote the row: {@link RowOwner#id}; null where another program did. */
    public static final String EMBEDDED_BY = "embedded_by";

    public static final String EMBEDDED_BY_TYPE = "integer";

    private static final Set<String> OWN_NAMES =
            Set.of(CHUNK, CONTENT, EMBEDDING, CHUNK_START, CHUNK_END, DOCUMENT_HASH, EMBEDDED_AT, EMBEDDED_BY);

    /**
     * Rows stay inline up to this many bytes, the most that PostgreSQL allows: a vector that is moved out of line
     * costs a second table and index on every write, and a second look-up on every read.
     */
    private static final int TOAST_TUPLE_TARGET = 8160;

    /** Whether a column is neither the key nor metadata. */
    public static boolean isOwn(String column) {
        return OWN_NAMES.contains(column);
    }

    public EmbeddingTable {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(keyName, "keyName");
        Objects.requireNonNull(keyType, "keyType");
        metadata = List.copyOf(metadata);
        Objects.requireNonNull(vectorType, "vectorType");
        Objects.requireNonNull(pgvector, "pgvector");
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(owner, "owner");
    }

    /** The same table under another name, whose rows have no mark yet. */
    public EmbeddingTable named(TableName other) {
        return new EmbeddingTable(
                other, keyName, keyType, metadata, vectorType, dimensions, pgvector, text, Optional.empty());
    }

    /** The same table, whose rows get a mark. */
    public EmbeddingTable ownedBy(RowOwner marking) {
        return new EmbeddingTable(
                name, keyName, keyType, metadata, vectorType, dimensions, pgvector, text, Optional.of(marking));
    }

    /**
     * Refuses a source whose column names the table needs for itself.
     *
     * @param words whether the table has the words of the content too
     */
    public static void checkNames(SourceSchema schema, boolean words) {
        List<String> names = new ArrayList<>(List.of(schema.keyName()));
        schema.metadata().forEach(column -> names.add(column.name()));
        String taken = names.stream()
                .filter(name -> OWN_NAMES.contains(name) || words && name.equals(TextColumn.NAME))
                .collect(Collectors.joining(", "));
        if (!taken.isEmpty()) {
            throw new SpecificationException(
                    ("The source's %s cannot be copied under this name: the sink's table uses chunk, content, "
                                    + "embedding, "
                                    + "chunk_start, chunk_end, document_hash, embedded_at%s and embedded_by for itself. "
                                    + "Rename it in the source, for example by a view.")
                            .formatted(taken, words ? ", " + TextColumn.NAME : ""));
        }
        for (String name : names) {
            int bytes = name.getBytes(StandardCharsets.UTF_8).length;
            if (bytes > Identifier.MAX_BYTES) {
                throw new SpecificationException(
                        ("The source's %s has a name of %d bytes, and a column of the sink's table has at most %d: rename it in"
                                        + " the source, for example by a view.")
                                .formatted(name, bytes, Identifier.MAX_BYTES));
            }
        }
        String twice = names.stream()
                .filter(name -> names.indexOf(name) != names.lastIndexOf(name))
                .distinct()
                .collect(Collectors.joining(", "));
        if (!twice.isEmpty()) {
            throw new SpecificationException(("The source's %s is named twice, as key or metadata: name it once, "
                            + "the sink's table has one column for it.")
                    .formatted(twice));
        }
    }

    /** All columns that the runner fills, in the order in which rows are written. */
    public List<Column> columns() {
        List<Column> columns = new ArrayList<>();
        columns.add(Column.required(keyName, keyType.sqlName()));
        columns.add(Column.required(CHUNK, "integer"));
        columns.add(Column.required(CONTENT, "text"));
        columns.add(new Column(EMBEDDING, pgvector.columnType(vectorType, dimensions), embeddingType(), true));
        metadata.forEach(column ->
                columns.add(Column.optional(column.name(), column.type().sqlName())));
        columns.add(Column.required(CHUNK_START, "integer"));
        columns.add(Column.required(CHUNK_END, "integer"));
        columns.add(Column.required(DOCUMENT_HASH, "bytea"));
        columns.add(Column.required(EMBEDDED_AT, "timestamp with time zone"));
        if (owner.isPresent()) {
            columns.add(Column.optional(EMBEDDED_BY, EMBEDDED_BY_TYPE));
        }
        return columns;
    }

    /** The type of the embeddings, as a server describes it. */
    public String embeddingType() {
        return "%s(%d)".formatted(Pgvector.typeName(vectorType), dimensions);
    }

    /** How many fields a row has. */
    public int width() {
        return 8 + metadata.size() + (owner.isPresent() ? 1 : 0);
    }

    /** The key's column, quoted. */
    public String key() {
        return Identifier.quote(keyName);
    }

    /** SQL that is true for rows that a document of this job may replace; false or null for others. */
    public String mayReplace(String row) {
        return owner.map(marking -> marking.mayReplace(row)).orElse("true");
    }

    /** SQL that is true for rows that this job may remove without a document in their place; false or null for others. */
    public String mayRemove(String row) {
        return owner.map(marking -> marking.mayRemove(row)).orElse("true");
    }

    /** CREATE TABLE. */
    public String definition() {
        return Stream.concat(
                        columns().stream().map(Column::definition),
                        text.stream().map(TextColumn::definition))
                .collect(Collectors.joining(
                        ",\n  ",
                        "CREATE TABLE %s (\n  ".formatted(name.sql()),
                        ",\n  PRIMARY KEY (%s, %s)\n) WITH (toast_tuple_target = %d)"
                                .formatted(key(), CHUNK, TOAST_TUPLE_TARGET)));
    }

    /** ALTER TABLE, for a table that was made before rows had marks. */
    public String markColumn() {
        return "ALTER TABLE %s ADD COLUMN %s %s".formatted(name.sql(), EMBEDDED_BY, EMBEDDED_BY_TYPE);
    }

    /** COPY FROM STDIN in the binary format. */
    public String copy() {
        return columns().stream()
                .map(column -> Identifier.quote(column.name()))
                .collect(Collectors.joining(
                        ", ", "COPY %s (".formatted(name.sql()), ") FROM STDIN WITH (FORMAT binary)"));
    }
}
