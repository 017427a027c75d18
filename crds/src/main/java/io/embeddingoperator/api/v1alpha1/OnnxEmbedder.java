package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/**
 * A model that the runner itself executes with ONNX Runtime. What is left out is read from the files that the model was published
 * with ({@code modules.json}, {@code 1_Pooling/config.json}, {@code sentence_bert_config.json} and others).
 *
 * @param model where the model comes from: exactly one of bundled, image, volume, huggingFace, url
 * @param pooling how token vectors become the vector of a text; without it as the model's files say, and where they do not say
 *     it either, Mean
 * @param normalize whether every vector is scaled to length 1, for example false for a model whose lengths mean something;
 *     without it as the model's files say, and where they do not say it either, true
 * @param maxTokens the most tokens of one text, special tokens included, for example 512; a longer text is cut, which is
 *     counted. Without it, it is what the chunks need, and without chunking the model's own limit, at most 8192
 * @param prefix a text put before every document, for example {@code "passage: "}; without it the model's prompt for documents
 * @param queryPrefix a text put before every search text, for example {@code "query: "}; without it the model's prompt for
 *     queries
 * @param dimensions the first so many numbers of each vector are kept, for example 256, for models that were trained for it
 *     (Matryoshka); without it all of them
 * @param layerNormBeforeCut whether the whole vector goes through a layer norm without weights before {@code dimensions} cuts it, as
 *     nomic-embed-text-v1.5 wants it, for example true; without it what is known of the model, otherwise false
 * @param output the output of the model that vectors are taken from, where it has several, for example {@code
 *     sentence_embedding}; without it the one that is named as usual
 * @param inputs what the model calls its inputs, where that is not the usual; without it the usual names
 * @param device where the model runs
 * @param maxBatchTokens the most tokens of one batch on a GPU, padding included, for example 32768; on a CPU the runner chooses
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!has(self.maxTokens) || self.maxBatchTokens >= self.maxTokens",
        messageExpression = "'maxBatchTokens is %d: use at least maxTokens (%d), so that one text fits into a batch'"
                + ".format([self.maxBatchTokens, self.maxTokens])",
        fieldPath = ".maxBatchTokens")
public record OnnxEmbedder(
        @Required ModelSource model,
        @Nullable Pooling pooling,
        @Nullable Boolean normalize,
        @Min(8) @Nullable Integer maxTokens,
        @Size(max = Limit.PREFIX) @Nullable String prefix,
        @Size(max = Limit.PREFIX) @Nullable String queryPrefix,
        @Min(8) @Max(Limit.DIMENSIONS) @Nullable Integer dimensions,
        @Nullable Boolean layerNormBeforeCut,

        @Size(max = Limit.MODEL) @Pattern(Field.NOT_BLANK) @Nullable
        String output,

        @Nullable ModelInputNames inputs,
        @Default("Auto") Device device,
        @Default("16384") @Min(8) Integer maxBatchTokens)
        implements Embedder {
    public OnnxEmbedder {
        Field.required(model, "spec.embedder.onnx.model", "use one of bundled, image, volume, huggingFace, url");
        if (maxTokens != null) {
            Field.between(maxTokens, 8, Integer.MAX_VALUE, "spec.embedder.onnx.maxTokens");
        }
        if (dimensions != null) {
            Field.between(dimensions, 8, Limit.DIMENSIONS, "spec.embedder.onnx.dimensions");
        }
        Field.optionalText(output, "spec.embedder.onnx.output", "name an output of the model, or leave the field out");
        device = Field.orElse(device, Device.Auto);
        maxBatchTokens = Field.orElse(maxBatchTokens, 16384);
        Field.check(
                maxTokens == null || maxBatchTokens >= maxTokens,
                ("spec.embedder.onnx.maxBatchTokens is %d: use at least maxTokens (%d),"
                                + " so that one text fits into a batch")
                        .formatted(maxBatchTokens, maxTokens));
    }
}
