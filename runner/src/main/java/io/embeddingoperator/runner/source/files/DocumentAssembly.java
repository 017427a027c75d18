package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.document.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Makes a document of the values of a record of any format, or says why it is none. */
final class DocumentAssembly {
    private final DocumentFields fields;

    DocumentAssembly(DocumentFields fields) {
        this.fields = Objects.requireNonNull(fields, "fields");
    }

    /**
     * @param texts one a text field, null where the record has none
     * @param metadata one a metadata field, null where the record has none
     */
    FileRecord assemble(Key key, List<String> texts, List<Object> metadata, String location) {
        String keyText = key.toString();
        if (keyText.isEmpty()) {
            return unreadable(location, "field %s is empty: every document needs a key".formatted(fields.key()));
        }
        TextScan keyScan = TextScan.of(keyText);
        if (keyScan.flawed()) {
            return unreadable(location, flaw(fields.key(), keyText, keyScan));
        }
        Optional<String> known = Optional.of(keyText);
        List<String> present = new ArrayList<>(texts.size());
        long bytes = 0;
        boolean blank = true;
        for (int i = 0; i < texts.size(); i++) {
            String value = texts.get(i);
            if (value == null) {
                continue;
            }
            TextScan scan = TextScan.of(value);
            if (scan.flawed()) {
                return unreadable(known, location, flaw(fields.text().get(i), value, scan));
            }
            blank = blank && scan.blank();
            bytes += scan.bytes() + (present.isEmpty() ? 0 : 1);
            present.add(value);
        }
        if (blank) {
            return new FileRecord.Unreadable(FailedDocument.empty(
                    keyText,
                    location,
                    "there is no text to embed: %s missing, null or empty".formatted(named(fields.text()))));
        }
        if (bytes > Limits.MAX_DOCUMENT_BYTES) {
            return unreadable(
                    known,
                    location,
                    "the text has %d bytes and a document may have %d: split it"
                            .formatted(bytes, Limits.MAX_DOCUMENT_BYTES));
        }
        for (int i = 0; i < metadata.size(); i++) {
            if (metadata.get(i) instanceof String value) {
                TextScan scan = TextScan.of(value);
                if (scan.flawed()) {
                    return unreadable(
                            known, location, flaw(fields.metadata().get(i).field(), value, scan));
                }
                bytes += scan.bytes();
            }
        }
        String text = present.size() == 1 ? present.get(0) : String.join("\n", present);
        return new FileRecord.Readable(new Document(key, text, metadata, location), bytes);
    }

    static FileRecord unreadable(String location, String reason) {
        return unreadable(Optional.empty(), location, reason);
    }

    static FileRecord unreadable(Optional<String> key, String location, String reason) {
        return new FileRecord.Unreadable(new FailedDocument(key, location, reason));
    }

    private static String flaw(String field, String value, TextScan scan) {
        return value.charAt(scan.flaw()) == 0
                ? "field %s has a NUL at character %d, which PostgreSQL cannot store: remove it"
                        .formatted(field, scan.flaw())
                : "field %s has half of a surrogate pair at character %d, which is no Unicode text: correct it"
                        .formatted(field, scan.flaw());
    }

    private static String named(List<String> names) {
        return names.size() == 1
                ? "field %s is".formatted(names.get(0))
                : "fields %s are".formatted(String.join(", ", names));
    }
}
