package io.embeddingoperator.runner.embed.openai;

import java.util.Objects;

/** A text as it is sent. @param tokens as they were counted here */
record SentText(String text, long tokens) {
    SentText {
        Objects.requireNonNull(text, "text");
    }
}
