package io.embeddingoperator.runner.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.runner.testing.RunnerCommand;
import io.embeddingoperator.runner.testing.RunnerProcess;
import io.embeddingoperator.runner.testing.TestingDatabase;
import io.embeddingoperator.runner.testing.TestingManifest;
import io.embeddingoperator.runner.testing.TestingModelFolder;
import io.embeddingoperator.runner.testing.Vectors;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables whose rows several columns tell apart together; the same documents with a key of one column are the measure. */
class SeveralKeyColumnsIT {
    private static final int DOCUMENTS = 12_000;
    private static final int GONE = 600;

    /** Windows after which the runner is killed: it reads the table in four shards of three windows each. */
    private static final List<Integer> KILLS = List.of(0, 2, 4, 6);

    private final TestingDatabase database = TestingDatabase.create();

    @TempDir
    private Path folder;

    private RunnerCommand single;
    private RunnerCommand several;
    private Path manifest;

    @BeforeEach
    void createTables() {
        database.createDocuments(DOCUMENTS);
        database.execute(
                "CREATE TABLE tickets (tenant text COLLATE \"en-x-icu\", number int, id bigint, body text,"
                        + " PRIMARY KEY (tenant, number))",
                "INSERT INTO tickets SELECT CASE WHEN id % 10 = 0 THEN 'a/b~' || id % 70 ELSE 'acme' END, -id, id, body"
                        + " FROM documents",
                "ANALYZE tickets");
        TestingManifest ofOne =
                TestingManifest.forTable(TestingModelFolder.fast(folder)).shards(4);
        single = RunnerCommand.run(ofOne.into("public.single").write(folder, "single.yaml"), database.uri());
        manifest = ofOne.without("spec.source.postgres.keyColumn")
                .with("spec.source.postgres.keyColumns", List.of("tenant", "number"))
                .with("spec.source.postgres.table", "public.tickets")
                .with("spec.source.postgres.metadataColumns", List.of("id", "tenant"))
                .with("spec.sink.pgvector.orphans", "Delete")
                .with("spec.failurePolicy.maxFailedDocuments", 1)
                .into("public.several")
                .write(folder, "several.yaml");
        several = RunnerCommand.run(manifest, database.uri());
    }

    @Test
    void areEmbeddedOnceAndGoOnceThoughTheRunnerIsKilledInAnyWindow() {
        // given
        runToTheEnd(single);

        // when
        KILLS.forEach(windows -> killInRun(1, windows));
        runToTheEnd(several);

        // then
        new Vectors(database, "several").holdExactly(DOCUMENTS).equal("single").areAccountedFor(DOCUMENTS);
        assertThat(database.counter("several", "embedded")).isEqualTo(DOCUMENTS);
        assertThat(documentsThatAreFoundByTheirKey()).isEqualTo(DOCUMENTS);

        // given documents that are gone, are new, have changed and have no text any more
        database.execute(
                "DELETE FROM tickets WHERE id % 20 = 3 OR id % 20 = 10",
                "INSERT INTO tickets SELECT 'new', id, id, body FROM documents WHERE id % 20 = 3",
                "UPDATE tickets SET body = body || ' and a garden' WHERE id % 20 = 5",
                "UPDATE tickets SET body = NULL WHERE id = 7");

        // when
        KILLS.forEach(windows -> killInRun(2, windows));
        String summary = runToTheEnd(several);

        // then
        assertThat(summary).contains("the rows of 1,200 documents that are gone from the source were removed");
        new Vectors(database, "several").holdExactly(DOCUMENTS - GONE).areAccountedFor(DOCUMENTS - GONE);
        assertThat(database.counter("several", "embedded")).isEqualTo(2 * GONE);
        assertThat(documentsThatAreFoundByTheirKey()).isEqualTo(DOCUMENTS - GONE);
        assertThat(database.texts("SELECT concat_ws(', ', key, location) FROM embedding_operator.failed_documents"))
                .containsExactly("acme/-7, public.tickets tenant=acme number=-7");
    }

    @Test
    void arePlannedAndFoundByTheirReadableKey() {
        runToTheEnd(several);

        assertThat(output("plan", "-f", manifest.toString())).contains("12,000");
        assertThat(output("search", "-f", manifest.toString(), "-k", "3", "--where", "tenant=a/b~0", "the river")
                        .lines())
                .hasSize(3)
                .allMatch(line -> line.matches("0\\.\\d{4}  a~1b~00/-\\d+0#\\d+  .+"));
    }

    private long documentsThatAreFoundByTheirKey() {
        return database.number("SELECT count(DISTINCT document_key) FROM several v JOIN tickets t ON v.id = t.id"
                + " AND document_key = replace(replace(t.tenant, '~', '~0'), '/', '~1') || '/' || t.number");
    }

    private void killInRun(int run, int windows) {
        try (RunnerProcess runner = several.start()) {
            runner.awaitUntil(
                    "%d windows of run %d were committed".formatted(windows + 1, run),
                    () -> database.committedWindows("several") > windows && runs() == run);
            runner.kill();
        }
    }

    private long runs() {
        return database.number("SELECT count(*) FROM embedding_operator.runs WHERE sink_table = 'public.several'");
    }

    private static String runToTheEnd(RunnerCommand command) {
        try (RunnerProcess runner = command.execute()) {
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
            return runner.output();
        }
    }

    private String output(String... arguments) {
        return runToTheEnd(RunnerCommand.of(arguments)
                .with(EnvironmentVariable.SOURCE_URI, database.uri())
                .with(EnvironmentVariable.SINK_URI, database.uri()));
    }
}
