package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;

/**
 * The names of a run's objects, {@code <name>-<number>}. Two runs never share one: a number has no dash. The longest, a
 * name of 46 characters and a number of 10 digits, is 57 characters; with the index of the last of 100,000 shards it makes a
 * host name of 63, the most that Kubernetes takes.
 *
 * @param job the Indexed Job
 * @param configMap the manifest that its pods read
 */
public record RunNames(String job, String configMap) {
    public static RunNames of(EmbeddingJob manifest) {
        String name =
                manifest.getMetadata().getName() + "-" + CountedRun.of(manifest).number();
        return new RunNames(name, name);
    }
}
