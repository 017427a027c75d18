package io.embeddingoperator.operator.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.operator.metrics.OperatorMetrics;
import io.embeddingoperator.operator.testing.TestingProgressBuilder;
import io.embeddingoperator.operator.testing.TestingRunner;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProgressClientTest {
    private static final Duration TIMEOUT = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ProgressClient client = new ProgressClient(TIMEOUT, new OperatorMetrics(registry)::progressPolled);
    private final List<TestingRunner> runners = new ArrayList<>();

    @AfterEach
    void stop() {
        client.close();
        runners.forEach(TestingRunner::close);
    }

    @Test
    void everyRunnerIsHeard() throws Exception {
        List<RunnerEndpoint> endpoints = IntStream.range(0, 100)
                .mapToObj(
                        shard -> start(TestingRunner.answering(progress(shard))).endpoint("pod-" + shard, shard))
                .toList();

        Map<String, Progress> answers = client.ask(endpoints, PATIENCE);

        assertThat(answers).hasSize(100).containsEntry("pod-42", progress(42));
        assertThat(polls(PollResult.Answered)).isEqualTo(100);
    }

    @Test
    void aBadRunnerCostsTheGoodOnesNothing() throws Exception {
        List<RunnerEndpoint> endpoints = List.of(
                start(TestingRunner.silent()).endpoint("silent", 0),
                start(TestingRunner.dripping()).endpoint("dripping", 1),
                start(TestingRunner.answering(200, "x".repeat(2_000_000))).endpoint("huge", 2),
                start(TestingRunner.answering(200, "<html>")).endpoint("garbage", 3),
                start(TestingRunner.answering(200, "null")).endpoint("nothing", 4),
                start(TestingRunner.answering(200, "{\"job\": \"search/wiki\"}"))
                        .endpoint("half", 5),
                start(TestingRunner.answering(404, "not here")).endpoint("stranger", 6),
                closedPort("dead", 7),
                start(TestingRunner.answering(progress(8))).endpoint("good", 8));

        long start = System.nanoTime();
        Map<String, Progress> answers = client.ask(endpoints, PATIENCE);

        assertThat(answers).containsExactly(Map.entry("good", progress(8)));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(TIMEOUT.multipliedBy(4));
        assertThat(polls(PollResult.TimedOut)).isEqualTo(2);
        assertThat(polls(PollResult.Unusable)).isEqualTo(4);
        assertThat(polls(PollResult.Unreachable)).isEqualTo(2);
    }

    @Test
    void anAnswerOfAnotherPodIsNotBelieved() throws Exception {
        // given addresses that other pods have now
        List<RunnerEndpoint> endpoints = List.of(
                start(TestingRunner.answering(progress(1))).endpoint("other-shard", 0),
                start(TestingRunner.answering(new TestingProgressBuilder()
                                .job("search/other")
                                .shard(0)
                                .build()))
                        .endpoint("other-job", 0),
                start(TestingRunner.answering(
                                new TestingProgressBuilder().run(2).shard(0).build()))
                        .endpoint("other-run", 0),
                start(TestingRunner.answering(
                                new TestingProgressBuilder().shard(null).build()))
                        .endpoint("no-shard", 0));

        assertThat(client.ask(endpoints, PATIENCE)).isEmpty();
        assertThat(polls(PollResult.Unusable)).isEqualTo(4);
    }

    @Test
    void aThousandDeadPodsTakeNoLongerThanTheLimit() throws Exception {
        TestingRunner silent = start(TestingRunner.silent());
        List<RunnerEndpoint> endpoints = IntStream.range(0, 1000)
                .mapToObj(shard -> silent.endpoint("pod-" + shard, shard))
                .toList();

        long start = System.nanoTime();
        Map<String, Progress> answers = client.ask(endpoints, Duration.ofSeconds(1));

        assertThat(answers).isEmpty();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
        // and no more than a bounded number were asked at once
        assertThat(silent.requests()).isBetween(1, 3 * 64);
    }

    @Test
    void deadPodsOfOneJobDoNotKeepAnotherJobFromBeingHeard() throws Exception {
        TestingRunner silent = start(TestingRunner.silent());
        List<RunnerEndpoint> dead = IntStream.range(0, 300)
                .mapToObj(shard -> silent.endpoint("dead-" + shard, shard))
                .toList();
        List<RunnerEndpoint> alive =
                List.of(start(TestingRunner.answering(progress(0))).endpoint("alive", 0));

        Thread other = Thread.startVirtualThread(() -> {
            try {
                client.ask(dead, PATIENCE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Thread.sleep(100);
        long start = System.nanoTime();
        Map<String, Progress> answers = client.ask(alive, PATIENCE);

        assertThat(answers).containsOnlyKeys("alive");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(TIMEOUT);
        other.interrupt();
        other.join();
    }

    private TestingRunner start(TestingRunner runner) {
        runners.add(runner);
        return runner;
    }

    private static RunnerEndpoint closedPort(String pod, int shard) {
        try (TestingRunner gone = TestingRunner.silent()) {
            return gone.endpoint(pod, shard);
        }
    }

    private static Progress progress(int shard) {
        return new TestingProgressBuilder().shard(shard).build();
    }

    private long polls(PollResult result) {
        return registry.get("embedding.operator.progress.polls")
                .tag("result", result.name())
                .timer()
                .count();
    }
}
