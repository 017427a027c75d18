package io.embeddingoperator.bench.scale;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a person who watches would see of every EmbeddingJob and its Job, and when. */
final class SeenJobs implements AutoCloseable {
    private final Map<String, SeenJob> jobs = new ConcurrentHashMap<>();
    private final SharedIndexInformer<EmbeddingJob> manifests;
    private final SharedIndexInformer<Job> children;

    SeenJobs(KubernetesClient client) {
        manifests = client.resources(EmbeddingJob.class)
                .inAnyNamespace()
                .inform(each(manifest -> seen(
                                manifest.getMetadata().getNamespace(),
                                manifest.getMetadata().getName())
                        .see(manifest.getStatus())));
        children = client.batch()
                .v1()
                .jobs()
                .inAnyNamespace()
                .inform(each(job -> seen(
                                job.getMetadata().getNamespace(),
                                job.getMetadata().getLabels().getOrDefault("embedding-operator.io/job", ""))
                        .see(job)));
    }

    /** One that is about to be created. */
    SeenJob created(String namespace, String name) {
        SeenJob job = seen(namespace, name);
        job.created = Instant.now();
        return job;
    }

    private SeenJob seen(String namespace, String name) {
        return jobs.computeIfAbsent(namespace + "/" + name, SeenJob::new);
    }

    @Override
    public void close() {
        manifests.close();
        children.close();
    }

    private static <T extends HasMetadata> ResourceEventHandler<T> each(Consumer<T> seen) {
        return new ResourceEventHandler<>() {
            @Override
            public void onAdd(T object) {
                seen.accept(object);
            }

            @Override
            public void onUpdate(T before, T object) {
                seen.accept(object);
            }

            @Override
            public void onDelete(T object, boolean unseen) {}
        };
    }

    /** When the last of these happened, once it has happened to all. */
    static Instant last(Collection<SeenJob> jobs, Function<SeenJob, Instant> event) {
        return jobs.stream().map(event).max(Instant::compareTo).orElseThrow();
    }

    /**
     * A number that stood in a status.
     *
     * @param at when it was first seen there
     */
    record Told(Instant at, long embedded) {}

    /** One EmbeddingJob; each time is null until it comes. */
    static final class SeenJob {
        private final String name;
        private final List<Told> told = new CopyOnWriteArrayList<>();

        private volatile @Nullable Instant created;
        private volatile @Nullable Instant hasStatus;
        private volatile @Nullable Instant hasJob;
        private volatile @Nullable String jobUid;
        private volatile @Nullable Instant saysRunning;
        private volatile @Nullable Instant jobComplete;
        private volatile @Nullable Instant saysComplete;
        private volatile @Nullable EmbeddingJobStatus status;

        private SeenJob(String name) {
            this.name = name;
        }

        private void see(@Nullable EmbeddingJobStatus now) {
            if (now == null || now.conditions() == null) {
                return;
            }
            List<Condition> conditions = now.conditions();
            Instant at = Instant.now();
            status = now;
            hasStatus = hasStatus == null ? at : hasStatus;
            if (saysRunning == null && says(conditions, "Ready", "Running")) {
                saysRunning = at;
            }
            if (saysComplete == null
                    && conditions.stream()
                            .anyMatch(condition -> condition.getType().equals("Complete")
                                    && condition.getStatus().equals("True"))) {
                saysComplete = at;
            }
            Long embedded = now.documents() == null ? null : now.documents().embedded();
            if (embedded != null && (told.isEmpty() || told.getLast().embedded() != embedded)) {
                told.add(new Told(at, embedded));
            }
        }

        private void see(Job job) {
            Instant at = Instant.now();
            hasJob = hasJob == null ? at : hasJob;
            jobUid = job.getMetadata().getUid();
            if (jobComplete == null
                    && job.getStatus() != null
                    && job.getStatus().getConditions().stream()
                            .anyMatch(condition -> condition.getType().equals("Complete")
                                    && condition.getStatus().equals("True"))) {
                jobComplete = at;
            }
        }

        private static boolean says(List<Condition> conditions, String type, String reason) {
            return conditions.stream()
                    .anyMatch(condition -> condition.getType().equals(type) && reason.equals(condition.getReason()));
        }

        /** namespace/name. */
        String name() {
            return name;
        }

        @Nullable
        Instant created() {
            return created;
        }

        @Nullable
        Instant hasStatus() {
            return hasStatus;
        }

        @Nullable
        Instant hasJob() {
            return hasJob;
        }

        @Nullable
        String jobUid() {
            return jobUid;
        }

        @Nullable
        Instant saysRunning() {
            return saysRunning;
        }

        @Nullable
        Instant jobComplete() {
            return jobComplete;
        }

        @Nullable
        Instant saysComplete() {
            return saysComplete;
        }

        @Nullable
        EmbeddingJobStatus status() {
            return status;
        }

        /** Documents that the status told of, and when. */
        List<Told> told() {
            return told;
        }
    }
}
