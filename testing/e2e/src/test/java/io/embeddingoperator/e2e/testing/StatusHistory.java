package io.embeddingoperator.e2e.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

/** Every status that a job had, as a client sees it that watches all the time - as far as the API server answers. */
public final class StatusHistory implements AutoCloseable, ResourceEventHandler<EmbeddingJob> {
    private final List<Entry> entries = new CopyOnWriteArrayList<>();
    private final SharedIndexInformer<EmbeddingJob> informer;

    /** A status of one life of a job: of two jobs with one name, each has its own. */
    private record Entry(String uid, EmbeddingJobStatus status) {}

    private StatusHistory(TestingJob job) {
        informer = job.cluster()
                .client()
                .resources(EmbeddingJob.class)
                .inNamespace(job.namespace())
                .runnableInformer(0)
                // It looks again when the API server is back.
                .exceptionHandler((started, failure) -> true)
                .addEventHandler(this);
    }

    /** Begins to watch a job, which may not be there yet. */
    public static StatusHistory of(TestingJob job) {
        StatusHistory history = new StatusHistory(job);
        history.informer.start().toCompletableFuture().join();
        return history;
    }

    /** The words of the column Status, in their order, without repetition of the one before. */
    public List<String> words() {
        List<String> words = new ArrayList<>();
        for (Entry entry : entries) {
            String word = condition(entry.status(), "Ready").getReason();
            if (words.isEmpty() || !words.getLast().equals(word)) {
                words.add(word);
            }
        }
        return words;
    }

    /** No number became less, nothing was taken back, and nothing was said to be complete before it was. */
    public void assertNeverWentBack() {
        assertThat(entries).as("statuses seen").hasSizeGreaterThan(2);
        List<String> setbacks = new ArrayList<>();
        for (int next = 1; next < entries.size(); next++) {
            Entry before = entries.get(next - 1);
            Entry after = entries.get(next);
            if (before.uid().equals(after.uid())) {
                setbacks.addAll(setbacks(before.status(), after.status()));
            }
        }
        entries.forEach(entry -> setbacks.addAll(lies(entry.status())));
        assertThat(setbacks).as("setbacks of the status %s", words()).isEmpty();
    }

    /** What a later status takes back of what the former one of the same run said. */
    static List<String> setbacks(EmbeddingJobStatus before, EmbeddingJobStatus after) {
        List<String> setbacks = new ArrayList<>();
        if (!Objects.equals(before.run(), after.run())) {
            return setbacks;
        }
        compare(setbacks, "total", before.documents().total(), after.documents().total());
        compare(
                setbacks,
                "embedded",
                before.documents().embedded(),
                after.documents().embedded());
        compare(
                setbacks,
                "skipped",
                before.documents().skipped(),
                after.documents().skipped());
        compare(
                setbacks,
                "failed",
                before.documents().failed(),
                after.documents().failed());
        compare(
                setbacks,
                "percent",
                before.documents().percent(),
                after.documents().percent());
        compare(setbacks, "chunks", before.chunks(), after.chunks());
        compare(setbacks, "tokens", before.tokens(), after.tokens());
        if (!"Restarting".equals(condition(before, "Ready").getReason())) {
            // A Job that starts again begins with none of its indexes succeeded; the documents stay where they are.
            compare(setbacks, "succeeded shards", succeededShards(before), succeededShards(after));
        }
        compare(setbacks, "restarts", restarts(before), restarts(after));
        compare(setbacks, "observedGeneration", before.observedGeneration(), after.observedGeneration());
        if (before.startTime() != null && !before.startTime().equals(after.startTime())) {
            setbacks.add("startTime went from %s to %s".formatted(before.startTime(), after.startTime()));
        }
        if (holds(before, "Complete") && !holds(after, "Complete")) {
            setbacks.add("Complete was taken back");
        }
        return setbacks;
    }

    /** What cannot be true of any status in these tests, where every document is good and is counted beforehand. */
    static List<String> lies(EmbeddingJobStatus status) {
        List<String> lies = new ArrayList<>();
        long through = orZero(status.documents().embedded())
                + orZero(status.documents().skipped())
                + orZero(status.documents().failed());
        Long total = status.documents().total();
        if (total != null && through > total) {
            lies.add("%d documents of %d are through".formatted(through, total));
        }
        if (holds(status, "Complete") && (total == null || through != total)) {
            lies.add("complete with %d documents of %s".formatted(through, total));
        }
        if (holds(status, "Complete")
                != Integer.valueOf(100).equals(status.documents().percent())) {
            lies.add("%d %% while Complete is %s".formatted(status.documents().percent(), holds(status, "Complete")));
        }
        if (holds(status, "Failed") || orZero(status.documents().failed()) > 0) {
            lies.add("failed: " + condition(status, "Failed").getMessage());
        }
        return lies;
    }

    /** Null before the operator has seen the Job. */
    private static Integer succeededShards(EmbeddingJobStatus status) {
        return status.shards() == null ? null : status.shards().succeeded();
    }

    private static int restarts(EmbeddingJobStatus status) {
        return status.restarts() == null ? 0 : status.restarts();
    }

    private static void compare(List<String> setbacks, String what, Number before, Number after) {
        if (before != null && (after == null || after.longValue() < before.longValue())) {
            setbacks.add("%s went from %s to %s".formatted(what, before, after));
        }
    }

    private static long orZero(Long number) {
        return number == null ? 0 : number;
    }

    private static boolean holds(EmbeddingJobStatus status, String type) {
        return "True".equals(condition(status, type).getStatus());
    }

    private static Condition condition(EmbeddingJobStatus status, String type) {
        return status.conditions().stream()
                .filter(condition -> condition.getType().equals(type))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void onAdd(EmbeddingJob job) {
        if (job.getStatus() != null && job.getStatus().conditions() != null) {
            entries.add(new Entry(job.getMetadata().getUid(), job.getStatus()));
        }
    }

    @Override
    public void onUpdate(EmbeddingJob before, EmbeddingJob after) {
        onAdd(after);
    }

    @Override
    public void onDelete(EmbeddingJob job, boolean finalStateUnknown) {
        // Its last status was seen.
    }

    @Override
    public void close() {
        informer.close();
    }
}
