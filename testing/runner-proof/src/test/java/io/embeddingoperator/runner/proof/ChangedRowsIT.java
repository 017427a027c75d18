package io.embeddingoperator.runner.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.runner.testing.RunnerCommand;
import io.embeddingoperator.runner.testing.RunnerProcess;
import io.embeddingoperator.runner.testing.TestingDatabase;
import io.embeddingoperator.runner.testing.TestingManifest;
import io.embeddingoperator.runner.testing.TestingModelFolder;
import io.embeddingoperator.runner.testing.TestingPostgres;
import io.embeddingoperator.runner.testing.Vectors;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that read only what changed since the one before leave the table as a run would that reads everything. */
class ChangedRowsIT {
    private static final int DOCUMENTS = 3_000;
    private static final int ROUNDS = 6;

    private final TestingDatabase database = TestingDatabase.create();

    @TempDir
    private Path folder;

    private TestingManifest manifest;

    @BeforeEach
    void createDocuments() {
        database.createDocuments(DOCUMENTS);
        database.execute(
                "ALTER TABLE documents ADD COLUMN updated_at timestamptz NOT NULL DEFAULT '2020-01-01'",
                "ALTER TABLE documents ADD COLUMN written xid8 NOT NULL DEFAULT pg_current_xact_id()",
                "CREATE INDEX ON documents (updated_at)",
                "CREATE INDEX ON documents (written)",
                """
                CREATE FUNCTION written() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                  NEW.updated_at := now(); NEW.written := pg_current_xact_id(); RETURN NEW; END $$""",
                "CREATE TRIGGER written BEFORE INSERT OR UPDATE ON documents FOR EACH ROW EXECUTE FUNCTION written()");
        manifest = TestingManifest.forTable(TestingModelFolder.fast(folder)).shards(3);
    }

    @Test
    void whatHasNotChangedIsNeitherReadNorEmbedded() {
        TestingManifest byTime = manifest.with("spec.source.postgres.changeColumn", "updated_at");
        assertThat(run(byTime)).startsWith("3,000 documents embedded in ");

        assertThat(run(byTime)).startsWith("nothing had to be embedded: 3,000 documents are unchanged\n");
        assertThat(database.counter("vectors", "windows"))
                .as("windows with nothing in them")
                .isEqualTo(1);
        new Vectors(database, "vectors").areAccountedFor(DOCUMENTS);

        database.execute(
                "UPDATE documents SET body = body || ' now with a garden' WHERE id IN (5, 7)",
                "INSERT INTO documents (id, body) VALUES (3001, 'the river')",
                "UPDATE documents SET body = body WHERE id = 9");
        assertThat(run(byTime)).startsWith("3 documents embedded, 2,998 unchanged in ");
        new Vectors(database, "vectors").holdExactly(3_001).areAccountedFor(3_001);

        // and a person who asks for another run has everything read
        database.execute("DELETE FROM vectors WHERE id IN (100, 101)");
        assertThat(run(byTime)).startsWith("nothing had to be embedded");
        assertThat(run(byTime.with("spec.runNonce", 2))).startsWith("2 documents embedded, 2,999 unchanged in ");
    }

    @Test
    void changesLateCommitsAndKillsLeaveTheTableAsTheSourceIs() throws Exception {
        // given
        Random random = seeded();
        TestingManifest byTransaction = manifest.with("spec.source.postgres.changeColumn", "written")
                .with("spec.sink.pgvector.orphans", "Delete")
                .with("spec.sink.pgvector.orphanLimitPercent", 50);
        run(byTransaction);

        // when
        for (int round = 0; round < ROUNDS; round++) {
            try (Connection late = TestingPostgres.connect(database.uri())) {
                late.setAutoCommit(false);
                change(late, random);
                try (Connection atOnce = TestingPostgres.connect(database.uri())) {
                    change(atOnce, random);
                }
                killed(byTransaction, random);
                run(byTransaction);
                late.commit();
            }
        }
        run(byTransaction);

        // then
        assertThat(run(byTransaction)).startsWith("nothing had to be embedded: ");
        run(manifest.into("public.whole"));
        long documents = database.number("SELECT count(*) FROM documents");
        new Vectors(database, "vectors")
                .holdExactly(documents)
                .areAccountedFor(documents)
                .equal("whole");
    }

    /** Some rows, no two of the transactions that are open at once the same ones: the one would wait for the other. */
    private static void change(Connection connection, Random random) throws SQLException {
        int part = connection.getAutoCommit() ? 0 : 1;
        try (Statement statement = connection.createStatement()) {
            statement.execute("UPDATE documents SET body = body || ' and so on' WHERE id %% 2 = %d AND id %% 97 = %d"
                    .formatted(part, random.nextInt(97)));
            statement.execute("UPDATE documents SET body = body WHERE id %% 2 = %d AND id %% 89 = %d"
                    .formatted(part, random.nextInt(89)));
            statement.execute(
                    "DELETE FROM documents WHERE id %% 2 = %d AND id %% 83 = %d".formatted(part, random.nextInt(83)));
            statement.execute(
                    "INSERT INTO documents (id, body) SELECT max(id) / 2 * 2 + 1000 + %d + 2 * i, 'the river ' || i FROM documents, generate_series(1, %d) i GROUP BY i"
                            .formatted(part, 1 + random.nextInt(300)));
        }
    }

    private void killed(TestingManifest changed, Random random) throws InterruptedException {
        try (RunnerProcess runner =
                RunnerCommand.run(changed.write(folder), database.uri()).start()) {
            Thread.sleep(random.nextInt(2_500));
            runner.kill();
        }
    }

    private String run(TestingManifest changed) {
        try (RunnerProcess runner =
                RunnerCommand.run(changed.write(folder), database.uri()).execute()) {
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
            return runner.output();
        }
    }

    /** Another seed every time; the same one again with {@code -Dembedding.seed=…}. */
    private static Random seeded() {
        long seed = Long.getLong("embedding.seed", System.nanoTime());
        System.out.printf("The changes and kills come from the seed %d: repeat with -Dembedding.seed=%d%n", seed, seed);
        return new Random(seed);
    }
}
