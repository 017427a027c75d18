package io.embeddingoperator.helm.gitops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cel.bundle.Cel;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.SimpleType;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class FluxHealthTest {
    private static final Cel CEL = CelFactory.standardCelBuilder()
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .addVar("metadata", SimpleType.DYN)
            .addVar("status", SimpleType.DYN)
            .build();
    private static final JsonNode KUSTOMIZATION = Statuses.read(Statuses.GITOPS.resolve("flux/jobs.yaml"));

    /** What Flux makes of a job: the names of kstatus, and one for an expression that asks for what is not there. */
    private enum Health {
        Current,
        InProgress,
        Failed,
        /** Flux reports the error and waits. */
        NotYetThere
    }

    @Test
    void saysWhatTheConditionsMean() {
        Map<String, Health> found = new TreeMap<>();
        for (String name : Statuses.names()) {
            found.put(name, health(Statuses.named(name)));
        }

        assertThat(found)
                .isEqualTo(new TreeMap<>(Map.ofEntries(
                        Map.entry("no-status", Health.NotYetThere),
                        Map.entry("no-conditions", Health.InProgress),
                        Map.entry("stale-generation", Health.InProgress),
                        Map.entry("progressing", Health.InProgress),
                        Map.entry("waiting-for-secret", Health.InProgress),
                        Map.entry("queued", Health.InProgress),
                        Map.entry("healthy", Health.Current),
                        Map.entry("degraded", Health.Failed),
                        Map.entry("degraded-and-suspended", Health.Failed),
                        Map.entry("budget-exhausted", Health.Failed),
                        Map.entry("suspended", Health.Current))));
    }

    @Test
    void isAboutEmbeddingJobsAndNothingElse() {
        assertThat(KUSTOMIZATION.at("/spec/healthCheckExprs")).singleElement().satisfies(check -> {
            assertThat(check.path("apiVersion").textValue()).isEqualTo("embedding-operator.io/v1alpha1");
            assertThat(check.path("kind").textValue()).isEqualTo("EmbeddingJob");
            assertThat(check).hasSize(4);
        });
        assertThat(KUSTOMIZATION.at("/spec/wait").booleanValue()).isTrue();
    }

    /** The order of Flux' RFC 9: the observed generation, then inProgress, failed and current; nothing true is InProgress. */
    private static Health health(JsonNode job) {
        JsonNode observed = job.at("/status/observedGeneration");
        if (observed.isNumber()
                && observed.longValue() != job.at("/metadata/generation").longValue()) {
            return Health.InProgress;
        }
        JsonNode check = KUSTOMIZATION.at("/spec/healthCheckExprs/0");
        var order = List.of(
                Map.entry("inProgress", Health.InProgress),
                Map.entry("failed", Health.Failed),
                Map.entry("current", Health.Current));
        try {
            for (var expression : order) {
                if (check.has(expression.getKey())
                        && isTrue(check.path(expression.getKey()).textValue(), job)) {
                    return expression.getValue();
                }
            }
            return Health.InProgress;
        } catch (CelEvaluationException e) {
            return Health.NotYetThere;
        }
    }

    private static boolean isTrue(String expression, JsonNode job) throws CelEvaluationException {
        try {
            var program = CEL.createProgram(CEL.compile(expression).getAst());
            if (program.eval(Statuses.asMap(job)) instanceof Boolean isTrue) {
                return isTrue;
            }
            // CEL for Java answers with the set of what is unknown, where CEL for Go fails.
            throw new CelEvaluationException("a variable of `" + expression + "` is not there");
        } catch (CelValidationException e) {
            throw new AssertionError(expression, e);
        }
    }
}
