package io.embeddingoperator.runner.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.v1alpha1.ChunkingStrategy;
import io.embeddingoperator.api.v1alpha1.EndpointLimits;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestReaderTest {
    private static final String GOOD = """
            apiVersion: embedding-operator.io/v1alpha1
            kind: EmbeddingJob
            metadata:
              name: articles
              labels: {team: search}
            spec:
              source:
                postgres:
                  connection: {secretKeyRef: {name: db, key: uri}}
                  table: public.articles
                  keyColumn: id
                  textColumns: [title, body]
              embedder:
                onnx:
                  model: {bundled: all-minilm-l6-v2}
                  pooling: Mean
              sink:
                pgvector:
                  connection: {secretKeyRef: {name: db, key: uri}}
                  table: public.article_embeddings
              sharding: {shards: 4, parallelism: 2}
            """;

    @TempDir
    private Path folder;

    @Test
    void fillsDefaults() {
        // when
        Manifest manifest = ManifestReader.read("job.yaml", GOOD);

        // then
        assertThat(manifest.job()).isEqualTo("default/articles");
        assertThat(manifest.spec().chunking().strategy()).isEqualTo(ChunkingStrategy.Recursive);
        assertThat(manifest.spec().runNonce()).isEqualTo(1);
        assertThat(manifest.spec().failurePolicy().maxFailedDocuments()).isZero();
    }

    @Test
    void passesOverOtherObjectsAndTheStatus() {
        // given
        String several = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\n---\n" + GOOD + "status: {run: 3}\n";

        // when
        Manifest manifest = ManifestReader.read("job.yaml", several);

        // then
        assertThat(manifest.metadata().name()).isEqualTo("articles");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    table: public.articles | tabel: public.articles | spec.source.postgres.tabel is not a field of an EmbeddingJob: did you mean table?
                    keyColumn: id |  | spec.source.postgres needs exactly one of keyColumn, keyColumns: name the column that identifies a document, or those that do so together
                    pooling: Mean | pooling: Average | spec.embedder.onnx.pooling is Average: use one of CLS, LastToken, Max, Mean, MeanSqrtLength, WeightedMean
                    shards: 4 | shards: four | spec.sharding.shards is "four": use a whole number, without quotes
                    shards: 4 | shards: '4' | spec.sharding.shards is "4": use a whole number, without quotes
                    shards: 4 | shards: 4.5 | spec.sharding.shards is "4.5": use a whole number, without quotes
                    shards: 4 | shards: 1 | spec.sharding.parallelism is 2: use a number from 1 to shards (1)
                    textColumns: [title, body] | textColumns: [] | spec.source.postgres.textColumns is missing or empty: name at least one column to embed
                    textColumns: [title, body] | textColumns: title | spec.source.postgres.textColumns is "title": use a list
                    keyColumn: id | keyColumn: no | spec.source.postgres.keyColumn is false: write it in quotes, without which YAML takes no for false, and 1.10 for 1.1
                    keyColumn: id | keyColumns: [tenant, on] | spec.source.postgres.keyColumns[1] is true: write it in quotes
                    textColumns: [title, body] | textColumns: [title, 2.10] | spec.source.postgres.textColumns[1] is 2.1: write it in quotes
                    name: articles | name: 2026 | metadata.name is 2026: write it in quotes
                    shards: 4, | shards: 4, colour: 7, | spec.sharding.colour is not a field of an EmbeddingJob: known here are parallelism, shards
                    shards: 4, | shards: {a: 1}, | spec.sharding.shards is a group of fields: use a whole number, without quotes
                    name: articles | title: articles | metadata.name is missing: give the job a name
                    v1alpha1 | v2 | apiVersion is embedding-operator.io/v2: use embedding-operator.io/v1alpha1
                    table: public.articles | 'table: a, table: b' | not valid YAML
                    """)
    void refusesWithASentence(String part, String replacement, String message) {
        // given
        String bad = GOOD.replace(part, replacement == null ? "" : replacement);

        // when, then
        assertThatThrownBy(() -> ManifestReader.read("job.yaml", bad))
                .isInstanceOf(SpecificationException.class)
                .hasMessageStartingWith("job.yaml: " + message)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }

    @Test
    void saysInPlainWordsWhatTheParserMeets() {
        // given
        String deep = GOOD + "status: " + "[".repeat(1_100);
        String list = GOOD + "status:\n  ? [x]\n  : 2\n";
        String group = GOOD + "status:\n  ? {x: 1}\n  : 2\n";

        // when, then
        assertThatThrownBy(() -> ManifestReader.read("job.yaml", deep))
                .hasMessageMatching("job\\.yaml: the manifest at line 22, column \\d+ nests deeper than 1,000 levels:"
                        + " write it flatter");
        assertThatThrownBy(() -> ManifestReader.read("job.yaml", list))
                .hasMessage("job.yaml: not valid YAML at line 23, column 6: a list stands where a field's name belongs:"
                        + " write a plain name");
        assertThatThrownBy(() -> ManifestReader.read("job.yaml", group))
                .hasMessageContaining("a group of fields stands where a field's name belongs");
    }

    @Test
    void aFileThatIsTooLargeForAManifestIsNotRead() throws IOException {
        // given
        Path large = folder.resolve("large.yaml");
        try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
            file.setLength(3L << 30);
        }

        // when, then
        assertThatThrownBy(() -> ManifestReader.read(large))
                .isInstanceOf(SpecificationException.class)
                .hasMessage(large + " has 3,221,225,472 bytes, and a manifest has 3,145,728 at the most:"
                        + " give the path of a manifest");
        assertThatThrownBy(() -> ManifestReader.read(Path.of("/dev/zero")))
                .isInstanceOf(SpecificationException.class)
                .hasMessage("/dev/zero has at least 3,145,729 bytes, and a manifest has 3,145,728 at the most: give the"
                        + " path of a manifest");
    }

    @Test
    void aManifestMayComeThroughAPipe() throws IOException, InterruptedException {
        // given
        Path pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        Thread writer = Thread.ofVirtual().start(() -> write(pipe));

        // when
        Manifest manifest = ManifestReader.read(pipe);

        // then
        writer.join();
        assertThat(manifest.metadata().name()).isEqualTo("articles");
    }

    @Test
    void bytesThatAreNoTextAreNamed() throws IOException {
        // given
        Path file = Files.write(folder.resolve("job.yaml"), new byte[] {'a', (byte) 0xE4, ':'});

        // when, then
        assertThatThrownBy(() -> ManifestReader.read(file))
                .hasMessage(file + " is not valid UTF-8: write the manifest as UTF-8");
    }

    private static void write(Path pipe) {
        try {
            Files.writeString(pipe, GOOD, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void asksForExactlyOneJob() {
        assertThatThrownBy(() -> ManifestReader.read("job.yaml", "kind: Secret\n"))
                .hasMessage("job.yaml holds no EmbeddingJob: give the path of a file with exactly one");
        assertThatThrownBy(() -> ManifestReader.read("job.yaml", GOOD + "---\n" + GOOD))
                .hasMessage("job.yaml holds more than one EmbeddingJob: give the path of a file with exactly one");
    }

    @Test
    void anEndpointIsReadAsStrictlyAsAJob() {
        // given
        String endpoint = """
                apiVersion: embedding-operator.io/v1alpha1
                kind: EmbeddingEndpoint
                metadata: {name: queries}
                spec:
                  embedder: {onnx: {model: {bundled: all-minilm-l6-v2}}}
                  limits: {maxQueueMillis: 50}
                """;

        // when
        ServedManifest read = ManifestReader.readServed("endpoint.yaml", endpoint);

        // then
        assertThat(read).isInstanceOf(EndpointManifest.class);
        assertThat(read.limits()).isEqualTo(new EndpointLimits(50, 2048));
        assertThatThrownBy(() -> ManifestReader.readServed("endpoint.yaml", endpoint.replace("limits", "limit")))
                .hasMessage("endpoint.yaml: spec.limit is not a field of an EmbeddingEndpoint: did you mean limits?");
        assertThatThrownBy(() -> ManifestReader.readServed("endpoint.yaml", "kind: Secret\n"))
                .hasMessage(
                        "endpoint.yaml holds no EmbeddingJob or EmbeddingEndpoint: give the path of a file with exactly one");
        assertThatThrownBy(() -> ManifestReader.read("endpoint.yaml", endpoint))
                .hasMessage("endpoint.yaml holds no EmbeddingJob: give the path of a file with exactly one");
    }

    @Test
    void aJobsEndpointHasTheUsualLimits() {
        assertThat(ManifestReader.readServed("job.yaml", GOOD))
                .isInstanceOf(Manifest.class)
                .extracting(ServedManifest::limits)
                .isEqualTo(EndpointLimits.DEFAULT);
    }
}
