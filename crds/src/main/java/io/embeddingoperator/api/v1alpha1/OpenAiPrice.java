package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.math.BigDecimal;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a million tokens cost, where it differs from the runner's table or the table does not have the model.
 *
 * @param realtimeUsdPerMillionTokens US dollars as a decimal in quotes, for example {@code "0.02"}
 * @param batchUsdPerMillionTokens US dollars as a decimal in quotes, for example {@code "0.01"}; without it half of the realtime
 *     price
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record OpenAiPrice(
        @Required @Size(max = Limit.USD) @Pattern(BudgetSpec.FORM)
        String realtimeUsdPerMillionTokens,

        @Size(max = Limit.USD) @Pattern(BudgetSpec.FORM) @Nullable
        String batchUsdPerMillionTokens) {
    private static final String FIELD = "spec.embedder.openai.price.";

    public OpenAiPrice {
        Field.requiredText(
                realtimeUsdPerMillionTokens, FIELD + "realtimeUsdPerMillionTokens", "give US dollars such as \"0.02\"");
        check(realtimeUsdPerMillionTokens, "realtimeUsdPerMillionTokens");
        check(batchUsdPerMillionTokens, "batchUsdPerMillionTokens");
    }

    public BigDecimal realtime() {
        return new BigDecimal(realtimeUsdPerMillionTokens);
    }

    public BigDecimal batch() {
        return Optional.ofNullable(batchUsdPerMillionTokens)
                .map(BigDecimal::new)
                .orElseGet(() -> realtime().divide(BigDecimal.TWO));
    }

    private static void check(@Nullable String value, String name) {
        Field.check(
                value == null || value.matches(BudgetSpec.FORM),
                "%s%s is %s: give US dollars such as \"0.02\"".formatted(FIELD, name, value));
    }
}
