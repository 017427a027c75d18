package io.embeddingoperator.runner.embed.onnx.settings;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.OptionalInt;

/** The file {@code tokenizer_config.json} of a model: what {@code tokenizer.json} may not say. */
record TokenizerSettings(SettingsFile file) {
    static final String FILE = "tokenizer_config.json";

    /** The token that is put before every text. */
    Optional<Stated<String>> opening() {
        return file.says("add_bos_token") ? token("bos_token") : Optional.empty();
    }

    /** The token that is put behind every text. */
    Optional<Stated<String>> closing() {
        return file.says("add_eos_token") ? token("eos_token") : Optional.empty();
    }

    OptionalInt maxTokens() {
        return file.count("model_max_length");
    }

    /** Written as a text, or as an object with the text and how it is matched. */
    private Optional<Stated<String>> token(String field) {
        JsonNode token = file.json().path(field);
        String text = token.isObject() ? token.path("content").textValue() : token.textValue();
        return Optional.ofNullable(text).map(content -> new Stated<>(content, file.path()));
    }
}
