package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A run of an EmbeddingJob. Its number is the operator's count: a person changes the nonce to any other value, and the next number
 * belongs to it, so that no two runs share a number, with any values of the nonce.
 *
 * @param number from 1
 * @param nonce the runNonce that started it
 */
public record CountedRun(int number, int nonce) {
    private static final Comparator<CountedRun> LATEST_LAST = Comparator.comparingInt(CountedRun::number);

    /** The run that a manifest asks for, as its status tells: the recorded one, or the one that comes after it. */
    public static CountedRun of(EmbeddingJob manifest) {
        return of(manifest, List.of());
    }

    /**
     * The same where the status may have been lost, or an older one restored: the Jobs tell which numbers were given.
     *
     * @param jobs of all runs of the manifest
     */
    public static CountedRun of(EmbeddingJob manifest, List<Job> jobs) {
        int nonce = manifest.getSpec().runNonce();
        Optional<CountedRun> latest = Stream.concat(
                        recorded(manifest).stream(),
                        jobs.stream().map(CountedRun::of).flatMap(Optional::stream))
                .max(LATEST_LAST);
        if (latest.isEmpty()) {
            return new CountedRun(1, nonce);
        }
        return latest.get().nonce == nonce ? latest.get() : new CountedRun(latest.get().number + 1, nonce);
    }

    /** The run that comes after this one without an edit of the manifest. */
    public CountedRun next() {
        return new CountedRun(number + 1, nonce);
    }

    /** Whether the status names the run that the manifest asks for. */
    public static boolean isRecorded(EmbeddingJob manifest) {
        return recorded(manifest).filter(of(manifest)::equals).isPresent();
    }

    /** The run of the status. Earlier releases took the nonce for the number. */
    public static Optional<CountedRun> recorded(EmbeddingJob manifest) {
        return Optional.ofNullable(manifest.getStatus())
                .flatMap(status -> Optional.ofNullable(status.run())
                        .map(run -> new CountedRun(run, Objects.requireNonNullElse(status.runNonce(), run))));
    }

    private static Optional<CountedRun> of(Job job) {
        Map<String, String> labels =
                Optional.ofNullable(job.getMetadata().getLabels()).orElse(Map.of());
        try {
            int number = Integer.parseInt(labels.get(RunLabels.RUN));
            return Optional.of(new CountedRun(
                    number, Integer.parseInt(labels.getOrDefault(RunLabels.NONCE, Integer.toString(number)))));
        } catch (NumberFormatException _) {
            // Another client wrote over the label.
            return Optional.empty();
        }
    }
}
