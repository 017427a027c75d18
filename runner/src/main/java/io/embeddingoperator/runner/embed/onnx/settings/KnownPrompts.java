package io.embeddingoperator.runner.embed.onnx.settings;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The prompts of models that name them on their page and in none of their files; without them a search finds a third less, and no
 * file would say so. What the manifest or a file of the model says wins.
 *
 * @param models their names on the hub
 * @param document put before a document, and {@code query} before a search text; empty where the model wants none
 */
record KnownPrompts(Pattern models, String document, String query) {
    private static final String BGE_QUERY = "Represent this sentence for searching relevant passages: ";

    private static final List<KnownPrompts> ALL = List.of(
            known("intfloat/(multilingual-)?e5-(small|base|large)(-v2)?", "passage: ", "query: "),
            known(
                    "intfloat/(e5-mistral-7b-instruct|multilingual-e5-large-instruct)",
                    "",
                    "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: "),
            known("BAAI/bge-(small|base|large)-en(-v1\\.5)?", "", BGE_QUERY),
            known("nomic-ai/nomic-embed-text-v1(\\.5)?", "search_document: ", "search_query: "));

    /** The source of such a prompt. */
    static final String SOURCE = "the page of the model";

    static Optional<KnownPrompts> of(String model) {
        return ALL.stream()
                .filter(known -> known.models.matcher(model).matches())
                .findFirst();
    }

    private static KnownPrompts known(String models, String document, String query) {
        return new KnownPrompts(Pattern.compile(models), document, query);
    }
}
