package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The model that answers: exactly one member is set.
 *
 * @param fromJob the name of the EmbeddingJob, in the same namespace, whose model answers and whose table it must have filled, for
 *     example {@code wiki}: its embedder must be onnx. The endpoint follows a change of it
 * @param onnx a model that the pods themselves execute with ONNX Runtime
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "[has(self.fromJob), has(self.onnx)].filter(x, x).size() == 1",
        message = "embedder needs exactly one of fromJob, onnx")
public record EndpointEmbedder(
        @Size(max = Limit.NAME) @Pattern(Field.NOT_BLANK) @Nullable
        String fromJob,

        @Nullable OnnxEmbedder onnx) {
    public EndpointEmbedder {
        Field.check((fromJob == null) != (onnx == null), "spec.embedder needs exactly one of fromJob, onnx");
        Field.optionalText(fromJob, "spec.embedder.fromJob", "name an EmbeddingJob of the same namespace");
    }

    public EndpointModel selected() {
        return fromJob != null
                ? new EndpointModel.OfJob(fromJob)
                : new EndpointModel.Own(Objects.requireNonNull(onnx, "onnx"));
    }
}
