package io.embeddingoperator.runner.embed.onnx.settings;

import java.util.List;
import java.util.Optional;

/** The prompts of {@code config_sentence_transformers.json}. */
record Prompts(SettingsFile file) {
    static final String FILE = "config_sentence_transformers.json";

    private static final List<String> DOCUMENT = List.of("document", "passage", "corpus");
    private static final List<String> QUERY = List.of("query");

    /** What is put before a document. */
    Optional<Stated<String>> document() {
        return first(DOCUMENT);
    }

    /** What is put before a search text. */
    Optional<Stated<String>> query() {
        return first(QUERY);
    }

    /** An empty one says no more than none: newer versions of sentence-transformers write it beside a model's own. */
    private Optional<Stated<String>> first(List<String> names) {
        List<Stated<String>> prompts =
                names.stream().flatMap(name -> prompt(name).stream()).toList();
        return prompts.stream()
                .filter(prompt -> !prompt.value().isEmpty())
                .findFirst()
                .or(() -> file.text("default_prompt_name").flatMap(name -> prompt(name.value())))
                .or(() -> prompts.stream().findFirst());
    }

    private Optional<Stated<String>> prompt(String name) {
        String prompt = file.json().path("prompts").path(name).textValue();
        return Optional.ofNullable(prompt).map(text -> new Stated<>(text, file.path()));
    }
}
