package io.embeddingoperator.operator.observe;

import io.embeddingoperator.api.v1alpha1.ApiVersion;
import io.embeddingoperator.api.v1alpha1.EmbeddingEndpoint;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.desired.BatchFinalizer;
import io.embeddingoperator.operator.desired.BudgetPause;
import io.embeddingoperator.operator.desired.CancelJob;
import io.embeddingoperator.operator.desired.EndpointLabels;
import io.embeddingoperator.operator.desired.Kueue;
import io.embeddingoperator.operator.desired.OwnSuspension;
import io.embeddingoperator.operator.desired.RunLabels;
import io.embeddingoperator.operator.desired.RunnerConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is kept of metadata: names, times and owners, and those labels and annotations that are read. */
final class KeptMetadata {
    /** The longest text that is kept where Kubernetes sets no bound; the operator's own are far shorter. */
    private static final int LONGEST = 1_024;

    /** The operator's own objects have one owner. */
    private static final int MOST_OWNERS = 4;

    /** Of those that a user writes for Kueue, which the operator copies to the Job. */
    private static final int MOST_ENTRIES = 32;

    /** The labels and annotations that are read of what a run consists of. */
    private static final Set<String> READ = Set.of(
            RunLabels.NAME,
            RunLabels.MANAGED_BY,
            RunLabels.JOB,
            EndpointLabels.ENDPOINT,
            RunLabels.RUN,
            RunLabels.NONCE,
            Kueue.QUEUE_NAME,
            OwnSuspension.ANNOTATION,
            BudgetPause.ANNOTATION,
            CancelJob.OWNER,
            RunnerConfigMap.CHANGED,
            RunnerEndpoint.SHARD_ANNOTATION,
            RunnerEndpoint.FAILURES_ANNOTATION);

    /** What makes pods here: the Jobs of runs, and the ReplicaSets of endpoints. */
    private static final Set<String> OWNERS_OF_PODS = Set.of("Job", "ReplicaSet");

    private KeptMetadata() {}

    /** Of an object that an EmbeddingJob owns. */
    static ObjectMeta ofChild(ObjectMeta read) {
        return owned(read, isA(EmbeddingJob.class));
    }

    /** Of an object that an EmbeddingEndpoint owns; nothing but its name of one that none owns. */
    static ObjectMeta ofEndpointChild(ObjectMeta read) {
        ObjectMeta kept = owned(read, isA(EmbeddingEndpoint.class));
        return kept.getOwnerReferences().isEmpty() ? ofForeignObject(read) : kept;
    }

    /** Of an EmbeddingEndpoint, of which no label or annotation is read. */
    static ObjectMeta ofEmbeddingEndpoint(ObjectMeta read) {
        return named(read).build();
    }

    /** Of a ConfigMap: that of the Job which cancels batches belongs to this Job. */
    static ObjectMeta ofConfigMap(ObjectMeta read) {
        return owned(read, isA(EmbeddingJob.class).or(owner -> "Job".equals(owner.getKind())));
    }

    /** Of a pod, which a Job or a ReplicaSet owns. */
    static ObjectMeta ofPod(ObjectMeta read) {
        return owned(
                read, owner -> OWNERS_OF_PODS.contains(owner.getKind()) && Boolean.TRUE.equals(owner.getController()));
    }

    /** Of an EmbeddingJob: what asks for an action, and what is copied to its Job. */
    static ObjectMeta ofEmbeddingJob(ObjectMeta read) {
        return named(read)
                .withFinalizers(read.getFinalizers())
                .withLabels(kept(read.getLabels(), Kueue::isKueues))
                .withAnnotations(kept(read.getAnnotations(), Kueue::isKueues))
                .addToAnnotations(sinks(read.getAnnotations()))
                .build();
    }

    /** What tells an object from all others, and nothing of what it holds. */
    static ObjectMeta ofForeignObject(ObjectMeta read) {
        return new ObjectMetaBuilder()
                .withName(read.getName())
                .withNamespace(read.getNamespace())
                .withUid(read.getUid())
                .withResourceVersion(read.getResourceVersion())
                .build();
    }

    private static ObjectMeta owned(ObjectMeta read, Predicate<OwnerReference> isOwner) {
        List<OwnerReference> owners = read.getOwnerReferences().stream()
                .filter(isOwner)
                .filter(owner -> isShort(owner.getName()) && isShort(owner.getUid()) && isShort(owner.getApiVersion()))
                .limit(MOST_OWNERS)
                .toList();
        return named(read)
                .withOwnerReferences(owners)
                .withLabels(kept(read.getLabels(), READ::contains))
                .withAnnotations(kept(read.getAnnotations(), READ::contains))
                .build();
    }

    private static ObjectMetaBuilder named(ObjectMeta read) {
        return new ObjectMetaBuilder(ofForeignObject(read))
                .withGeneration(read.getGeneration())
                .withCreationTimestamp(read.getCreationTimestamp())
                .withDeletionTimestamp(read.getDeletionTimestamp());
    }

    private static Predicate<OwnerReference> isA(Class<? extends HasMetadata> kind) {
        return owner -> HasMetadata.getKind(kind).equals(owner.getKind())
                && owner.getApiVersion() != null
                && owner.getApiVersion().startsWith(ApiVersion.GROUP + "/");
    }

    /** The sinks of the runs that may have left batches, which are as many as a manifest had. */
    private static Map<String, String> sinks(Map<String, String> annotations) {
        return Optional.ofNullable(annotations)
                .map(entries -> entries.get(BatchFinalizer.SINKS))
                .map(sinks -> Map.of(BatchFinalizer.SINKS, sinks))
                .orElse(Map.of());
    }

    private static Map<String, String> kept(Map<String, String> entries, Predicate<String> isRead) {
        return Stream.ofNullable(entries)
                .flatMap(all -> all.entrySet().stream())
                .filter(entry -> isRead.test(entry.getKey()) && isShort(entry.getValue()))
                .limit(MOST_ENTRIES)
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static boolean isShort(String text) {
        return text != null && text.length() <= LONGEST;
    }
}
