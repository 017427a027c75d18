package io.embeddingoperator.operator.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.observe.ProgressEventSource.Latest;
import io.embeddingoperator.operator.testing.TestingClock;
import io.embeddingoperator.operator.testing.TestingManifest;
import io.embeddingoperator.operator.testing.TestingProgressBuilder;
import io.embeddingoperator.operator.testing.TestingRunner;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProgressEventSourceTest {
    private static final Duration INTERVAL = Duration.ofSeconds(5);

    /** Enough for a runner that answers, on the busiest machine. */
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    /** What a test waits for comes within this, most often. */
    private static final Duration QUIET = Duration.ofMillis(300);

    private final EmbeddingJob job = TestingManifest.wiki();
    private final TestingClock clock = new TestingClock();
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final ProgressClient client = new ProgressClient(TIMEOUT, (_, _) -> {});
    private final ProgressEventSource source = new ProgressEventSource(client, INTERVAL, clock);

    @BeforeEach
    void start() {
        source.setEventHandler(events::add);
        source.start();
    }

    @AfterEach
    void stop() {
        source.stop();
        client.close();
    }

    @Test
    void answersComeAfterwardsAndBringAReconciliation() throws Exception {
        try (TestingRunner runner = TestingRunner.answering(new TestingProgressBuilder().build())) {
            List<RunnerEndpoint> runners = List.of(runner.endpoint("wiki-1-0-x", 0));

            // when the pods are asked, the reconciliation does not wait
            assertThat(source.latest(job, runners)).isEqualTo(new Latest(Map.of(), true));

            // then the answer brings an event, and is there
            assertThat(events.poll(30, TimeUnit.SECONDS)).isEqualTo(new Event(ResourceID.fromResource(job)));
            assertThat(source.latest(job, runners))
                    .isEqualTo(new Latest(Map.of("wiki-1-0-x", new TestingProgressBuilder().build()), false));
        }
    }

    @Test
    void podsAreAskedOnceAnIntervalHoweverOftenTheJobIsLookedAt() throws Exception {
        try (TestingRunner runner = TestingRunner.answering(new TestingProgressBuilder().build())) {
            List<RunnerEndpoint> runners = List.of(runner.endpoint("wiki-1-0-x", 0));
            source.latest(job, runners);
            events.take();

            for (int pass = 0; pass < 10; pass++) {
                source.latest(job, runners);
            }
            assertThat(runner.requests()).isEqualTo(1);

            clock.advance(INTERVAL);
            source.latest(job, runners);
            awaitRequests(runner, 2);
        }
    }

    @Test
    void theMoreJobsAreAtWorkTheRarerEachOfThemIsAsked() throws Exception {
        try (TestingRunner runner = TestingRunner.answering(new TestingProgressBuilder().build())) {
            List<RunnerEndpoint> runners = List.of(runner.endpoint("wiki-1-0-x", 0));
            source.latest(job, runners);
            events.take();
            assertThat(source.interval()).isEqualTo(INTERVAL);

            // when a thousand jobs are at work
            for (int other = 1; other < 1000; other++) {
                source.latest(TestingManifest.wiki("{metadata: {name: wiki-%d}}".formatted(other)), runners);
            }

            // then each is asked every 20 seconds
            assertThat(source.interval()).isEqualTo(INTERVAL.multipliedBy(4));
            clock.advance(INTERVAL.multipliedBy(3));
            assertThat(source.latest(job, runners).newerToCome()).isFalse();
            clock.advance(INTERVAL);
            assertThat(source.latest(job, runners).newerToCome()).isTrue();

            // and every 5 seconds once the others are deleted
            for (int other = 1; other < 1000; other++) {
                source.onResourceDeleted(TestingManifest.wiki("{metadata: {name: wiki-%d}}".formatted(other)));
            }
            assertThat(source.interval()).isEqualTo(INTERVAL);
        }
    }

    @Test
    void theSameAnswerIsNoNews() throws Exception {
        try (TestingRunner runner = TestingRunner.answering(new TestingProgressBuilder().build())) {
            List<RunnerEndpoint> runners = List.of(runner.endpoint("wiki-1-0-x", 0));
            source.latest(job, runners);
            events.take();

            clock.advance(INTERVAL);
            source.latest(job, runners);

            awaitRequests(runner, 2);
            assertThat(events.poll(QUIET.toMillis(), TimeUnit.MILLISECONDS)).isNull();
        }
    }

    @Test
    void aSilentPodIsRememberedForAFewRoundsOnly() throws Exception {
        Map<String, Progress> answered = Map.of("wiki-1-0-x", new TestingProgressBuilder().build());
        RunnerEndpoint endpoint;
        try (TestingRunner runner = TestingRunner.answering(new TestingProgressBuilder().build())) {
            endpoint = runner.endpoint("wiki-1-0-x", 0);
            source.latest(job, List.of(endpoint));
            events.take();
        }

        // when it does not answer once, its last answer stands
        clock.advance(INTERVAL);
        source.latest(job, List.of(endpoint));
        assertThat(events.poll(2 * QUIET.toMillis(), TimeUnit.MILLISECONDS)).isNull();
        assertThat(source.latest(job, List.of(endpoint)).answers()).isEqualTo(answered);

        // when it stays silent, it has said nothing
        clock.advance(INTERVAL.multipliedBy(3));
        source.latest(job, List.of(endpoint));
        assertThat(events.poll(30, TimeUnit.SECONDS)).isNotNull();
        assertThat(source.latest(job, List.of(endpoint)).answers()).isEmpty();
    }

    @Test
    void aJobWithoutPodsOrWithoutManifestIsForgotten() throws Exception {
        try (TestingRunner runner = TestingRunner.answering(new TestingProgressBuilder().build())) {
            source.latest(job, List.of(runner.endpoint("wiki-1-0-x", 0)));
            events.take();
            assertThat(source.getSecondaryResources(job)).hasSize(1);

            source.onResourceDeleted(job);

            assertThat(source.getSecondaryResources(job)).isEmpty();
        }
    }

    private static void awaitRequests(TestingRunner runner, int count) throws InterruptedException {
        for (int i = 0; i < 1500 && runner.requests() < count; i++) {
            Thread.sleep(20);
        }
        assertThat(runner.requests()).isEqualTo(count);
    }
}
