package io.embeddingoperator.api.v1alpha1;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What every source that reads files asks of its field names. */
final class FileFields {
    static final String NO_FIELDS_FOR_TEXT_ADVICE =
            "format Text takes no keyField, textFields or metadataFields; a file's path is its key";
    static final String KEY_FIELD_ADVICE = "name the field that identifies a document";
    static final String TEXT_FIELDS_ADVICE = "name at least one field to embed";

    /** The rules below as the schema says them. */
    static final String NO_FIELDS_FOR_TEXT = "self.format != 'Text' || (!has(self.keyField)"
            + " && (!has(self.textFields) || self.textFields.size() == 0)"
            + " && (!has(self.metadataFields) || self.metadataFields.size() == 0))";

    static final String KEY_FIELD = "self.format == 'Text' || has(self.keyField)";
    static final String TEXT_FIELDS = "self.format == 'Text' || (has(self.textFields) && self.textFields.size() > 0)";

    private FileFields() {}

    static void check(
            String source,
            DocumentFormat format,
            @Nullable String keyField,
            List<String> textFields,
            List<String> metadataFields) {
        if (format == DocumentFormat.Text) {
            Field.check(
                    keyField == null && textFields.isEmpty() && metadataFields.isEmpty(),
                    source + ": " + NO_FIELDS_FOR_TEXT_ADVICE);
            return;
        }
        Field.requiredText(keyField, source + ".keyField", KEY_FIELD_ADVICE);
        Field.check(!textFields.isEmpty(), source + ".textFields is missing or empty: " + TEXT_FIELDS_ADVICE);
    }

    static List<FileMetadata> metadata(@Nullable List<FileMetadata> values, String field) {
        List<FileMetadata> items = Field.items(values, field);
        for (int i = 0; i < items.size(); i++) {
            items.get(i).check("%s[%d]".formatted(field, i));
        }
        return items;
    }
}
