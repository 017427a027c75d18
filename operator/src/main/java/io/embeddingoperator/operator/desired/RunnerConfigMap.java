package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.ApiVersion;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The manifest of a run as its pods read it. */
public final class RunnerConfigMap {
    /** The key, and the name of the file in a pod. */
    public static final String KEY = "embeddingjob.yaml";

    /** The annotation with the time at which the data was changed. */
    public static final String CHANGED = ApiVersion.GROUP + "/changed";

    /** Only objects in memory have it: where an object of the API server has it, the operator replaces it. */
    private static final String DIGEST = ApiVersion.GROUP + "/digest";

    /**
     * What is about pods is of no use inside of them, and the template's variables may hold what other readers of the ConfigMap should
     * not see.
     */
    private static final List<String> ABOUT_PODS = List.of("template", "podRetentionSeconds");

    private RunnerConfigMap() {}

    /** The ConfigMap of the manifest's run, owned by the EmbeddingJob. */
    public static ConfigMap desired(EmbeddingJob manifest) {
        return new ConfigMapBuilder()
                .withMetadata(Ownership.metadata(manifest, RunNames.of(manifest).configMap()))
                .withData(data(manifest))
                .build();
    }

    /** Other data in the place of the former: the time of the change tells which pods may have read the former. */
    public static ConfigMap changed(EmbeddingJob manifest, Instant at) {
        return new ConfigMapBuilder(desired(manifest))
                .editMetadata()
                .addToAnnotations(CHANGED, at.toString())
                .endMetadata()
                .build();
    }

    /** When its data was last changed; empty when it is as it was created, or the time is unreadable. */
    public static Optional<Instant> changed(ConfigMap configMap) {
        try {
            return Optional.ofNullable(configMap.getMetadata().getAnnotations())
                    .map(annotations -> annotations.get(CHANGED))
                    .map(Instant::parse);
        } catch (DateTimeException _) {
            return Optional.empty();
        }
    }

    /**
     * A ConfigMap as the operator keeps it in memory: a digest in the place of its data, which another client may have written.
     *
     * @param metadata what is kept of its metadata
     */
    public static ConfigMap kept(ConfigMap read, ObjectMeta metadata) {
        boolean texts = read.getData() != null
                && (read.getBinaryData() == null || read.getBinaryData().isEmpty());
        return new ConfigMapBuilder()
                .withMetadata(metadata)
                .editMetadata()
                .addToAnnotations(DIGEST, texts ? digest(read.getData()) : "none")
                .endMetadata()
                .build();
    }

    /**
     * Whether pods that start now read what the manifest says.
     *
     * @param kept as {@link #kept} makes it
     */
    public static boolean isCurrent(ConfigMap kept, EmbeddingJob manifest) {
        return kept.getMetadata().getAnnotations() != null
                && digest(data(manifest))
                        .equals(kept.getMetadata().getAnnotations().get(DIGEST));
    }

    private static String digest(Map<String, String> data) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            // The length before each text: where one ends and the next begins makes a difference.
            for (Map.Entry<String, String> entry : new TreeMap<>(data).entrySet()) {
                for (String text : List.of(entry.getKey(), entry.getValue())) {
                    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                    sha256.update(ByteBuffer.allocate(Integer.BYTES)
                            .putInt(bytes.length)
                            .flip());
                    sha256.update(bytes);
                }
            }
            return HexFormat.of().formatHex(sha256.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static Map<String, String> data(EmbeddingJob manifest) {
        return Map.of(KEY, ManifestFile.of(manifest, manifest.getSpec(), ABOUT_PODS));
    }
}
