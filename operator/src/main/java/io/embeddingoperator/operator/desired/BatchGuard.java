package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.ApiVersion;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiMode;

/**
 * The finalizer that keeps an EmbeddingJob from going while batches of it are at work at OpenAI, which would go on costing
 * money with nobody to take their results. Jobs that can have no batches do not get it.
 */
public final class BatchGuard {
    /** The name of the finalizer. */
    public static final String FINALIZER = ApiVersion.GROUP + "/cancel-batches";

    private BatchGuard() {}

    /** Whether a run of this specification may have batches. */
    public static boolean isNeeded(EmbeddingJobSpec spec) {
        return switch (spec.embedder().selected()) {
            case OnnxEmbedder _ -> false;
            case OpenAiEmbedder openai ->
                openai.mode() != OpenAiMode.Realtime && openai.server().hasBatches();
        };
    }

    public static boolean isSet(EmbeddingJob manifest) {
        return manifest.hasFinalizer(FINALIZER);
    }
}
