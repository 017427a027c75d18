package io.embeddingoperator.runner.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.runner.testing.RunnerCommand;
import io.embeddingoperator.runner.testing.RunnerProcess;
import io.embeddingoperator.runner.testing.TestingDatabase;
import io.embeddingoperator.runner.testing.TestingManifest;
import io.embeddingoperator.runner.testing.TestingModelFolder;
import io.embeddingoperator.runner.testing.Vectors;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that is repeated embeds what is new or changed, and nothing else. */
class RepeatIT {
    private static final int DOCUMENTS = 2_000;

    private final TestingDatabase database = TestingDatabase.create();

    @TempDir
    private Path folder;

    private TestingManifest manifest;

    @BeforeEach
    void firstRun() {
        database.createDocuments(DOCUMENTS);
        manifest = TestingManifest.forTable(TestingModelFolder.fast(folder)).shards(2);
        assertThat(run(manifest)).startsWith("2,000 documents embedded in ");
    }

    @Test
    void nothingIsEmbeddedAgainWhenNothingChanged() {
        List<String> before = writtenRows();

        assertThat(run(manifest)).startsWith("nothing had to be embedded: 2,000 documents are unchanged\n");
        assertThat(run(manifest.with("spec.runNonce", 2)))
                .startsWith("nothing had to be embedded: 2,000 documents are unchanged\n");
        assertThat(writtenRows()).isEqualTo(before);
    }

    @Test
    void exactlyTheChangedDocumentsAreEmbeddedAndOneThatShrankLosesItsStaleChunks() {
        // given
        List<String> before = writtenRows();
        database.execute(
                "UPDATE documents SET body = body || ' now with a garden' WHERE id BETWEEN 11 AND 19",
                "UPDATE documents SET body = 'the river' WHERE id = (SELECT id FROM vectors WHERE id > 19 AND chunk = 2 LIMIT 1)");

        // when
        String summary = run(manifest);

        // then
        assertThat(summary).startsWith("10 documents embedded, 1,990 unchanged in ");
        Set<String> after = new HashSet<>(writtenRows());
        assertThat(before.stream()
                        .filter(row -> !after.contains(row))
                        .map(row -> row.split(" ")[0])
                        .distinct())
                .hasSize(10);
        assertThat(database.texts("SELECT content FROM vectors v JOIN documents d USING (id) WHERE body = 'the river'"))
                .containsExactly("the river");
        new Vectors(database, "vectors").holdExactly(DOCUMENTS).areAccountedFor(DOCUMENTS);
    }

    @Test
    void rowsOfDocumentsThatAreGoneAreKeptOrDeletedAsTheManifestSays() {
        database.execute("DELETE FROM documents WHERE id IN (1, 500, 1000, 1001, 2000)");

        assertThat(run(manifest)).startsWith("nothing had to be embedded: 1,995 documents are unchanged\n");
        new Vectors(database, "vectors").holdExactly(DOCUMENTS);

        TestingManifest deleting = manifest.with("spec.sink.pgvector.orphans", "Delete");
        assertThat(run(deleting))
                .startsWith("nothing had to be embedded: 1,995 documents are unchanged\n")
                .contains("\nthe rows of 5 documents that are gone from the source were removed\n");
        new Vectors(database, "vectors").holdExactly(DOCUMENTS - 5).areAccountedFor(DOCUMENTS - 5);

        // and none of them when a condition has a mistake in it, or while the source is loaded anew
        TestingManifest mistaken = deleting.with("spec.source.postgres.where", "id > 1000");
        assertThat(heldBack(mistaken))
                .contains("\n997 of the 1,995 documents that this job had in public.vectors are gone");
        database.execute("TRUNCATE documents");
        assertThat(heldBack(deleting))
                .contains("\nthe source holds no documents, and this job has 1,995 in public.vectors");
        new Vectors(database, "vectors").holdExactly(DOCUMENTS - 5);
    }

    private String heldBack(TestingManifest changed) {
        try (RunnerProcess runner =
                RunnerCommand.run(changed.write(folder), database.uri()).execute()) {
            assertThat(runner.exitCode()).as(runner.errors()).isEqualTo(67);
            return runner.output();
        }
    }

    private String run(TestingManifest changed) {
        try (RunnerProcess runner =
                RunnerCommand.run(changed.write(folder), database.uri()).execute()) {
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
            return runner.output();
        }
    }

    private List<String> writtenRows() {
        return database.texts("SELECT id || ' ' || chunk || ' ' || embedded_at FROM vectors ORDER BY id, chunk");
    }
}
