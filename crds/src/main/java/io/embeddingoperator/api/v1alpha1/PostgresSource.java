package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a PostgreSQL table, read in the order of a key.
 *
 * @param connection the connection URI of the database, libpq or JDBC form
 * @param table the table or view, with or without its schema, for example {@code public.articles}
 * @param keyColumn the column that identifies a document, for example {@code id}: bigint, int, text or uuid; without it keyColumns together identify a document
 * @param keyColumns the columns that identify a document only together, for example {@code [tenant, id]}, in the order of an index
 *     on them; the sink has their values as one text in its column document_key. Without it keyColumn alone identifies a document
 * @param textColumns the columns to embed, for example {@code [title, body]}, joined by a newline in this order; null values are
 *     left out
 * @param where a condition in SQL that a row must meet, for example {@code lang = 'ar'}; without it every row is read
 * @param metadataColumns columns copied beside the vectors, with their names and types, for example {@code [lang, year]};
 *     without them none
 * @param changeColumn the column that every change of a row raises, for example {@code updated_at}: timestamptz, timestamp or xid8. A
 *     run then reads only rows that changed since the last complete run; without it each run reads every row
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(value = "has(self.keyColumn) != has(self.keyColumns)", message = "postgres" + PostgresSource.ONE_KEY)
public record PostgresSource(
        @Required SecretValue connection,

        @Required @Size(max = Limit.TABLE) @Pattern(Field.NOT_BLANK)
        String table,

        @Size(max = Limit.COLUMN) @Pattern(Field.NOT_BLANK) @Nullable
        String keyColumn,

        @Size(min = 2, max = Limit.KEY_COLUMNS) @JsonInclude(JsonInclude.Include.NON_EMPTY)
        List<@Size(max = Limit.COLUMN) @Pattern(Field.NOT_BLANK) String> keyColumns,

        @Required @Size(min = 1, max = Limit.COLUMNS)
        List<@Size(max = Limit.COLUMN) @Pattern(Field.NOT_BLANK) String> textColumns,

        @Size(max = Limit.CONDITION) @Pattern(Field.NOT_BLANK) @Nullable
        String where,

        @Size(max = Limit.COLUMNS) List<@Size(max = Limit.COLUMN) @Pattern(Field.NOT_BLANK) String> metadataColumns,

        @Size(max = Limit.COLUMN) @Pattern(Field.NOT_BLANK) @Nullable
        String changeColumn)
        implements Source {
    static final String ONE_KEY =
            " needs exactly one of keyColumn, keyColumns: name the column that identifies a document,"
                    + " or those that do so together";

    public PostgresSource {
        Field.required(connection, "spec.source.postgres.connection", "name the Secret key that holds the URI");
        Field.requiredText(table, "spec.source.postgres.table", "name the table that holds the documents");
        Field.optionalText(keyColumn, "spec.source.postgres.keyColumn", "name the column that identifies a document");
        keyColumns = Field.names(keyColumns, "spec.source.postgres.keyColumns");
        Field.check(
                keyColumns.size() != 1,
                "spec.source.postgres.keyColumns has one column: make it the keyColumn, or name at least 2");
        Field.check((keyColumn == null) != keyColumns.isEmpty(), "spec.source.postgres" + ONE_KEY);
        textColumns = Field.names(textColumns, "spec.source.postgres.textColumns");
        Field.check(
                !textColumns.isEmpty(),
                "spec.source.postgres.textColumns is missing or empty: name at least one column to embed");
        metadataColumns = Field.names(metadataColumns, "spec.source.postgres.metadataColumns");
        Field.optionalText(where, "spec.source.postgres.where", "leave it out instead");
        Field.optionalText(changeColumn, "spec.source.postgres.changeColumn", "leave it out instead");
    }
}
