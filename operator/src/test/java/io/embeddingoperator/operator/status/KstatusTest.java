package io.embeddingoperator.operator.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.operator.desired.SpecificationProblem;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What Flux and {@code helm --wait} make of each state, by the algorithm that kstatus publishes for custom resources. */
class KstatusTest {
    private enum Verdict {
        InProgress,
        Failed,
        Current
    }

    /** First the generation, then the first condition that decides, then Ready. */
    private static Verdict verdict(EmbeddingJob manifest, EmbeddingJobStatus status) {
        if (!manifest.getMetadata().getGeneration().equals(status.observedGeneration())) {
            return Verdict.InProgress;
        }
        for (Condition condition : status.conditions()) {
            boolean holds = condition.getStatus().equals("True");
            if (condition.getType().equals("Reconciling") && holds) {
                return Verdict.InProgress;
            }
            if (condition.getType().equals("Stalled") && holds) {
                return Verdict.Failed;
            }
        }
        return status.conditions().stream()
                .filter(condition -> condition.getType().equals("Ready"))
                .findFirst()
                .map(ready -> ready.getStatus().equals("True") ? Verdict.Current : Verdict.InProgress)
                .orElse(Verdict.Current);
    }

    static Stream<Arguments> states() {
        return Stream.of(
                argumentSet("new", TestingRun.manifest(1), Verdict.InProgress),
                argumentSet("started", TestingRun.started(1), Verdict.InProgress),
                argumentSet("running", TestingRun.started(1).pod(TestingPod.running(0)), Verdict.InProgress),
                argumentSet(
                        "retrying",
                        TestingRun.started(1).pod(TestingPod.failed(0, 75, (String) null)),
                        Verdict.InProgress),
                argumentSet(
                        "waiting for a Secret",
                        TestingRun.started(1)
                                .pod(TestingPod.waiting(0, "CreateContainerConfigError", "secret \"x\" not found")),
                        Verdict.InProgress),
                argumentSet(
                        "failing",
                        TestingRun.started(2).failedIndexes("0").pod(TestingPod.running(1)),
                        Verdict.InProgress),
                argumentSet("queued", TestingRun.started(1).jobSuspended().queued("gpus"), Verdict.InProgress),
                argumentSet("suspended", TestingRun.started(1).suspend().jobSuspended(), Verdict.InProgress),
                argumentSet(
                        "paused at its budget",
                        TestingRun.started(1).budget("25").jobPausedAt("25"),
                        Verdict.InProgress),
                argumentSet("complete", TestingRun.started(1).complete(), Verdict.Current),
                argumentSet(
                        "every pod done, and the sink unread",
                        TestingRun.started(1).jobComplete(),
                        Verdict.InProgress),
                argumentSet(
                        "complete, and the Job gone",
                        TestingRun.manifest(1)
                                .generation(7)
                                .before(TestingRun.started(1).complete().status()),
                        Verdict.Current),
                argumentSet(
                        "complete, and a new run wanted",
                        TestingRun.manifest(1)
                                .run(2)
                                .before(TestingRun.started(1).complete().status()),
                        Verdict.InProgress),
                argumentSet(
                        "failed", TestingRun.started(1).jobFailed("BackoffLimitExceeded", "too many"), Verdict.Failed));
    }

    @ParameterizedTest
    @MethodSource("states")
    void waitsUntilTheVectorsAreThereOrAPersonHasToAct(TestingRun run, Verdict expected) {
        assertThat(verdict(run.manifest(), run.status())).isEqualTo(expected);
    }

    @Test
    void failsOnAManifestThatCannotBeFollowed() {
        EmbeddingJob manifest = TestingRun.manifest(1).manifest();

        EmbeddingJobStatus refused = StatusDecision.refused(
                manifest,
                TestingRun.NOW,
                new SpecificationProblem(SpecificationProblem.Reason.InvalidTemplate, "spec.template.env: no"));

        assertThat(verdict(manifest, refused)).isEqualTo(Verdict.Failed);
    }

    @Test
    void isInProgressUntilAnEditWasSeen() {
        EmbeddingJobStatus complete = TestingRun.started(1).complete().status();

        assertThat(verdict(TestingRun.manifest(1).generation(2).manifest(), complete))
                .isEqualTo(Verdict.InProgress);
    }
}
