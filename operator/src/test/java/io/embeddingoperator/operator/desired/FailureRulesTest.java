package io.embeddingoperator.operator.desired;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicyRule;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FailureRulesTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
                    drained, checkpoint kept         | 143 | DisruptionTarget | Ignore
                    evicted, killed before it left   | 137 | DisruptionTarget | Ignore
                    bad specification                |  64 |                  | FailJob
                    too many failed documents        |  65 |                  | FailIndex
                    too many documents are gone      |  67 |                  | FailIndex
                    budget used up                   |  66 |                  | Ignore
                    database away                    |  75 |                  | Count
                    deleted by hand                  | 143 |                  | Ignore
                    interrupted                      | 130 |                  | Ignore
                    out of memory                    | 137 |                  | Count
                    crashed                          |   1 |                  | Count
                    JVM out of heap                  |   3 |                  | Count
                    """)
    void theEndOfAPodMeans(String end, int exitCode, String condition, String action) {
        Set<String> conditions = condition == null ? Set.of() : Set.of(condition);

        assertThat(FailureRules.policy().getRules().stream()
                        .filter(rule -> matches(rule, exitCode, conditions))
                        .findFirst()
                        .map(PodFailurePolicyRule::getAction)
                        .orElse("Count"))
                .isEqualTo(action);
    }

    /** As the Job controller matches. */
    private static boolean matches(PodFailurePolicyRule rule, int exitCode, Set<String> conditions) {
        if (rule.getOnExitCodes() != null) {
            return rule.getOnExitCodes().getValues().contains(exitCode);
        }
        return rule.getOnPodConditions().stream()
                .anyMatch(pattern -> conditions.contains(pattern.getType()) && "True".equals(pattern.getStatus()));
    }
}
