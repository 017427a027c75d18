package io.embeddingoperator.runner.embed;

/** What a text is to a model that tells the two apart, by a prefix or by what it pools: the field's {@code input_type}. */
public enum InputType {
    DOCUMENT,
    QUERY
}
