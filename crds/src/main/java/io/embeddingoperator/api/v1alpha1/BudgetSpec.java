package io.embeddingoperator.api.v1alpha1;

import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.math.BigDecimal;

/**
 * What a run may cost.
 *
 * @param maxCostUsd US dollars as a decimal in quotes, for example {@code "25.00"}
 */
public record BudgetSpec(
        @Required @Size(max = Limit.USD) @Pattern(BudgetSpec.FORM)
        String maxCostUsd) {
    static final String FORM = "^[0-9]{1,9}(\\.[0-9]{1,6})?$";

    public BudgetSpec {
        Field.requiredText(maxCostUsd, "spec.budget.maxCostUsd", "give US dollars such as \"25.00\"");
        Field.check(
                maxCostUsd.matches(FORM),
                "spec.budget.maxCostUsd is %s: give US dollars such as \"25.00\"".formatted(maxCostUsd));
    }

    public BigDecimal usd() {
        return new BigDecimal(maxCostUsd);
    }
}
