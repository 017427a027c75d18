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
 * The finalizer that keeps a deleted EmbeddingJob while batches of it are at work at a provider: they would go on costing money, and no
 * runner would take their results. Jobs that can have no batches do not get it.
 *
 * <p>An annotation lists the sinks of the runs that it was set for: a run takes over the batches of earlier runs that wrote to its
 * own sink, and knows nothing of the others.
 */
public final class BatchFinalizer {
    /** The name of the finalizer. */
    public static final String NAME = ApiVersion.GROUP + "/cancel-batches";

    /** The annotation with the sinks, one a line: {@code <Secret>/<key> <table>}. */
    public static final String SINKS = ApiVersion.GROUP + "/batch-sinks";

    private BatchFinalizer() {}

    /** Whether a run of this specification may have batches. */
    public static boolean isNeeded(EmbeddingJobSpec spec) {
        return switch (spec.embedder().selected()) {
            case OnnxEmbedder _ -> false;
            case OpenAiEmbedder openai -> openai.usesBatches();
        };
    }

    public static boolean isSet(EmbeddingJob manifest) {
        return manifest.hasFinalizer(NAME);
    }

    /** Whether it is set, and its sinks include that of the manifest's own run. */
    public static boolean covers(EmbeddingJob manifest) {
        return isSet(manifest) && sinks(manifest).contains(sink(manifest.getSpec()));
    }

    /** The value of the annotation with the sink of the manifest's own run included. */
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

    /** Whether a runner of the manifest can reach a provider of batches: in every mode it takes over the batches that it finds. */
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
