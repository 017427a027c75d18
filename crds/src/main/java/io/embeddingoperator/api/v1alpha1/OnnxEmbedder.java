package io.embeddingoperator.api.v1alpha1;

import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * A model that the runner itself executes with ONNX Runtime.
 *
 * @param model where the model comes from: exactly one of bundled, image, volume, huggingFace, url
 * @param pooling how token vectors become the vector of a text
 * @param normalize whether every vector is scaled to length 1
 * @param maxTokens the most tokens of one text, special tokens included; a longer text is cut, which is counted
 * @param prefix a text put before every document, for example {@code "passage: "}
 * @param queryPrefix a text put before every search text, for example {@code "query: "}
 * @param device where the model runs
 * @param maxBatchTokens the most tokens of one batch on a GPU, padding included; on a CPU the runner chooses
 */
@ValidationRule(
        value = "self.maxBatchTokens >= self.maxTokens",
        messageExpression = "'maxBatchTokens is %d: use at least maxTokens (%d), so that one text fits into a batch'"
                + ".format([self.maxBatchTokens, self.maxTokens])",
        fieldPath = ".maxBatchTokens")
public record OnnxEmbedder(
        @Required ModelSource model,
        @Default("Mean") Pooling pooling,
        @Default("true") Boolean normalize,
        @Default("256") @Min(8) Integer maxTokens,
        @Size(max = Limit.PREFIX) String prefix,
        @Size(max = Limit.PREFIX) String queryPrefix,
        @Default("Auto") Device device,
        @Default("16384") @Min(8) Integer maxBatchTokens)
        implements Embedder {
    public OnnxEmbedder {
        Field.required(model, "spec.embedder.onnx.model", "use one of bundled, image, volume, huggingFace, url");
        pooling = Field.orElse(pooling, Pooling.Mean);
        normalize = Field.orElse(normalize, true);
        maxTokens = Field.between(Field.orElse(maxTokens, 256), 8, Integer.MAX_VALUE, "spec.embedder.onnx.maxTokens");
        prefix = Field.orElse(prefix, "");
        queryPrefix = Field.orElse(queryPrefix, "");
        device = Field.orElse(device, Device.Auto);
        maxBatchTokens = Field.orElse(maxBatchTokens, 16384);
        Field.check(
                maxBatchTokens >= maxTokens,
                ("spec.embedder.onnx.maxBatchTokens is %d: use at least maxTokens (%d),"
                                + " so that one text fits into a batch")
                        .formatted(maxBatchTokens, maxTokens));
    }
}
