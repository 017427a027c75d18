package io.embeddingoperator.runner.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.v1alpha1.ChunkingStrategy;
import io.embeddingoperator.runner.failure.SpecificationException;
import org.junit.jupiter.api.Test;
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
                    keyColumn: id |  | spec.source.postgres.keyColumn is missing: name the column that identifies a document
                    pooling: Mean | pooling: Average | spec.embedder.onnx.pooling is Average: use one of CLS, LastToken, Mean
                    shards: 4 | shards: four | spec.sharding.shards is "four": use a whole number, without quotes
                    shards: 4 | shards: '4' | spec.sharding.shards is "4": use a whole number, without quotes
                    shards: 4 | shards: 4.5 | spec.sharding.shards is "4.5": use a whole number, without quotes
                    shards: 4 | shards: 1 | spec.sharding.parallelism is 2: use a number from 1 to shards (1)
                    textColumns: [title, body] | textColumns: [] | spec.source.postgres.textColumns is missing or empty: name at least one column to embed
                    textColumns: [title, body] | textColumns: title | spec.source.postgres.textColumns is "title": use a list
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
    void asksForExactlyOneJob() {
        assertThatThrownBy(() -> ManifestReader.read("job.yaml", "kind: Secret\n"))
                .hasMessage("job.yaml holds no EmbeddingJob: a run needs exactly one");
        assertThatThrownBy(() -> ManifestReader.read("job.yaml", GOOD + "---\n" + GOOD))
                .hasMessage("job.yaml holds more than one EmbeddingJob: a run needs exactly one");
    }
}
