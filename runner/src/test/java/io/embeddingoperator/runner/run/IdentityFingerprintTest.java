package io.embeddingoperator.runner.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import org.junit.jupiter.api.Test;

class IdentityFingerprintTest {
    private static final ObjectMapper YAML = new YAMLMapper();

    @Test
    void aRunKeepsItsNameWhereAnEarlierReleaseFillsInWhatTheManifestLeavesOut() throws JsonProcessingException {
        String left = fingerprint("model: {bundled: all-minilm-l6-v2}", "type: HNSW");

        String filled = fingerprint(
                "model: {bundled: all-minilm-l6-v2}, pooling: Mean, normalize: true, maxTokens: 256, prefix: '',"
                        + " queryPrefix: ''",
                "type: HNSW, metric: Cosine");

        // as the release before named this very run
        assertThat(left)
                .isEqualTo(filled)
                .isEqualTo("742574707dd7bd595fed3ee78ee8aa6cb31826cd2b1319cf51de24852c47f8ff");
    }

    @Test
    void anotherSettingIsAnotherRun() throws JsonProcessingException {
        String left = fingerprint("model: {bundled: all-minilm-l6-v2}", "type: HNSW");

        assertThat(fingerprint("model: {bundled: all-minilm-l6-v2}, pooling: CLS", "type: HNSW"))
                .isNotEqualTo(left);
        assertThat(fingerprint("model: {bundled: all-minilm-l6-v2}, dimensions: 64", "type: HNSW"))
                .isNotEqualTo(left);
        assertThat(fingerprint("model: {bundled: all-minilm-l6-v2}", "type: HNSW, metric: Euclidean"))
                .isNotEqualTo(left);
    }

    @Test
    void aNumberThatIsGivenToAnotherNonceIsAnotherRun() throws JsonProcessingException {
        EmbeddingJobSpec spec = spec("model: {bundled: all-minilm-l6-v2}", "type: HNSW");

        // the nonce of the spec is 1
        assertThat(IdentityFingerprint.of(spec, 7)).isNotEqualTo(IdentityFingerprint.of(spec, 1));
    }

    private static String fingerprint(String onnx, String index) throws JsonProcessingException {
        return IdentityFingerprint.of(spec(onnx, index), 1);
    }

    private static EmbeddingJobSpec spec(String onnx, String index) throws JsonProcessingException {
        return YAML.readValue("""
                source: {volume: {path: "in/*.txt", format: Text}}
                embedder: {onnx: {%s}}
                sink:
                  pgvector:
                    connection: {secretKeyRef: {name: vectors, key: uri}}
                    table: vectors
                    index: {%s}
                """.formatted(onnx, index), EmbeddingJobSpec.class);
    }
}
