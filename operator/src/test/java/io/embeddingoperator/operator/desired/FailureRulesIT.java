package io.embeddingoperator.operator.desired;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.operator.testing.TestingCluster;
import io.embeddingoperator.operator.testing.TestingImages;
import io.embeddingoperator.operator.testing.TestingKubelet;
import io.embeddingoperator.operator.testing.TestingManifest;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** What Kubernetes' own Job controller makes of the ends of pods. */
final class FailureRulesIT {
    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

    private final KubernetesClient client = TestingCluster.shared().client();
    private final String namespace = TestingCluster.shared().newNamespace();
    private final TestingKubelet kubelet = new TestingKubelet(client, namespace);

    @Test
    void aPodThatWasSentAwayCostsNoRetry() {
        // given: shards that may not be tried again
        String deleted = create("deleted", 1, 0);
        String interrupted = create("interrupted", 1, 0);
        String evicted = create("evicted", 1, 0);

        // when
        Pod victim = started(deleted, 1).getFirst();
        client.resource(victim).delete();
        kubelet.endDeleted(victim, 143);
        kubelet.end(started(interrupted, 1).getFirst(), 130);
        kubelet.endDisrupted(started(evicted, 1).getFirst(), 137);

        // then
        assertThat(List.of(deleted, interrupted, evicted)).allSatisfy(job -> {
            Pod next = kubelet.awaitPods(job, 1).getFirst();
            assertThat(TestingKubelet.annotation(next, "job-index-failure-count"))
                    .isEqualTo("0");
            assertThat(TestingKubelet.annotation(next, "job-index-ignored-failure-count"))
                    .isEqualTo("1");
        });
    }

    @Test
    void aUsedUpBudgetCostsNoRetryAndIsNotAskedForAllTheTime() {
        // given: a shard that may not be tried again
        String job = create("poor", 1, 0);

        // when
        Pod first = started(job, 1).getFirst();
        kubelet.end(first, 66);
        Pod second = started(job, 1).getFirst();
        kubelet.end(second, 66);
        Pod third = kubelet.awaitPods(job, 1).getFirst();

        // then: each wait is longer than the one before
        assertThat(TestingKubelet.annotation(third, "job-index-failure-count")).isEqualTo("0");
        assertThat(TestingKubelet.annotation(third, "job-index-ignored-failure-count"))
                .isEqualTo("2");
        assertThat(between(first, second)).isGreaterThanOrEqualTo(Duration.ofSeconds(9));
        assertThat(between(second, third)).isGreaterThanOrEqualTo(Duration.ofSeconds(19));
    }

    @Test
    void aBadSpecificationEndsTheWholeJob() {
        String job = create("bad", 2, 6);
        List<Pod> pods = started(job, 2);

        kubelet.end(pods.getFirst(), 64);

        assertThat(await(job, seen -> reason(seen, "FailureTarget") != null))
                .extracting(seen -> reason(seen, "FailureTarget"))
                .isEqualTo("PodFailurePolicy");
    }

    @Test
    void tooManyFailedDocumentsEndTheirShardAlone() {
        String job = create("many", 2, 6);
        List<Pod> pods = started(job, 2);

        kubelet.end(pods.getFirst(), 65);

        String shard = TestingKubelet.annotation(pods.getFirst(), "job-completion-index");
        Job seen = await(job, now -> shard.equals(now.getStatus().getFailedIndexes()));
        assertThat(seen.getStatus().getActive()).isEqualTo(1);
        assertThat(reason(seen, "FailureTarget")).isNull();
    }

    @Test
    void anOutageUsesUpTheRetries() {
        String job = create("again", 1, 0);

        kubelet.end(started(job, 1).getFirst(), 75);

        assertThat(await(job, seen -> reason(seen, "Failed") != null))
                .extracting(seen -> reason(seen, "Failed"))
                .isEqualTo("FailedIndexes");
    }

    @Test
    void fewerPodsAndASuspendCostNoRetry() {
        // given
        String job = create("live", 2, 0);
        List<Pod> pods = started(job, 2);

        // when: one pod fewer, then none; each of them writes its checkpoint and ends
        change(job, "{\"spec\":{\"parallelism\":1}}");
        Pod left = kubelet.awaitPods(job, 1).getFirst();
        pods.stream().filter(pod -> !isSame(pod, left)).forEach(pod -> kubelet.endDeleted(pod, 143));
        change(job, "{\"spec\":{\"suspend\":true}}");
        kubelet.awaitPods(job, 0);
        kubelet.endDeleted(left, 143);
        change(job, "{\"spec\":{\"parallelism\":2,\"suspend\":false}}");

        // then: both shards go on
        assertThat(kubelet.awaitPods(job, 2)).allSatisfy(pod -> {
            assertThat(TestingKubelet.annotation(pod, "job-index-failure-count"))
                    .isEqualTo("0");
            assertThat(TestingKubelet.annotation(pod, "job-index-ignored-failure-count"))
                    .isNull();
        });
        assertThat(await(job, seen -> true).getStatus().getFailed()).isNull();
    }

    @Test
    void aTimeToLiveThatIsSetAfterTheEndStillDeletesTheJob() {
        // given
        String job = create("over", 1, 0);
        Pod pod = started(job, 1).getFirst();
        kubelet.end(pod, 0);
        await(job, seen -> reason(seen, "Complete") != null);

        // when
        change(job, "{\"spec\":{\"ttlSecondsAfterFinished\":0}}");

        // then
        client.batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .withName(job)
                .waitUntilCondition(
                        seen -> seen == null || seen.getMetadata().getDeletionTimestamp() != null,
                        40,
                        TimeUnit.SECONDS);
    }

    private String create(String name, int shards, int retries) {
        Job job = RunnerJob.desired(
                TestingManifest.wiki("""
                        metadata: {name: %s, namespace: %s}
                        spec:
                          sharding: {shards: %d, parallelism: %d}
                          failurePolicy: {shardRetries: %d}
                        """.formatted(name, namespace, shards, shards, retries)), TestingImages.IMAGES);
        // Its owner does not exist: the garbage collector would delete it.
        job.getMetadata().setOwnerReferences(null);
        return client.resource(job).create().getMetadata().getName();
    }

    private List<Pod> started(String job, int count) {
        List<Pod> pods = kubelet.awaitPods(job, count);
        pods.forEach(kubelet::start);
        return pods;
    }

    private void change(String job, String mergePatch) {
        client.batch().v1().jobs().inNamespace(namespace).withName(job).patch(MERGE, mergePatch);
    }

    /** From the creation of a pod to that of the next, in whole seconds. */
    private static Duration between(Pod one, Pod next) {
        return Duration.between(
                Instant.parse(one.getMetadata().getCreationTimestamp()),
                Instant.parse(next.getMetadata().getCreationTimestamp()));
    }

    private Job await(String job, Predicate<Job> condition) {
        return client.batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .withName(job)
                .waitUntilCondition(seen -> seen != null && condition.test(seen), 40, TimeUnit.SECONDS);
    }

    /** Null where the Job does not say so. */
    private static String reason(Job job, String condition) {
        return job.getStatus().getConditions().stream()
                .filter(said -> said.getType().equals(condition) && "True".equals(said.getStatus()))
                .map(JobCondition::getReason)
                .findFirst()
                .orElse(null);
    }

    private static boolean isSame(Pod one, Pod other) {
        return Objects.equals(one.getMetadata().getUid(), other.getMetadata().getUid());
    }
}
