package io.embeddingoperator.runner.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.api.contract.ExitCode;
import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.contract.Progress.Phase;
import io.embeddingoperator.runner.manifest.Manifest;
import io.embeddingoperator.runner.manifest.ManifestReader;
import io.embeddingoperator.runner.run.RunOutcome;
import io.embeddingoperator.runner.testing.TestingManifest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunSummaryTest {
    @TempDir
    private Path folder;

    private Manifest manifest;

    @BeforeEach
    void readManifest() {
        manifest = ManifestReader.read(TestingManifest.forTable(folder).write(folder));
    }

    @Test
    void runThatWasStoppedBeforeItsFirstWindowSaysNothingOfTheSource() {
        assertThat(firstLine(Phase.Interrupted, 0, 0)).isEqualTo("no document was embedded before the run ended");
    }

    @Test
    void runThatWasStoppedAmongUnchangedDocumentsDoesNotSayThatNothingHadToBeDone() {
        assertThat(firstLine(Phase.Interrupted, 0, 7)).startsWith("0 documents embedded, 7 unchanged in 5 s");
    }

    @Test
    void completeRunSaysWhyNothingWasEmbedded() {
        assertThat(firstLine(Phase.Complete, 0, 0))
                .isEqualTo("nothing had to be embedded: the source holds no documents");
        assertThat(firstLine(Phase.Complete, 0, 7)).isEqualTo("nothing had to be embedded: 7 documents are unchanged");
        assertThat(firstLine(Phase.Complete, 2, 7)).startsWith("2 documents embedded, 7 unchanged in 5 s");
    }

    @ParameterizedTest
    @CsvSource({
        "Delete, Keep, are gone from the source",
        "Keep, Delete, have no text any more",
        "Delete, Delete, are gone from the source or have no text any more"
    })
    void rowsThatWereRemovedAreOfTheDocumentsThatTheManifestSays(String orphans, String onEmpty, String which) {
        // given
        manifest = ManifestReader.read(TestingManifest.forTable(folder)
                .with("spec.sink.pgvector.orphans", orphans)
                .with("spec.sink.pgvector.onEmpty", onEmpty)
                .write(folder));
        Progress.Whole whole = new Progress.Whole(new Counts(2, 2, 0, 0, 0, 0, 0, 0, 3), 1, null, null, null);

        // when, then
        assertThat(summary(Phase.Complete, 2, 0, whole).lines())
                .contains("the rows of 3 documents that " + which + " were removed");
    }

    @Test
    void runThatCostMoneyTellsHowMuchOfItNoProviderBilled() {
        assertThat(firstLine(cost("1.25", null))).endsWith(" tokens/s, 1.25 USD");
        assertThat(firstLine(cost("1.25", "0.40")))
                .endsWith(", 1.25 USD, 0.40 of it estimated where the provider did not tell its bill");
    }

    @Test
    void indexThatNeedsMoreCandidatesIsToldWithHowToAskForThem() {
        assertThat(lines(new Progress.Recall(0.984, 160, 0.912, 40, 0.95, 100, "2026-11-20T20:59:59Z")))
                .contains(
                        "searches through the index find 98.4 % of the ten nearest chunks (100 searches compared); clients get"
                                + " that with SET hnsw.ef_search = 160, and 91.2 % with the server's 40");
        assertThat(lines(new Progress.Recall(0.99, 40, 0.99, 40, 0.95, 7, "2026-11-20T20:59:59Z")))
                .contains("searches through the index find 99.0 % of the ten nearest chunks (7 searches compared)");
    }

    private List<String> lines(Progress.Recall recall) {
        return summary(Phase.Complete, 9, 0, null, recall).lines();
    }

    private static Progress.Whole cost(String usd, String estimatedUsd) {
        return new Progress.Whole(new Counts(9, 9, 0, 0, 9, 9, 0, 0, 0), 1, usd, estimatedUsd, null);
    }

    private String firstLine(Progress.Whole whole) {
        return summary(Phase.Complete, 9, 0, whole).lines().getFirst();
    }

    private String firstLine(Phase phase, long embedded, long skipped) {
        return summary(phase, embedded, skipped, null).lines().getFirst();
    }

    private RunSummary summary(Phase phase, long embedded, long skipped, Progress.Whole whole) {
        return summary(phase, embedded, skipped, whole, null);
    }

    private RunSummary summary(Phase phase, long embedded, long skipped, Progress.Whole whole, Progress.Recall recall) {
        Progress progress = new Progress(
                new Progress.Process("default/wiki", 1, null),
                phase,
                new Progress.Committed(
                        new Progress.Documents(9L, embedded, skipped, 0),
                        new Progress.Work("documents", embedded + skipped, 9, 0),
                        0,
                        0,
                        0),
                new Progress.Pace(0, 0, null),
                null,
                null,
                null,
                whole,
                null,
                null,
                recall);
        return new RunSummary(manifest, new RunOutcome(ExitCode.DONE, progress, Duration.ofSeconds(5), List.of()));
    }
}
