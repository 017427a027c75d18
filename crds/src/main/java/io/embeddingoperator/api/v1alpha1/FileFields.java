package io.embeddingoperator.api.v1alpha1;

import java.util.List;

/** What every source that reads files asks of its field names. */
final class FileFields {
    private FileFields() {}

    static void check(
            String source, DocumentFormat format, String keyField, List<String> textFields, List<String> metadata) {
        if (format == DocumentFormat.Text) {
            Field.check(
                    keyField == null && textFields.isEmpty() && metadata.isEmpty(),
                    source + ": format Text takes no keyField, textFields or metadataFields; a file's path is its key");
            return;
        }
        Field.requiredText(keyField, source + ".keyField", "name the field that identifies a document");
        Field.check(
                !textFields.isEmpty(), source + ".textFields is missing or empty: name at least one field to embed");
    }
}
