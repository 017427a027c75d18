package io.embeddingoperator.runner.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.openai.simulator.fault.BatchFault;
import io.embeddingoperator.openai.simulator.fault.BatchState;
import io.embeddingoperator.openai.simulator.fault.Endpoint;
import io.embeddingoperator.openai.simulator.fault.Hold;
import io.embeddingoperator.openai.simulator.fault.Hold.Moment;
import io.embeddingoperator.runner.testing.RunnerProcess;
import io.embeddingoperator.runner.testing.TestingBatchJob;
import io.embeddingoperator.runner.testing.TestingPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A runner that is killed at any step of a batch: the next one pays for nothing again, loses nothing and leaves nothing behind. */
class BatchKillIT {
    private static final int DOCUMENTS = 60;

    @TempDir
    private Path folder;

    static Stream<Arguments> requests() {
        return Stream.of(
                Arguments.of(Endpoint.UPLOAD_FILE, 1, Moment.BEFORE_IT_IS_EXECUTED),
                Arguments.of(Endpoint.UPLOAD_FILE, 1, Moment.BEFORE_ITS_REPLY),
                Arguments.of(Endpoint.CREATE_BATCH, 1, Moment.BEFORE_IT_IS_EXECUTED),
                Arguments.of(Endpoint.CREATE_BATCH, 1, Moment.BEFORE_ITS_REPLY),
                Arguments.of(Endpoint.GET_BATCH, 1, Moment.BEFORE_ITS_REPLY),
                Arguments.of(Endpoint.GET_BATCH, 3, Moment.BEFORE_IT_IS_EXECUTED),
                Arguments.of(Endpoint.FILE_CONTENT, 1, Moment.BEFORE_IT_IS_EXECUTED),
                Arguments.of(Endpoint.FILE_CONTENT, 1, Moment.BEFORE_ITS_REPLY),
                Arguments.of(Endpoint.DELETE_FILE, 1, Moment.BEFORE_IT_IS_EXECUTED),
                Arguments.of(Endpoint.DELETE_FILE, 1, Moment.BEFORE_ITS_REPLY),
                Arguments.of(Endpoint.DELETE_FILE, 2, Moment.BEFORE_ITS_REPLY));
    }

    @ParameterizedTest
    @MethodSource("requests")
    void aKillDuringARequestIsMadeGood(Endpoint endpoint, int nth, Moment moment) {
        try (TestingBatchJob job = TestingBatchJob.quick(folder).documents(DOCUMENTS)) {
            // given
            if (endpoint == Endpoint.GET_BATCH) {
                // A batch that is done when it is first asked for would not be asked for again.
                job.simulator().faults().onNext(Endpoint.CREATE_BATCH, new BatchFault.Stuck(BatchState.IN_PROGRESS, 5));
            }
            Hold hold = job.simulator().faults().hold(endpoint, nth, moment);

            // when
            try (RunnerProcess runner = job.run().start()) {
                runner.awaitUntil("the request came", hold::isReached);
                runner.kill();
            }
            hold.release();
            job.runToTheEnd();

            // then
            job.assertEmbeddedOnce(DOCUMENTS);
            assertThat(job.simulator().batches()).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Packed",
                "Uploading",
                "Uploaded",
                "Creating",
                "Submitted",
                "Importing",
                "vectors",
                "Imported",
                "Done"
            })
    void aKillBeforeAStepIsWrittenDownIsMadeGood(String step) throws SQLException {
        try (TestingBatchJob job = TestingBatchJob.quick(folder).documents(DOCUMENTS);
                Connection brake = TestingPostgres.connect(job.database().uri())) {
            // given a first run, which makes the tables, and changed documents
            job.runToTheEnd();
            job.database().execute("UPDATE documents SET body = replace(body, 'document', 'essay')");
            String table = "embedding_operator." + (step.equals("vectors") ? "pending_documents" : "batches");
            holdWritesOf(table, brake);

            // when a runner, which found its tables as they must be, is stopped at one of the steps
            try (RunnerProcess runner = job.run().start()) {
                runner.awaitUntil("it came to write", () -> isHeld(job, table));
                brakeBefore(step, table, brake);
                runner.awaitUntil("it came to the brake", () -> isBraked(job));
                runner.kill();
            }
            release(brake);
            job.runToTheEnd();

            // then
            job.assertEmbeddedOnce(DOCUMENTS);
            assertThat(job.simulator().batches()).hasSize(2);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void killsOneAfterTheOtherAreMadeGood(int seed) {
        try (TestingBatchJob job =
                TestingBatchJob.quick(folder).documents(DOCUMENTS).shards(2)) {
            // given a runner that is killed again and again, a little later each time
            java.util.Random random = new java.util.Random(seed);
            for (int kill = 0; kill < 5; kill++) {
                try (RunnerProcess runner = job.run().start()) {
                    String before = job.state();
                    long until = System.nanoTime() + random.nextInt(1_500) * 1_000_000L;
                    runner.awaitUntilOrEnd(
                            "it got on",
                            () -> System.nanoTime() > until && !job.state().equals(before));
                    runner.kill();
                }
            }

            // when
            job.runToTheEnd();

            // then
            job.assertEmbeddedOnce(DOCUMENTS);
        }
    }

    /** A trigger that is there when a runner starts would be refused; this lock lets it start, and makes room for one. */
    private static void holdWritesOf(String table, Connection brake) throws SQLException {
        try (Statement statement = brake.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(4711)");
            brake.setAutoCommit(false);
            statement.execute("LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE".formatted(table));
        }
    }

    private static boolean isHeld(TestingBatchJob job, String table) {
        return job.database()
                        .number("SELECT count(*) FROM pg_locks WHERE relation = '%s'::regclass AND NOT granted"
                                .formatted(table))
                > 0;
    }

    private static void brakeBefore(String step, String table, Connection brake) throws SQLException {
        try (Statement statement = brake.createStatement()) {
            statement.execute("""
                    CREATE FUNCTION brake() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                      PERFORM pg_advisory_xact_lock(4711);
                      RETURN coalesce(NEW, OLD);
                    END $$""");
            statement.execute("CREATE TRIGGER brake BEFORE %s ON %s FOR EACH ROW %s EXECUTE FUNCTION brake()"
                    .formatted(
                            step.equals("vectors") ? "DELETE" : "INSERT OR UPDATE",
                            table,
                            step.equals("vectors") ? "" : "WHEN (NEW.state = '%s')".formatted(step)));
            brake.commit();
            brake.setAutoCommit(true);
        }
    }

    private static boolean isBraked(TestingBatchJob job) {
        return job.database()
                        .number("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711"
                                + " AND NOT granted")
                > 0;
    }

    private static void release(Connection brake) throws SQLException {
        try (Statement statement = brake.createStatement()) {
            statement.execute("SELECT pg_advisory_unlock(4711)");
            statement.execute("DROP FUNCTION brake CASCADE");
        }
    }
}
