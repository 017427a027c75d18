package io.embeddingoperator.runner.proof;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.contract.Progress.Waiting.Reason;
import io.embeddingoperator.openai.simulator.BatchTiming;
import io.embeddingoperator.openai.simulator.QueueLimits;
import io.embeddingoperator.openai.simulator.SimulatorClock;
import io.embeddingoperator.openai.simulator.SimulatorSettings;
import io.embeddingoperator.runner.testing.RunnerProcess;
import io.embeddingoperator.runner.testing.TestingBatchJob;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runners that wait for batches: for a day, through a stop, and for room in the provider's queue. */
class BatchWaitIT {
    private static final int DOCUMENTS = 2_000;
    private static final long MEGABYTE = 1024 * 1024;

    @TempDir
    private Path folder;

    @Test
    void aDayIsWaitedForWithLittleMemoryAndNextToNoWork() throws IOException, InterruptedException {
        SimulatorClock clock = SimulatorClock.standing(Instant.now());
        try (TestingBatchJob job = new TestingBatchJob(
                        folder,
                        SimulatorSettings.defaults()
                                .withClock(clock)
                                .withTiming(new BatchTiming(
                                        Duration.ofSeconds(5),
                                        Duration.ofHours(23),
                                        Duration.ofSeconds(5),
                                        Duration.ofSeconds(5))))
                .documents(DOCUMENTS)) {
            int port = freePort();
            try (RunnerProcess runner = job.run()
                    .with(EnvironmentVariable.HTTP_PORT, Integer.toString(port))
                    .start()) {
                runner.awaitUntil("it waits", () -> waitsFor(port, Reason.BatchesPending));

                // when it has waited for a while
                Duration workBefore = runner.work();
                Thread.sleep(Duration.ofSeconds(20));
                Duration work = runner.work().minus(workBefore);

                // then
                System.out.printf(
                        "Waiting: %d MB, %d ms of work in 20 s%n", runner.bytes() / MEGABYTE, work.toMillis());
                assertThat(runner.bytes()).isLessThan(200 * MEGABYTE);
                assertThat(work).isLessThan(Duration.ofSeconds(4));

                // and when the day is over
                clock.advance(Duration.ofHours(24));
                clock.speed(1_000);
                runner.await();

                // then
                assertThat(runner.exitCode()).as(runner.errors()).isZero();
            }
            job.assertEmbeddedOnce(DOCUMENTS);
        }
    }

    @Test
    void aStopLeavesTheBatchesToTheNextRunner() {
        SimulatorClock clock = SimulatorClock.standing(Instant.now());
        try (TestingBatchJob job =
                new TestingBatchJob(folder, SimulatorSettings.defaults().withClock(clock)).documents(DOCUMENTS)) {
            // given
            try (RunnerProcess runner = job.run().start()) {
                runner.awaitUntil("the batch was made", () -> job.state().equals("Submitted"));

                // when
                long asked = System.nanoTime();
                runner.signal("TERM");
                runner.await();

                // then
                assertThat(runner.exitCode()).as(runner.errors()).isEqualTo(143);
                assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(StopIT.PROMISED);
            }
            assertThat(job.state()).isEqualTo("Submitted");

            // and when
            clock.advance(Duration.ofHours(1));
            clock.speed(1_000);
            job.runToTheEnd();

            // then
            job.assertEmbeddedOnce(DOCUMENTS);
            assertThat(job.simulator().batches()).hasSize(1);
        }
    }

    @Test
    void aFullQueueIsWaitedForAndTold() throws IOException {
        SimulatorClock clock = SimulatorClock.standing(Instant.now());
        try (TestingBatchJob job = new TestingBatchJob(
                        folder,
                        SimulatorSettings.defaults().withClock(clock).withQueue(new QueueLimits(20_000, 1_000_000)))
                .documents(DOCUMENTS)) {
            int port = freePort();
            try (RunnerProcess runner = job.run()
                    .with(EnvironmentVariable.HTTP_PORT, Integer.toString(port))
                    .start()) {
                // when the first batch, of all documents, is refused, and smaller ones fill the queue
                clock.speed(100);
                runner.awaitUntil("it waits for room", () -> {
                    clock.speed(job.simulator().batches().size() > 4 ? 0 : 100);
                    return waitsFor(port, Reason.BatchQueueFull);
                });

                // and when time passes
                clock.speed(1_000);
                runner.await();

                // then
                assertThat(runner.exitCode()).as(runner.errors()).isZero();
            }
            job.assertEmbeddedOnce(DOCUMENTS);
        }
    }

    @Test
    void anotherRunTakesOverWhatTheProviderHas() {
        try (TestingBatchJob job = interrupted()) {
            // when
            job.with("spec.runNonce", 2).with("spec.embedder.openai.batchThreshold", 7);
            job.runToTheEnd();

            // then
            job.assertEmbeddedOnce(DOCUMENTS);
            assertThat(job.simulator().batches()).hasSize(1);
        }
    }

    @Test
    void aRunInRealtimeCancelsTheBatchesOfTheRunBefore() {
        try (TestingBatchJob job = interrupted()) {
            // when
            job.with("spec.runNonce", 2).mode("Realtime").runToTheEnd();

            // then
            job.assertEmbeddedOnce(DOCUMENTS);
            assertThat(job.simulator().batches()).hasSize(1);
            assertThat(job.database().counter("vectors", "embedded + skipped")).isEqualTo(DOCUMENTS);
        }
    }

    /** A job whose runner was killed when its only batch had been worked on for a while. */
    private TestingBatchJob interrupted() {
        TestingBatchJob job = new TestingBatchJob(
                        folder,
                        SimulatorSettings.defaults()
                                .withTiming(new BatchTiming(
                                        Duration.ofMillis(100),
                                        Duration.ofSeconds(20),
                                        Duration.ofMillis(100),
                                        Duration.ofMillis(100))))
                .documents(DOCUMENTS);
        try (RunnerProcess runner = job.run().start()) {
            runner.awaitUntil(
                    "the batch is worked on",
                    () -> job.database().number("SELECT count(*) FROM" + " pg_tables WHERE tablename = 'batches'") == 1
                            && job.database()
                                            .number("SELECT count(*) FROM embedding_operator.batches"
                                                    + " WHERE provider_status = 'in_progress'")
                                    == 1);
            runner.kill();
        }
        return job;
    }

    private static boolean waitsFor(int port, Reason reason) {
        return progress(port)
                .map(Progress::waiting)
                .filter(waiting -> waiting.reason() == reason)
                .isPresent();
    }

    private static Optional<Progress> progress(int port) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            Thread.sleep(200);
            String body = client.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/progress"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
            return Optional.of(new ObjectMapper().readValue(body, Progress.class));
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
