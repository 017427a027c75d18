package io.embeddingoperator.runner.sink;

import static io.embeddingoperator.runner.sink.TestingDocuments.numbered;
import static io.embeddingoperator.runner.sink.TestingDocuments.range;
import static io.embeddingoperator.runner.sink.TestingDocuments.window;
import static io.embeddingoperator.runner.sink.TestingSink.ARTICLES;
import static io.embeddingoperator.runner.sink.TestingSink.RECIPE;
import static io.embeddingoperator.runner.sink.TestingSink.complete;
import static io.embeddingoperator.runner.sink.TestingSink.newDatabase;
import static io.embeddingoperator.runner.sink.TestingSink.open;
import static io.embeddingoperator.runner.sink.TestingSink.prepared;
import static io.embeddingoperator.runner.sink.TestingSink.query;
import static io.embeddingoperator.runner.sink.TestingSink.ranges;
import static io.embeddingoperator.runner.sink.TestingSink.spec;
import static io.embeddingoperator.runner.testing.TestingPostgres.execute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.api.v1alpha1.PgvectorSink;
import io.embeddingoperator.api.v1alpha1.TableOwnership;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.pipeline.Durability;
import io.embeddingoperator.runner.pipeline.WindowSink;
import io.embeddingoperator.runner.sink.run.Reading;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.RunRequest;
import io.embeddingoperator.runner.source.SourcePlan;
import io.embeddingoperator.runner.source.Watermark;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run leaves out what has not changed only where the table has what an earlier run has put there. */
class WatermarksTest {
    private final String database = newDatabase();

    @Test
    void theNextRunReadsOnBehindTheLastCompleteOne() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            assertThat(begin(sink, 1, "reading").since()).isEmpty();
            assertThat(begin(sink, 2, "reading").since())
                    .as("of a run that is not complete")
                    .isEmpty();
            Opened third = begin(sink, 3, "reading");
            end(sink, third.run());

            assertThat(begin(sink, 4, "reading").since()).contains(watermark(3));
            Opened fifth = begin(sink, 5, "reading");
            assertThat(fifth.since()).contains(watermark(3));
            end(sink, fifth.run());
            assertThat(begin(sink, 6, "reading").since()).contains(watermark(5));
        }
    }

    @Test
    void whatIsNotReadCountsAsSkipped() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            SourcePlan plan = new SourcePlan(ranges(2), new SourcePlan.Changes(70), Optional.empty());
            Run run = sink.openRun(request(1, "reading", true), _ -> plan);

            assertThat(sink.state(run).plannedWork()).isEqualTo(200);
            assertThat(sink.state(run).totals()).isEqualTo(Counts.window(70, 70, 0));
            end(sink, run);
            assertThat(sink.state(run).totals().skipped()).isEqualTo(70);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TRUNCATE vectors",
                "CREATE TABLE copied (LIKE vectors INCLUDING ALL); DROP TABLE vectors; ALTER TABLE copied RENAME TO vectors"
            })
    void aTableThatWasEmptiedOrMadeAnewIsFilledWhole(String change) {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            end(sink, begin(sink, 1, "reading").run());

            execute(database, change);

            assertThat(begin(sink, 2, "reading").since()).isEmpty();
        }
    }

    @Test
    void aTableThatACrashWouldEmptyIsFilledWholeEachTime() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            execute(database, "ALTER TABLE vectors SET UNLOGGED");
            end(sink, begin(sink, 1, "reading").run());

            assertThat(begin(sink, 2, "reading").since()).isEmpty();
        }
    }

    @Test
    void anotherManifestInBetweenAndFailedDocumentsAreReadWhole() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            end(sink, begin(sink, 1, "reading").run());
            assertThat(begin(sink, 2, "other").since()).isEmpty();
            assertThat(begin(sink, 3, "reading").since())
                    .as("after a run of another manifest, which may have written some rows")
                    .isEmpty();

            Run failing = begin(sink, 4, "reading").run();
            WindowSink windows =
                    sink.windows(failing, sink.take(failing, 0).orElseThrow(), ARTICLES, Durability.EVERY_SHARD);
            windows.commit(window(
                    "20",
                    range(0, 20),
                    List.of(new FailedDocument(Optional.of("5"), "articles id=5", "too long")),
                    numbered(1, 4, "text")));
            windows.complete();
            sink.finish(failing, 9, _ -> {});
            assertThat(begin(sink, 5, "reading").since()).isEmpty();
        }
    }

    @Test
    void aTableThatAnotherJobHadMeanwhileIsFilledWhole() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            end(sink, begin(sink, 1, "reading").run());
        }

        adopting("default/other").close();

        try (EmbeddingSink sink = adopting(TestingSink.JOB)) {
            assertThat(begin(sink, 2, "reading").since()).isEmpty();
        }
    }

    @Test
    void aRunOfChangesEndsWhenItsTableIsDropped() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            end(sink, begin(sink, 1, "reading").run());
            sink.openRun(
                    request(2, "reading", true),
                    _ -> new SourcePlan(ranges(1), new SourcePlan.Changes(70), Optional.empty()));
        }
        execute(database, "DROP TABLE vectors");

        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            assertThatThrownBy(() -> begin(sink, 2, "reading", true))
                    .isInstanceOf(SpecificationException.class)
                    .hasMessageContaining("change spec.runNonce");
            assertThat(begin(sink, 2, "reading").since()).isEmpty();
        }
    }

    @Test
    void aSourceThatCannotTellLeavesNoTrace() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            TestingSink.run(sink, 1);

            assertThat(query(database, "SELECT count(*) FROM embedding_operator.watermarks"))
                    .containsExactly("0");
        }
    }

    private EmbeddingSink adopting(String job) {
        PgvectorSink keeping = spec();
        EmbeddingSink sink = open(
                new PgvectorSink(
                        keeping.connection(),
                        keeping.table(),
                        null,
                        keeping.index(),
                        null,
                        TableOwnership.Adopt,
                        null,
                        null,
                        null,
                        null,
                        null),
                database);
        sink.prepare(job, ARTICLES, TestingDocuments.DIMENSIONS, DistanceMetric.Cosine, RECIPE);
        return sink;
    }

    private static Opened begin(EmbeddingSink sink, int number, String reading) {
        return begin(sink, number, reading, false);
    }

    private static Opened begin(EmbeddingSink sink, int number, String reading, boolean continueOnly) {
        Watermark[] given = new Watermark[1];
        Run run = sink.openRun(request(number, reading, continueOnly), known -> {
            given[0] = known.since().orElse(null);
            return new SourcePlan(ranges(1), new SourcePlan.Everything(), Optional.of(watermark(number)));
        });
        return new Opened(run, Optional.ofNullable(given[0]));
    }

    private static void end(EmbeddingSink sink, Run run) {
        run.shards().forEach(range -> complete(sink, run, range.shard()));
        sink.finish(run, 0, _ -> {});
    }

    private static Watermark watermark(int run) {
        return new Watermark("run " + run);
    }

    private static RunRequest request(int number, String reading, boolean continueOnly) {
        return new RunRequest(
                TestingSink.JOB,
                number,
                "specification",
                "recipe",
                continueOnly,
                Optional.empty(),
                Optional.of(new Reading(Reading.Of.ROWS, reading)),
                OptionalInt.empty());
    }

    private record Opened(Run run, Optional<Watermark> since) {}
}
