package io.embeddingoperator.runner.document;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * One document as it will be embedded.
 *
 * @param text the text fields, joined
 * @param metadata one value a metadata column, in the schema's order; null where the source has none
 * @param location where a person finds it, for example {@code public.articles id=17} or {@code in/a.ndjson line 12}
 */
public record Document(Key key, String text, List<Object> metadata, String location) {
    public Document {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(text, "text");
        metadata = Collections.unmodifiableList(new ArrayList<>(metadata));
        Objects.requireNonNull(location, "location");
    }
}
