package io.embeddingoperator.runner.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.ExitCode;
import io.embeddingoperator.openai.simulator.fault.BatchFault;
import io.embeddingoperator.openai.simulator.fault.BatchState;
import io.embeddingoperator.openai.simulator.fault.Endpoint;
import io.embeddingoperator.openai.simulator.fault.Hold;
import io.embeddingoperator.openai.simulator.fault.Hold.Moment;
import io.embeddingoperator.runner.activity.Activities;
import io.embeddingoperator.runner.activity.Activity;
import io.embeddingoperator.runner.testing.RunnerProcess;
import io.embeddingoperator.runner.testing.TestingBatchJob;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code embedding-runner cancel} takes everything back, wherever a batch stands, and a later run begins again. */
class BatchCancelIT {
    private static final int DOCUMENTS = 40;
    private static final int PATIENCE_SECONDS = 120;

    @TempDir
    private Path folder;

    /** A runner that is killed during the request leaves its batch in this state. */
    static Stream<Arguments> states() {
        return Stream.of(
                Arguments.of("Uploading", Endpoint.UPLOAD_FILE, Moment.BEFORE_IT_IS_EXECUTED),
                Arguments.of("Uploading", Endpoint.UPLOAD_FILE, Moment.BEFORE_ITS_REPLY),
                Arguments.of("Creating", Endpoint.CREATE_BATCH, Moment.BEFORE_IT_IS_EXECUTED),
                Arguments.of("Creating", Endpoint.CREATE_BATCH, Moment.BEFORE_ITS_REPLY),
                Arguments.of("Submitted", Endpoint.GET_BATCH, Moment.BEFORE_ITS_REPLY),
                Arguments.of("Importing", Endpoint.FILE_CONTENT, Moment.BEFORE_ITS_REPLY),
                Arguments.of("Imported", Endpoint.DELETE_FILE, Moment.BEFORE_IT_IS_EXECUTED));
    }

    @ParameterizedTest
    @MethodSource("states")
    void nothingIsLeft(String state, Endpoint endpoint, Moment moment) {
        try (TestingBatchJob job = TestingBatchJob.quick(folder).documents(DOCUMENTS)) {
            // given
            Hold hold = job.simulator().faults().hold(endpoint, 1, moment);
            try (RunnerProcess runner = job.run().start()) {
                runner.awaitUntil("the request came", hold::isReached);
                runner.kill();
            }
            hold.release();
            assertThat(job.state()).isEqualTo(state);

            // when
            assertCancelled(job);

            // then
            job.assertNothingIsLeftAtTheProvider();
            assertThat(job.spentUsd())
                    .isEqualByComparingTo(job.simulator().ledger().costUsd());

            // and when it is done again, and then the job goes on
            assertCancelled(job);
            job.runToTheEnd();

            // then
            assertThat(job.database().number("SELECT count(DISTINCT id) FROM vectors"))
                    .isEqualTo(DOCUMENTS);
            job.assertNothingIsLeftAtTheProvider();
        }
    }

    @Test
    void aProviderThatDoesNotLetGoIsAskedAgainByTheNextCommand() {
        try (TestingBatchJob job = TestingBatchJob.quick(folder).documents(DOCUMENTS)) {
            // given a batch that stays where it is, and a runner that is gone
            job.simulator().faults().onNext(Endpoint.CREATE_BATCH, new BatchFault.Stuck(BatchState.IN_PROGRESS, 600));
            job.simulator().faults().onNext(Endpoint.CREATE_BATCH, new BatchFault.Stuck(BatchState.CANCELLING, 20));
            Hold hold = job.simulator().faults().hold(Endpoint.GET_BATCH, 1, Moment.BEFORE_ITS_REPLY);
            try (RunnerProcess runner = job.run().start()) {
                runner.awaitUntil("the batch was asked for", hold::isReached);
                runner.kill();
            }
            hold.release();

            // when, then
            try (RunnerProcess cancel = job.cancel(1).execute()) {
                assertThat(cancel.exitCode()).as(cancel.errors()).isEqualTo(75);
                assertThat(cancel.output()).contains("is not gone yet").contains("run this again");
            }
            assertCancelled(job);
            job.assertNothingIsLeftAtTheProvider();
        }
    }

    @Test
    void itIsToldWhatIsWaitedForMeanwhile() throws Exception {
        try (TestingBatchJob job = TestingBatchJob.quick(folder).documents(DOCUMENTS)) {
            // given a batch that stays where it is, and a runner that is gone
            job.simulator().faults().onNext(Endpoint.CREATE_BATCH, new BatchFault.Stuck(BatchState.IN_PROGRESS, 600));
            job.simulator().faults().onNext(Endpoint.CREATE_BATCH, new BatchFault.Stuck(BatchState.CANCELLING, 600));
            Hold hold = job.simulator().faults().hold(Endpoint.GET_BATCH, 1, Moment.BEFORE_ITS_REPLY);
            try (RunnerProcess runner = job.run().start()) {
                runner.awaitUntil("the batch was asked for", hold::isReached);
                runner.kill();
            }
            hold.release();

            // when
            Set<String> waiting = new LinkedHashSet<>();
            try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
                Future<ExitCode> cancelled = threads.submit(() -> job.cancelHere(Duration.ofSeconds(5)));
                while (!cancelled.isDone()) {
                    Activities.ofThisProcess()
                            .longest(Duration.ZERO)
                            .map(Activity::sentence)
                            .ifPresent(waiting::add);
                    Thread.sleep(50);
                }
                assertThat(cancelled.get()).isEqualTo(ExitCode.TRY_AGAIN);
            }

            // then
            assertThat(waiting)
                    .anySatisfy(
                            sentence -> assertThat(sentence)
                                    .matches(
                                            "Waiting for the provider to let go has taken \\d+ s so far: batch .* is (in_progress|cancelling)"));
        }
    }

    @Test
    void aJobWithoutAnyStateHasNothingToCancel() {
        try (TestingBatchJob job = TestingBatchJob.quick(folder).documents(1);
                RunnerProcess cancel = job.cancel(1).execute()) {
            assertThat(cancel.exitCode()).as(cancel.errors()).isZero();
            assertThat(cancel.output()).contains("the job has nothing at a provider");
        }
    }

    private static void assertCancelled(TestingBatchJob job) {
        try (RunnerProcess cancel = job.cancel(PATIENCE_SECONDS).execute()) {
            assertThat(cancel.exitCode()).as(cancel.output() + cancel.errors()).isZero();
        }
    }
}
