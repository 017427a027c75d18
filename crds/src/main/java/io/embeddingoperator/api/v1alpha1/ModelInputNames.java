package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/**
 * What a model calls its inputs, where that is not what exporters usually call them.
 *
 * @param inputIds the input for token ids, for example {@code tokens}; without it {@code input_ids}
 * @param attentionMask the input that is 1 for a token and 0 for padding, for example {@code mask}; without it {@code
 *     attention_mask}
 * @param tokenTypeIds the input that is 0 for every token, for example {@code segments}; without it {@code token_type_ids}
 * @param positionIds the input for the places of tokens in their text, for example {@code positions}; without it {@code
 *     position_ids}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ModelInputNames(
        @Size(max = Limit.MODEL) @Pattern(Field.NOT_BLANK) @Nullable
        String inputIds,

        @Size(max = Limit.MODEL) @Pattern(Field.NOT_BLANK) @Nullable
        String attentionMask,

        @Size(max = Limit.MODEL) @Pattern(Field.NOT_BLANK) @Nullable
        String tokenTypeIds,

        @Size(max = Limit.MODEL) @Pattern(Field.NOT_BLANK) @Nullable
        String positionIds) {
    public static final ModelInputNames USUAL = new ModelInputNames(null, null, null, null);

    public ModelInputNames {
        String advice = "use the name that the model gives the input, or leave the field out";
        Field.optionalText(inputIds, "spec.embedder.onnx.inputs.inputIds", advice);
        Field.optionalText(attentionMask, "spec.embedder.onnx.inputs.attentionMask", advice);
        Field.optionalText(tokenTypeIds, "spec.embedder.onnx.inputs.tokenTypeIds", advice);
        Field.optionalText(positionIds, "spec.embedder.onnx.inputs.positionIds", advice);
    }
}
