package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/**
 * A field of files that becomes a column beside the vectors.
 *
 * @param field its name, for example {@code meta.title}. With NDJSON the member meta.title of a document, or else the member
 *     title in its object meta. Where the file has none of the name, the value of a folder of the path, as of lang in
 *     lang=de/part-0.parquet
 * @param column the column's name, for example {@code title}; without it the field's
 * @param type the column's type; without it Text, and with Parquet that of the file's own column
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record FileMetadata(
        @Required @Size(max = Limit.COLUMN) @Pattern(Field.NOT_BLANK)
        String field,

        @Size(max = Limit.COLUMN) @Pattern(Field.NOT_BLANK) @Nullable
        String column,

        @Nullable MetadataType type) {
    /** A field that is named and no more. */
    public static FileMetadata named(String field) {
        return new FileMetadata(field, null, null);
    }

    /** The name of its column. */
    public String columnName() {
        return Field.orElse(column, field);
    }

    void check(String path) {
        Field.requiredText(field, path + ".field", "name the field, or remove the item");
        Field.optionalText(column, path + ".column", "name the column, or leave it out to name it like the field");
    }
}
