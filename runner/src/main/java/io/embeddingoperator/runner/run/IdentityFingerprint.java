package io.embeddingoperator.runner.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Names the fields of a spec that may not change within a run: source, chunking, embedder, sink and shards. */
final class IdentityFingerprint {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private IdentityFingerprint() {}

    static String of(EmbeddingJobSpec spec) {
        try {
            byte[] identity = JSON.writeValueAsBytes(List.of(
                    spec.source(),
                    spec.chunking(),
                    spec.embedder(),
                    spec.sink(),
                    spec.sharding().shards()));
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(identity));
        } catch (JsonProcessingException | NoSuchAlgorithmException e) {
            throw new IllegalStateException("a spec is always JSON, and every Java platform has SHA-256", e);
        }
    }
}
