package io.embeddingoperator.runner.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import java.util.LinkedHashMap;
import java.util.Map;

/** The part of a manifest that names a server, as a test writes it: field by field, and no more of them than it is about. */
public final class TestingOpenAi {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, Object> fields;

    private TestingOpenAi(Map<String, Object> fields) {
        this.fields = fields;
    }

    public static TestingOpenAi model(String name, int dimensions) {
        return new TestingOpenAi(Map.of("model", name, "dimensions", dimensions));
    }

    /**
     * @param field of {@code spec.embedder.openai}
     * @param value a text, a number or a record of the API; null leaves the field out
     */
    public TestingOpenAi with(String field, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(fields);
        more.put(field, value);
        return new TestingOpenAi(more);
    }

    public OpenAiEmbedder embedder() {
        return JSON.convertValue(fields, OpenAiEmbedder.class);
    }
}
