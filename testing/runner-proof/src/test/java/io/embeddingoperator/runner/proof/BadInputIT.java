package io.embeddingoperator.runner.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.runner.testing.RunnerCommand;
import io.embeddingoperator.runner.testing.RunnerProcess;
import io.embeddingoperator.runner.testing.TestingDatabase;
import io.embeddingoperator.runner.testing.TestingManifest;
import io.embeddingoperator.runner.testing.TestingModelFolder;
import io.embeddingoperator.runner.testing.TestingPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person reads who gave the command something that cannot work: one sentence, and the exit code that goes with it. */
class BadInputIT {
    private static final int BAD_SPECIFICATION = 64;
    private static final int TRY_AGAIN = 75;

    private final TestingDatabase database = TestingDatabase.create();

    @TempDir
    private Path folder;

    private TestingManifest good;

    @BeforeEach
    void aGoodManifest() {
        database.createDocuments(3);
        good = TestingManifest.forTable(TestingModelFolder.fast(folder));
    }

    @Test
    void noManifest() {
        Path missing = folder.resolve("missing.yaml");

        assertRefused(
                RunnerCommand.run(missing, database.uri()),
                BAD_SPECIFICATION,
                missing + " does not exist: give the path of a manifest");
    }

    @Test
    void aManifestWithANulByte() throws IOException {
        Path manifest = Files.writeString(folder.resolve("nul.yaml"), "kind: EmbeddingJob\n\0\n");

        assertRefused(manifest, manifest + ": not valid YAML at line 1, column 1: special characters are not allowed");
    }

    @Test
    void noArgument() {
        try (RunnerProcess runner = RunnerCommand.of("run").execute()) {
            assertThat(runner.exitCode()).isEqualTo(BAD_SPECIFICATION);
            assertThat(runner.complaints()).startsWith("Missing required option: '--file=FILE'");
        }
    }

    @Test
    void anUnknownField() {
        Path manifest = good.with("spec.source.postgres.tabel", "documents").write(folder);

        assertRefused(
                manifest,
                manifest + ": spec.source.postgres.tabel is not a field of an EmbeddingJob: did you mean table?");
    }

    @Test
    void aMissingField() {
        Path manifest = good.without("spec.source.postgres.keyColumn").write(folder);

        assertRefused(
                manifest,
                manifest
                        + ": spec.source.postgres needs exactly one of keyColumn, keyColumns: name the column that identifies a"
                        + " document, or those that do so together");
    }

    @Test
    void aValueThatNoEnumHas() {
        Path manifest = good.with("spec.embedder.onnx.pooling", "Average").write(folder);

        assertRefused(
                manifest,
                manifest
                        + ": spec.embedder.onnx.pooling is Average: use one of CLS, LastToken, Max, Mean, MeanSqrtLength, WeightedMean");
    }

    @Test
    void aTableThatDoesNotExist() {
        assertRefused(
                good.with("spec.source.postgres.table", "public.document").write(folder),
                "spec.source.postgres.table is 'public.document', and there is no such table or view;"
                        + " there is public.documents");
    }

    @Test
    void aKeyColumnThatDoesNotExist() {
        assertRefused(
                good.with("spec.source.postgres.keyColumn", "key").write(folder),
                "spec.source.postgres.keyColumn names 'key', which public.documents does not have; its columns are id, body");
    }

    @Test
    void aTextColumnThatDoesNotExist() {
        assertRefused(
                good.with("spec.source.postgres.textColumns", List.of("text")).write(folder),
                "spec.source.postgres.textColumns names 'text', which public.documents does not have;"
                        + " its columns are id, body");
    }

    @Test
    void aConnectionThatIsNotSet() {
        assertRefused(
                RunnerCommand.run(good.write(folder), database.uri()).without(EnvironmentVariable.SINK_URI),
                BAD_SPECIFICATION,
                "EMBEDDING_SINK_URI is not set: write postgresql://user:password@host:port/database or"
                        + " jdbc:postgresql://host:port/database");
    }

