package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.ApiVersion;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.api.v1alpha1.SecretKeyReference;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The finalizer that keeps an EmbeddingJob from going while batches of it are at work at a provider, which would go on costing
 * money with nobody to take their results. Jobs that can have no batches do not get it.
 *
 * <p>Beside it stand the sinks of the runs that it was set for: a run takes over the batches of earlier ones that wrote to its own
 * sink, and knows nothing of the others'.
 */
public final class BatchGuard {
    /** The name of the finalizer. */
    public static final String FINALIZER = ApiVersion.GROUP + "/cancel-batches";

    /** The annotation with the sinks, one a line: {@code <Secret>/<key> <table>}. */
    public static final String SINKS = ApiVersion.GROUP + "/batch-sinks";

    private BatchGuard() {}

    /** Whether a run of this specification may have batches. */
    public static boolean isNeeded(EmbeddingJobSpec spec) {
        return switch (spec.embedder().selected()) {
            case OnnxEmbedder _ -> false;
            case OpenAiEmbedder openai -> openai.usesBatches();
        };
    }

    public static boolean isSet(EmbeddingJob manifest) {
        return manifest.hasFinalizer(FINALIZER);
    }

    /** Whether it is set, and stands for the manifest's own run too. */
    public static boolean covers(EmbeddingJob manifest) {
        return isSet(manifest) && sinks(manifest).contains(sink(manifest.getSpec()));
    }

    /** What the annotation has to say so that it stands for the manifest's own run too. */
    public static String sinksWithOwn(EmbeddingJob manifest) {
        Set<String> sinks = isSet(manifest) ? sinks(manifest) : new TreeSet<>();
        sinks.add(sink(manifest.getSpec()));
        return String.join("\n", sinks);
    }

    /** Whether an earlier run may have left batches that the manifest's run does not take over. */
    public static boolean hasOthers(EmbeddingJob manifest) {
        Set<String> sinks = sinks(manifest);
        if (hasKey(manifest.getSpec())) {
            sinks.remove(sink(manifest.getSpec()));
        }
        return !sinks.isEmpty();
    }

    /** Why a Job made from the manifest cannot cancel all of the batches that it is set for; empty when it can. */
    public static Optional<String> outOfReach(EmbeddingJob manifest) {
        if (!hasKey(manifest.getSpec())) {
            return Optional.of("the manifest names no key for the batches of an earlier run");
        }
        String database = database(manifest.getSpec()) + " ";
        return sinks(manifest).stream()
                .filter(sink -> !sink.startsWith(database))
                .findFirst()
                .map(
                        "an earlier run wrote to a database that the manifest does not name any more (Secret and table: %s)"
                                ::formatted);
    }

    /** Whether a runner of the manifest can speak to whoever has batches: in whatever mode, it takes over those that it finds. */
    public static boolean hasKey(EmbeddingJobSpec spec) {
        return switch (spec.embedder().selected()) {
            case OnnxEmbedder _ -> false;
            case OpenAiEmbedder openai -> openai.server().hasBatches();
        };
    }

    private static Set<String> sinks(EmbeddingJob manifest) {
        return Optional.ofNullable(manifest.getMetadata().getAnnotations())
                .map(annotations -> annotations.get(SINKS))
                .stream()
                .flatMap(String::lines)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String sink(EmbeddingJobSpec spec) {
        return database(spec) + " " + spec.sink().pgvector().table().lines().collect(Collectors.joining(" "));
    }

    private static String database(EmbeddingJobSpec spec) {
        SecretKeyReference uri = spec.sink().pgvector().connection().secretKeyRef();
        return uri.name() + "/" + uri.key();
    }
}
