package io.embeddingoperator.cluster.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VariableReferencesTest {
    @ParameterizedTest
    @CsvSource({
        "plain, plain",
        "$(A), one",
        "x$(A)y$(B)z, xoneytwo $z",
        "$(NONE), $(NONE)",
        "$$(A), $(A)",
        "$$$(A), $one",
        "$A ${A} $, $A ${A} $",
        "$(A, $(A",
    })
    void expandsAsKubernetesDoes(String text, String expanded) {
        assertThat(VariableReferences.expand(text, Map.of("A", "one", "B", "two $")))
                .isEqualTo(expanded);
    }
}
