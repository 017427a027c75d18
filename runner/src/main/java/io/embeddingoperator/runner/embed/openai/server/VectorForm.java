package io.embeddingoperator.runner.embed.openai.server;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The form in which vectors are asked for. */
public enum VectorForm {
    /** A quarter of the size of numbers. */
    BASE64("base64"),
    NUMBERS("float"),
    /** Numbers as well, from servers that refuse to be told a form. */
    UNSAID(null);

    private final Optional<String> encodingFormat;

    VectorForm(@Nullable String encodingFormat) {
        this.encodingFormat = Optional.ofNullable(encodingFormat);
    }

    /** What a request says; empty where it says nothing. */
    public Optional<String> encodingFormat() {
        return encodingFormat;
    }
}