    @Test
    void aSourceThatCannotBeReached() {
        assertRefused(
                RunnerCommand.run(good.write(folder), database.uri())
                        .with(EnvironmentVariable.SOURCE_URI, "postgresql://reader:secret@127.0.0.1:1/corpus"),
                TRY_AGAIN,
                "EMBEDDING_SOURCE_URI: 127.0.0.1:1/corpus cannot be reached: connection refused:"
                        + " start the server, or correct host and port");
    }

    @Test
    void aWrongPasswordWhichIsNeverShown() {
        RunnerCommand command = RunnerCommand.run(good.write(folder), database.uri())
                .with(EnvironmentVariable.SINK_URI, as("embedding", "not-the-password"));

        try (RunnerProcess runner = command.execute()) {
            assertThat(runner.exitCode()).isEqualTo(BAD_SPECIFICATION);
            assertThat(runner.complaints())
                    .containsExactly(("embedding-runner: EMBEDDING_SINK_URI: %s refuses the user embedding: password"
                                    + " authentication failed for user \"embedding\": correct the user and the password")
                            .formatted(address()));
            assertThat(runner.output() + runner.errors()).doesNotContain("not-the-password");
        }
    }

    @Test
    void aDatabaseWithoutPgvectorWhereTheRoleMayNotInstallIt() {
        database.execute("DROP EXTENSION vector", "GRANT CREATE ON DATABASE %s TO PUBLIC".formatted(databaseName()));
        database.execute("GRANT USAGE, CREATE ON SCHEMA public TO PUBLIC");

        assertRefused(
                RunnerCommand.run(good.write(folder), database.uri()).with(EnvironmentVariable.SINK_URI, asStranger()),
                BAD_SPECIFICATION,
                ("The sink cannot be used, and nothing was written: pgvector is not installed in the database %s, and the"
                                + " role stranger may not install it: let a superuser run there: CREATE EXTENSION vector.")
                        .formatted(databaseName()));
    }

    @Test
    void aSinkWithoutPermission() {
        database.execute("GRANT CREATE ON DATABASE %s TO PUBLIC".formatted(databaseName()));

        assertRefused(
                RunnerCommand.run(good.write(folder), database.uri()).with(EnvironmentVariable.SINK_URI, asStranger()),
                BAD_SPECIFICATION,
                "The sink cannot be used, and nothing was written: spec.sink.pgvector.table is public.vectors, which does"
                        + " not exist, and the role stranger may not create it: let the owner of schema public run:"
                        + " GRANT USAGE, CREATE ON SCHEMA public TO stranger.");
    }

    @Test
    void aSourceWithoutPermission() {
        assertRefused(
                RunnerCommand.run(good.write(folder), database.uri())
                        .with(EnvironmentVariable.SOURCE_URI, asStranger()),
                BAD_SPECIFICATION,
                "the user stranger may not read the column 'id' of public.documents:"
                        + " GRANT SELECT ON \"public\".\"documents\" TO \"stranger\"");
    }

    @Test
    void aTableOfVectorsOfAnotherLength() {
        database.execute("""
                CREATE TABLE vectors (id bigint, chunk int, content text, embedding vector(384), chunk_start int,
                  chunk_end int, document_hash bytea, embedded_at timestamptz, PRIMARY KEY (id, chunk))""");

        assertRefused(
                good.write(folder),
                "The sink cannot be used, and nothing was written: spec.sink.pgvector.table is public.vectors, whose rows"
                        + " cannot be written: column embedding is vector(384), not vector(8); change the table, or name"
                        + " one that does not exist and it is created.");
        assertThat(database.number("SELECT count(*) FROM pg_namespace WHERE nspname = 'embedding_operator'"))
                .as("whether anything was written")
                .isZero();
    }

