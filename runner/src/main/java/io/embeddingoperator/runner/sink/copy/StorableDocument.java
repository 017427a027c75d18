package io.embeddingoperator.runner.sink.copy;

import io.embeddingoperator.api.v1alpha1.VectorType;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.document.Limits;
import io.embeddingoperator.runner.document.MetadataColumn;
import io.embeddingoperator.runner.pipeline.EmbeddedDocument;
import io.embeddingoperator.runner.postgres.StorableText;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** What is known to be impossible to store before it is sent; the server finds the rest. */
public final class StorableDocument {
    private StorableDocument() {}

    /** A sentence that says why the document cannot be stored and what to do; empty when nothing speaks against it. */
    public static Optional<String> refusal(EmbeddingTable table, EmbeddedDocument embedded) {
        return refusal(table, embedded.document())
                .or(() -> embedded.chunks().stream()
                        .flatMap(chunk -> vector(table, chunk.chunk().index(), chunk.vector()).stream())
                        .findFirst());
    }

    /** As above, for a document that has no vectors yet. */
    public static Optional<String> refusal(EmbeddingTable table, Document document) {
        return refusal(document.key())
                .or(() -> metadata(table.metadata(), document.metadata()))
                .or(() -> StorableText.refusal(document.text()).map(StorableDocument::text));
    }

    /** As above, for a key alone. */
    public static Optional<String> refusal(Key key) {
        if (!(key instanceof Key.Text(String value))) {
            return Optional.empty();
        }
        Optional<String> text = StorableText.refusal(value).map("its key %s: give it another key"::formatted);
        int bytes = value.length() * 3L <= Limits.MAX_KEY_BYTES ? 0 : value.getBytes(StandardCharsets.UTF_8).length;
        return text.isPresent() || bytes <= Limits.MAX_KEY_BYTES
                ? text
                : Optional.of("its key has %d bytes, more than %d: give it a shorter one"
                        .formatted(bytes, Limits.MAX_KEY_BYTES));
    }

    private static Optional<String> metadata(List<MetadataColumn> columns, List<Object> values) {
        for (int i = 0; i < columns.size(); i++) {
            MetadataColumn column = columns.get(i);
            Optional<String> refusal = MetadataField.refusal(column.type(), values.get(i));
            if (refusal.isPresent()) {
                return Optional.of("its %s %s: correct it in the source".formatted(column.name(), refusal.get()));
            }
        }
        return Optional.empty();
    }

    private static String text(String refusal) {
        return "its text %s: remove it from the source".formatted(refusal);
    }

    private static Optional<String> vector(EmbeddingTable table, int chunk, float[] vector) {
        if (vector.length != table.dimensions()) {
            return Optional.of("the vector of chunk %d has %d dimensions, and the table's have %d: check the model"
                    .formatted(chunk, vector.length, table.dimensions()));
        }
        boolean isZero = true;
        for (int i = 0; i < vector.length; i++) {
            if (!Float.isFinite(vector[i])) {
                return Optional.of("the vector of chunk %d has %s at dimension %d: check the model"
                        .formatted(chunk, vector[i], i));
            }
            if (table.vectorType() == VectorType.HalfVector && isBeyondHalf(vector[i])) {
                return Optional.of(("the vector of chunk %d has %s at dimension %d, beyond what halfvec holds: use "
                                + "vectorType Vector")
                        .formatted(chunk, vector[i], i));
            }
            isZero &= isZero(table.vectorType(), vector[i]);
        }
        return isZero
                ? Optional.of(
                        "the vector of chunk %d has nothing but zeros, which an index on cosine never finds: check the model"
                                .formatted(chunk))
                : Optional.empty();
    }

    /** As the table holds it: halves have no place for what is very small. */
    private static boolean isZero(VectorType type, float value) {
        return switch (type) {
            case Vector -> value == 0;
            case HalfVector -> Float.float16ToFloat(Float.floatToFloat16(value)) == 0;
        };
    }

    private static boolean isBeyondHalf(float value) {
        return Float.isInfinite(Float.float16ToFloat(Float.floatToFloat16(value)));
    }
}
