package io.embeddingoperator.operator.desired;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.Map;
import java.util.TreeMap;

/**
 * What Kueue reads on a Job. It starts, stops and places a Job that names a queue: {@code suspend}, {@code parallelism} and
 * the pod's node selector are then its own.
 */
public final class Kueue {
    /** The label of a Job that waits in a queue. */
    public static final String QUEUE_NAME = "kueue.x-k8s.io/queue-name";

    private static final String PREFIX = "kueue.x-k8s.io/";

    private Kueue() {}

    /** Whether Kueue decides when the pods of this Job run. */
    public static boolean manages(ObjectMeta job) {
        return job.getLabels() != null && job.getLabels().containsKey(QUEUE_NAME);
    }

    /** Whether Kueue reads a label or an annotation of this name. */
    public static boolean isKueues(String key) {
        return key.startsWith(PREFIX);
    }

    /** Of labels or annotations, those that Kueue reads. */
    static Map<String, String> of(Map<String, String> entries) {
        Map<String, String> kueues = new TreeMap<>(entries == null ? Map.of() : entries);
        kueues.keySet().removeIf(key -> !isKueues(key));
        return kueues;
    }
}
