package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What embeds the documents: exactly one member is set.
 *
 * @param onnx a model that the runner itself executes with ONNX Runtime
 * @param openai OpenAI, or a server that speaks its API
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "[has(self.onnx), has(self.openai)].filter(x, x).size() == 1",
        message = "embedder needs exactly one of onnx, openai")
public record EmbedderSpec(
        @Nullable OnnxEmbedder onnx, @Nullable OpenAiEmbedder openai) {
    public EmbedderSpec {
        Field.check((onnx == null) != (openai == null), "spec.embedder needs exactly one of onnx, openai");
    }

    public Embedder selected() {
        return onnx != null ? onnx : Objects.requireNonNull(openai, "openai");
    }
}