    @Test
    void aModelFileThatIsCorrupt() {
        Path model = TestingModelFolder.of(folder, "corrupt.onnx");

        assertRefused(
                good.with("spec.embedder.onnx.model.volume.mountPath", model.toString())
                        .write(folder),
                "the model file %s cannot be loaded (no Protobuf message): check that it is a complete ONNX model"
                        .formatted(model.resolve("model.onnx")));
    }

    @Test
    void aModelThatEmbedsNothing() {
        Path model = TestingModelFolder.of(folder, "tiny-unknown-outputs.onnx");

        assertRefused(
                good.with("spec.embedder.onnx.model.volume.mountPath", model.toString())
                        .write(folder),
                ("the model %s has no output that vectors can be taken from; it has logits (float [2, 2]), boxes"
                                + " (float [2, 4, 4]): export it with last_hidden_state (float [batch, sequence, dimensions])"
                                + " or sentence_embedding (float [batch, dimensions])")
                        .formatted(model.resolve("model.onnx")));
    }

    @Test
    void aModelFileThatMayNotBeRead() throws IOException {
        Path model = TestingModelFolder.of(folder, "corrupt.onnx");
        Path closed = model.resolve("model.onnx");
        Files.setPosixFilePermissions(closed, Set.of());
        Path manifest = good.with("spec.embedder.onnx.model.volume.mountPath", model.toString())
                .write(folder);

        try (RunnerProcess runner = RunnerCommand.run(manifest, database.uri()).executeWithoutPrivileges()) {
            assertThat(runner.exitCode()).isEqualTo(BAD_SPECIFICATION);
            assertThat(String.join("\n", runner.complaints()))
                    .contains(closed + " (mode 0000, of user ")
                    .contains(") may not be read by the runner's user, ")
                    .contains(": let it, for example by chmod a+r, or give it to that user")
                    .doesNotContain("Exception");
        }
    }

    @Test
    void aModelInAFolderThatMayNotBeEntered() throws IOException {
        Path model = TestingModelFolder.of(folder, "corrupt.onnx");
        Files.setPosixFilePermissions(model, Set.of());
        Path manifest = good.with("spec.embedder.onnx.model.volume.mountPath", model.toString())
                .write(folder);

        try (RunnerProcess runner = RunnerCommand.run(manifest, database.uri()).executeWithoutPrivileges()) {
            assertThat(runner.exitCode()).isEqualTo(BAD_SPECIFICATION);
            assertThat(String.join("\n", runner.complaints()))
                    .contains(model + " (mode 0000, of user ")
                    .contains("for example by chmod a+rx");
        } finally {
            Files.setPosixFilePermissions(model, PosixFilePermissions.fromString("rwx------"));
        }
    }

    private void assertRefused(Path manifest, String sentence) {
        assertRefused(RunnerCommand.run(manifest, database.uri()), BAD_SPECIFICATION, sentence);
    }

    private static void assertRefused(RunnerCommand command, int exitCode, String sentence) {
        try (RunnerProcess runner = command.execute()) {
            assertThat(runner.complaints()).containsExactly("embedding-runner: " + sentence);
            assertThat(runner.exitCode()).isEqualTo(exitCode);
            assertThat(runner.output()).isEmpty();
        }
    }

    /** The database as a role that owns nothing. */
    private String asStranger() {
        TestingPostgres.execute(database.uri(), """
                DO $$ BEGIN
                  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'stranger') THEN
                    CREATE ROLE stranger LOGIN PASSWORD 'stranger';
                  END IF;
                END $$""");
        return as("stranger", "stranger");
    }

    private String as(String user, String password) {
        return database.uri().replaceFirst("//[^@]*@", "//%s:%s@".formatted(user, password));
    }

    private String address() {
        return database.uri().replaceFirst("^.*@", "");
    }

    private String databaseName() {
        return database.texts("SELECT current_database()").getFirst();
    }
}
