package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;

/** The manifest of a run as its pods read it. */
public final class RunnerConfigMap {
    /** The key, and the name of the file in a pod. */
    public static final String KEY = "embeddingjob.yaml";

    private RunnerConfigMap() {}

    public static ConfigMap desired(EmbeddingJob manifest) {
        return new ConfigMapBuilder().build();
    }
}
