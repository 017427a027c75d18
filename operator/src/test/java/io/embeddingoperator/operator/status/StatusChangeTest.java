package io.embeddingoperator.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.Progress.FailedDocument;
import io.embeddingoperator.api.contract.Progress.Phase;
import io.embeddingoperator.api.contract.Progress.Waiting;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.operator.status.NewEvent.Type;
import java.util.List;
import org.junit.jupiter.api.Test;

class StatusChangeTest {
    private static final EmbeddingJobStatus PENDING = TestingRun.started(2).status();

    private static EmbeddingJobStatus running(long embedded, EmbeddingJobStatus before) {
        return TestingRun.started(2)
                .pod(TestingPod.running(0), TestingProgress.embedding(0, embedded))
                .before(before)
                .status();
    }

    private static List<NewEvent> events(EmbeddingJobStatus before, EmbeddingJobStatus after) {
        return new StatusChange(before, after).events();
    }

    @Test
    void tellsOfEachNewStateOnce() {
        EmbeddingJobStatus running = running(10, PENDING);

        assertThat(events(PENDING, running))
                .containsExactly(new NewEvent(Type.Normal, "Running", "1 of 2 shards at work, 0 done"));
        assertThat(events(running, running(500, running))).isEmpty();
    }

    @Test
    void doesNotTellThatNothingHappenedYet() {
        assertThat(events(null, PENDING)).isEmpty();
        assertThat(new StatusChange(null, PENDING).isUrgent()).isTrue();
    }

    @Test
    void warnsOfTroubles() {
        EmbeddingJobStatus missing = TestingRun.started(2)
                .pod(TestingPod.waiting(0, "CreateContainerConfigError", "secret \"vectors\" not found"))
                .before(PENDING)
                .status();

        assertThat(events(PENDING, missing)).singleElement().satisfies(event -> {
            assertThat(event.type()).isEqualTo(Type.Warning);
            assertThat(event.reason()).isEqualTo("MissingSecret");
            assertThat(event.message()).contains("Secret vectors does not exist");
        });
    }

    @Test
    void doesNotTellOfEveryPauseOfARunner() {
        EmbeddingJobStatus running = running(10, PENDING);
        EmbeddingJobStatus limited = TestingRun.started(2)
                .pod(
                        TestingPod.running(0),
                        TestingProgress.embedding(0, 10).waiting(Waiting.Reason.RateLimited, "a pause of 40 s"))
                .before(running)
                .status();
        EmbeddingJobStatus goesOn = running(20, limited);
        EmbeddingJobStatus unavailable = TestingRun.started(2)
                .pod(
                        TestingPod.running(0),
                        TestingProgress.embedding(0, 20).waiting(Waiting.Reason.ProviderUnavailable, "502 for 5 min"))
                .before(goesOn)
                .status();

        assertThat(events(running, limited)).isEmpty();
        assertThat(new StatusChange(running, limited).isUrgent()).isTrue();
        assertThat(events(limited, goesOn)).isEmpty();
        assertThat(events(goesOn, unavailable)).extracting(NewEvent::type).containsExactly(Type.Warning);
    }

    @Test
    void doesNotTellOfThePodThatHasBuiltTheIndexAsOfANewBeginning() {
        EmbeddingJobStatus running = running(10, PENDING);
        EmbeddingJobStatus indexing = TestingRun.started(2)
                .pod(TestingPod.running(0), TestingProgress.complete(0).phase(Phase.Indexing))
                .before(running)
                .status();
        EmbeddingJobStatus ended = TestingRun.started(2)
                .pod(TestingPod.succeeded(0, TestingProgress.ended(0).said()))
                .before(indexing)
                .status();

        assertThat(events(running, indexing)).extracting(NewEvent::reason).containsExactly("Indexing");
        assertThat(TestingRun.line(ended)).startsWith("Running: ");
        assertThat(events(indexing, ended)).isEmpty();
    }

    @Test
    void tellsOfEachShardThatIsGivenUp() {
        EmbeddingJobStatus one = TestingRun.started(3).failedIndexes("0").status();
        EmbeddingJobStatus two =
                TestingRun.started(3).failedIndexes("0,1").before(one).status();

        assertThat(events(one, two)).extracting(NewEvent::reason).containsExactly("Failing");
        assertThat(events(two, two)).isEmpty();
    }

    @Test
    void tellsOfTheFirstFailedDocumentOnce() {
        EmbeddingJobStatus running = running(10, PENDING);
        EmbeddingJobStatus failures = TestingRun.started(2)
                .pod(
                        TestingPod.running(0),
                        TestingProgress.embedding(0, 10)
                                .documents(10, 0, 1)
                                .failedDocuments(new FailedDocument("42", "invalid UTF-8")))
                .before(running)
                .status();

        assertThat(events(running, failures))
                .containsExactly(new NewEvent(
                        Type.Warning,
                        "DocumentFailed",
                        "document 42 failed: invalid UTF-8; the others go on. All failures are in"
                                + " embedding_operator.failed_documents"));
        assertThat(events(failures, failures)).isEmpty();
    }

    @Test
    void tellsTheEndWithItsCounts() {
        EmbeddingJobStatus running = running(10, PENDING);
        EmbeddingJobStatus complete =
                TestingRun.started(2).complete().before(running).status();

        assertThat(events(running, complete)).singleElement().satisfies(event -> {
            assertThat(event.type()).isEqualTo(Type.Normal);
            assertThat(event.reason()).isEqualTo("Complete");
        });
        assertThat(events(complete, complete)).isEmpty();
    }

    @Test
    void isUrgentWhenAConditionTurnsButNotForNumbers() {
        EmbeddingJobStatus running = running(10, PENDING);
        EmbeddingJobStatus further = running(500, running);

        assertThat(further).isNotEqualTo(running);
        assertThat(new StatusChange(PENDING, running).isUrgent()).isTrue();
        assertThat(new StatusChange(running, further).isUrgent()).isFalse();
        assertThat(new StatusChange(
                                running,
                                TestingRun.started(2)
                                        .generation(2)
                                        .pod(TestingPod.running(0))
                                        .before(running)
                                        .status())
                        .isUrgent())
                .isTrue();
    }
}
