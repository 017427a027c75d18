package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/**
 * Rows of a PostgreSQL table, read in the order of a key.
 *
 * @param connection the connection URI of the database, libpq or JDBC form
 * @param table the table or view, with or without its schema, for example {@code public.articles}
 * @param keyColumn the column that identifies a document, for example {@code id}: bigint, int, text or uuid
 * @param textColumns the columns to embed, for example {@code [title, body]}, joined by a newline in this order; null values are
 *     left out
 * @param where a condition in SQL that a row must meet, for example {@code lang = 'ar'}; without it every row is read
 * @param metadataColumns columns copied beside the vectors, with their names and types, for example {@code [lang, year]};
 *     without them none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PostgresSource(
        @Required SecretValue connection,

        @Required @Size(max = Limit.TABLE) @Pattern(Field.NOT_BLANK)
        String table,

        @Required @Size(max = Limit.COLUMN) @Pattern(Field.NOT_BLANK)
        String keyColumn,

        @Required @Size(min = 1, max = Limit.COLUMNS)
        List<@Size(max = Limit.COLUMN) @Pattern(Field.NOT_BLANK) String> textColumns,

        @Size(max = Limit.CONDITION) @Pattern(Field.NOT_BLANK)
        String where,

        @Size(max = Limit.COLUMNS) List<@Size(max = Limit.COLUMN) @Pattern(Field.NOT_BLANK) String> metadataColumns)
        implements Source {
    public PostgresSource {
        Field.required(connection, "spec.source.postgres.connection", "name the Secret key that holds the URI");
        Field.requiredText(table, "spec.source.postgres.table", "name the table that holds the documents");
        Field.requiredText(keyColumn, "spec.source.postgres.keyColumn", "name the column that identifies a document");
        textColumns = Field.names(textColumns, "spec.source.postgres.textColumns");
        Field.check(
                !textColumns.isEmpty(),
                "spec.source.postgres.textColumns is missing or empty: name at least one column to embed");
        metadataColumns = Field.names(metadataColumns, "spec.source.postgres.metadataColumns");
        Field.optionalText(where, "spec.source.postgres.where", "leave it out instead");
    }
}
