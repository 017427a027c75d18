package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Files on a mounted volume.
 *
 * @param claimName the PersistentVolumeClaim that a runner pod mounts, for example {@code corpus}; without it, on a laptop, path
 *     is one of the laptop's own
 * @param path a glob, relative to the volume's root (on a laptop, to the working folder, or absolute), for example {@code
 *     in/*.ndjson}
 * @param format how documents stand in the files
 * @param keyField the field that identifies a document, for example {@code id}; without it, for Text alone, the file's path does
 * @param textFields the fields to embed, for example {@code [title, text]}, joined by a newline in this order; without them, for
 *     Text alone, the whole file
 * @param metadataFields fields copied beside the vectors, of NDJSON as text, for example {@code [lang]}; not for Text; without
 *     them none
 * @param metadata more such fields, with types and with names for their columns; for Text from the names of folders alone;
 *     without them none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(value = FileFields.NO_FIELDS_FOR_TEXT, message = FileFields.NO_FIELDS_FOR_TEXT_ADVICE)
@ValidationRule(value = FileFields.KEY_FIELD, message = FileFields.KEY_FIELD_ADVICE, fieldPath = ".keyField")
@ValidationRule(value = FileFields.TEXT_FIELDS, message = FileFields.TEXT_FIELDS_ADVICE, fieldPath = ".textFields")
public record VolumeSource(
        @Size(max = Limit.NAME) @Pattern(Field.NOT_BLANK) @Nullable
        String claimName,

        @Required @Size(max = Limit.PATH) @Pattern(Field.NOT_BLANK)
        String path,

        @Required DocumentFormat format,

        @Size(max = Limit.COLUMN) @Pattern(Field.NOT_BLANK) @Nullable
        String keyField,

        @Size(max = Limit.COLUMNS) List<@Size(max = Limit.COLUMN) @Pattern(Field.NOT_BLANK) String> textFields,
        @Size(max = Limit.COLUMNS) List<@Size(max = Limit.COLUMN) @Pattern(Field.NOT_BLANK) String> metadataFields,

        @Size(max = Limit.COLUMNS) @JsonInclude(JsonInclude.Include.NON_EMPTY)
        List<FileMetadata> metadata)
        implements DocumentFiles {
    public VolumeSource {
        Field.optionalText(
                claimName,
                "spec.source.volume.claimName",
                "name the PersistentVolumeClaim, or leave it out on a laptop");
        Field.requiredText(path, "spec.source.volume.path", "give a glob such as in/*.ndjson");
        Field.required(format, "spec.source.volume.format", "use NDJSON, Parquet or Text");
        textFields = Field.names(textFields, "spec.source.volume.textFields");
        metadataFields = Field.names(metadataFields, "spec.source.volume.metadataFields");
        metadata = FileFields.metadata(metadata, "spec.source.volume.metadata");
        FileFields.check("spec.source.volume", format, keyField, textFields, metadataFields);
    }
}
