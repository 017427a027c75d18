package io.embeddingoperator.operator.reconcile;

import static io.embeddingoperator.operator.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.contract.TerminationMessage;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.desired.BudgetPause;
import io.embeddingoperator.operator.desired.RunLabels;
import io.embeddingoperator.operator.event.JobEvents;
import io.embeddingoperator.operator.status.ConditionType;
import io.embeddingoperator.operator.testing.TestingCluster;
import io.embeddingoperator.operator.testing.TestingManifest;
import io.embeddingoperator.operator.testing.TestingOperator;
import io.embeddingoperator.operator.testing.TestingPods;
import io.embeddingoperator.operator.testing.TestingProgressBuilder;
import io.embeddingoperator.operator.testing.TestingRunner;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** From manifest to Job and back to the status, on a real control plane whose pods the test plays. */
class EmbeddingJobReconcilerIT {
    private static final TestingCluster CLUSTER = TestingCluster.shared();
    private static final KubernetesClient CLIENT = CLUSTER.client();

    private final String namespace = CLUSTER.newNamespace();
    private final TestingPods pods = new TestingPods(CLIENT, namespace);
    private TestingOperator operator;

    @BeforeEach
    void start() {
        operator = TestingOperator.start(CLUSTER, namespace);
    }

    @AfterEach
    void stop() {
        operator.close();
        assertThat(operator.fatalErrors()).isEmpty();
    }

    @Test
    void aManifestBecomesAJobWhoseProgressAndEndAreTold() {
        // when
        create("{sharding: {shards: 2, parallelism: 2}}");

        // then its objects appear
        eventually(() -> assertThat(pods.alive("wiki")).hasSize(2));
        assertThat(job("wiki-1").get().getSpec().getCompletions()).isEqualTo(2);
        assertThat(configMap("wiki-1").get().getData().get("embeddingjob.yaml")).contains("public.articles");
        eventually(() -> assertThat(ready().getReason()).isEqualTo("Pending"));
        assertThat(job().getStatus().conditions())
                .extracting(Condition::getType)
                .containsExactly("Ready", "Reconciling", "Stalled", "Complete", "Failed", "Suspended");

        // when its pods run, their progress is told
        AtomicLong embedded = new AtomicLong(100);
        try (TestingRunner first = TestingRunner.ofAPod(() -> progress(0, embedded.get()));
                TestingRunner second = TestingRunner.ofAPod(() -> progress(1, embedded.get()))) {
            List<Pod> alive = pods.alive("wiki");
            pods.run(alive.get(0), first.address());
            pods.run(alive.get(1), second.address());
            eventually(() -> {
                assertThat(ready().getReason()).isEqualTo("Running");
                assertThat(job().getStatus().documents().embedded()).isEqualTo(200);
                assertThat(job().getStatus().tokensPerSecond()).isPositive();
            });
            embedded.set(500);
            eventually(
                    () -> assertThat(job().getStatus().documents().embedded()).isEqualTo(1000));
        }

        // when they end well, so does the job
        pods.alive("wiki").forEach(pod -> pods.succeed(pod, ended(TestingPods.shard(pod))));
        eventually(() -> assertThat(is(ConditionType.Complete)).isTrue());
        assertThat(is(ConditionType.Ready)).isTrue();
        assertThat(job().getStatus().documents().embedded()).isEqualTo(2000);
        assertThat(job().getStatus().documents().percent()).isEqualTo(100);
        assertThat(job().getStatus().shards().succeeded()).isEqualTo(2);

        // and only then the Job may be cleaned up, which changes nothing any more
        eventually(() -> assertThat(job("wiki-1").get().getSpec().getTtlSecondsAfterFinished())
                .isEqualTo(86_400));
        job("wiki-1").delete();
        eventually(() -> assertThat(job("wiki-1").get()).isNull());
        assertStaysAsItIs();
        assertThat(job("wiki-1").get()).isNull();

        // and each event was told once
        assertThat(events()).doesNotHaveDuplicates().contains("Running", "Complete");
    }

    @Test
    void aRunStartsByItselfOnceItsTimeHasComeWhileTheTableStaysReady() throws JsonProcessingException {
        // given a job whose first run is complete, and whose next one is far away
        create("{sharding: {shards: 2, parallelism: 2}, refresh: {schedule: '0 0 1 1 *', timeZone: Europe/Berlin}}");
        eventually(() -> assertThat(pods.alive("wiki")).hasSize(2));
        pods.alive("wiki").forEach(pod -> pods.succeed(pod, ended(TestingPods.shard(pod))));
        eventually(() -> assertThat(is(ConditionType.Complete)).isTrue());
        eventually(
                () -> assertThat(job().getStatus().refresh().nextScheduleTime()).endsWith("-12-31T23:00:00Z"));
        assertThat(job().getStatus().refresh().tableAsOf())
                .isEqualTo(job().getStatus().startTime());

        // when its time has come, many times over
        CLIENT.resources(EmbeddingJob.class)
                .inNamespace(namespace)
                .withName("wiki")
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\": {\"refresh\": {\"lastScheduleTime\": \"2020-01-01T00:00:00Z\"}}}");
        // A status is no event for the operator, which looks by itself when the next time comes.
        edit("spec: {podRetentionSeconds: 60}");

        // then one run starts, beside a table that is searched
        eventually(() -> assertThat(job("wiki-2").get()).isNotNull());
        eventually(() -> assertThat(pods.alive("wiki")).hasSize(2));
        assertThat(job().getStatus().run()).isEqualTo(2);
        assertThat(is(ConditionType.Ready)).isTrue();
        assertThat(is(ConditionType.Complete)).isFalse();

        // and no other one after it
        pods.alive("wiki").forEach(pod -> pods.succeed(pod, ended(TestingPods.shard(pod))));
        eventually(() -> assertThat(is(ConditionType.Complete)).isTrue());
        assertStaysAsItIs();
        assertThat(job("wiki-3").get()).isNull();
    }

    @Test
    void aRunWhoseShardsTheSinkLostStartsAgainByItselfAndIsCompleteOnceTheSinkHoldsAllOfIt() {
        // given a run of which a standby that took over has lost the shard that ended first
        create("{sharding: {shards: 2, parallelism: 2}}");
        eventually(() -> assertThat(pods.alive("wiki")).hasSize(2));
        String first = job("wiki-1").get().getMetadata().getUid();

        // when every pod has ended well
        pods.alive("wiki").forEach(pod -> pods.succeed(pod, ended(TestingPods.shard(pod), 1)));

        // then that is not taken for the end of the run, and its Job is made anew
        eventually(() -> {
            assertThat(ready().getReason()).isEqualTo("Restarting");
            assertThat(ready().getMessage()).contains("the sink holds 1 of 2 complete shards");
        });
        eventually(() -> {
            assertThat(job("wiki-1").get())
                    .satisfies(again -> assertThat(again.getMetadata().getUid()).isNotEqualTo(first));
            assertThat(pods.alive("wiki")).hasSize(2);
        });
        assertThat(is(ConditionType.Complete)).isFalse();
        assertThat(job().getStatus().documents().percent()).isLessThan(100);
        assertThat(job().getStatus().restarts()).isEqualTo(1);

        // when its pods have written the lost shard again, another operator hears of it
        operator.close();
        pods.alive("wiki").forEach(pod -> pods.succeed(pod, ended(TestingPods.shard(pod), 2)));
        operator = TestingOperator.start(CLUSTER, namespace);
        eventually(() -> assertThat(is(ConditionType.Complete)).isTrue());
        assertThat(job().getStatus().documents().percent()).isEqualTo(100);
        assertThat(events()).containsOnlyOnce("Restarting", "Complete");
    }

    @Test
    void aRunWhoseFinalReportsAreLostIsCompleteOnceItsPodsHaveReadAnewWhatTheSinkHolds() {
        // given
        create("{sharding: {shards: 1, parallelism: 1}}");
        eventually(() -> assertThat(pods.alive("wiki")).hasSize(1));
        String first = job("wiki-1").get().getMetadata().getUid();
        operator.close();

        // when the pod ends well and is deleted before an operator observes it
        Pod ended = pods.alive("wiki").getFirst();
        pods.succeed(ended, ended(0));
        eventually(() -> assertThat(job("wiki-1").get().getStatus().getConditions())
                .anyMatch(condition -> condition.getType().equals("Complete")));
        CLIENT.resource(ended).withGracePeriod(0).delete();
        operator = TestingOperator.start(CLUSTER, namespace);

        // then
        eventually(() -> {
            assertThat(job("wiki-1").get())
                    .satisfies(again -> assertThat(again.getMetadata().getUid()).isNotEqualTo(first));
            assertThat(pods.alive("wiki")).hasSize(1);
        });
        assertThat(is(ConditionType.Complete)).isFalse();
        pods.succeed(pods.alive("wiki").getFirst(), ended(0));
        eventually(() -> assertThat(is(ConditionType.Complete)).isTrue());
    }

    @Test
    void parallelismAndSuspendReachTheJob() throws Exception {
        create("{sharding: {shards: 3, parallelism: 1}}");
        eventually(() -> assertThat(pods.alive("wiki")).hasSize(1));

        edit("spec: {sharding: {parallelism: 3}}");
        eventually(() -> assertThat(pods.alive("wiki")).hasSize(3));

        edit("{spec: {sharding: {parallelism: 1}}}");
        eventually(() -> assertThat(pods.alive("wiki")).hasSize(1));

        edit("{spec: {suspend: true}}");
        eventually(() -> {
            assertThat(pods.alive("wiki")).isEmpty();
            assertThat(is(ConditionType.Suspended)).isTrue();
            assertThat(ready().getReason()).isEqualTo("Suspended");
        });

        edit("{spec: {suspend: false, sharding: {parallelism: 2}}}");
        eventually(() -> {
            assertThat(pods.alive("wiki")).hasSize(2);
            assertThat(is(ConditionType.Suspended)).isFalse();
        });
        assertThat(job("wiki-1").get().getMetadata().getUid()).isNotEmpty();
    }

    @Test
    void aJobThatAnotherClientSuspendsIsForThatClientToResume() throws Exception {
        create("{}");
        eventually(() -> assertThat(pods.alive("wiki")).hasSize(2));

        patchJob("{\"spec\": {\"suspend\": true}}");
        eventually(() -> {
            assertThat(ready().getReason()).isEqualTo("Suspended");
            assertThat(ready().getMessage())
                    .contains("a person or a controller such as Kueue suspended the Job wiki-1");
        });
        assertStaysAsItIs();
        assertThat(job("wiki-1").get().getSpec().getSuspend()).isTrue();

        patchJob("{\"spec\": {\"suspend\": false}}");
        eventually(() -> {
            assertThat(pods.alive("wiki")).hasSize(2);
            assertThat(is(ConditionType.Suspended)).isFalse();
        });
    }

    @Test
    void aClientThatUndoesAChangeAgainAndAgainIsNotFought() throws Exception {
        create("{}");
        eventually(() -> assertThat(pods.alive("wiki")).hasSize(2));
        edit("{spec: {sharding: {parallelism: 3}}}");
        Instant begin = Instant.now();
        int undone = 0;

        // when something caps the parallelism
        for (int look = 0; look < 100; look++) {
            if (job("wiki-1").get().getSpec().getParallelism() != 2) {
                patchJob("{\"spec\": {\"parallelism\": 2}}");
                undone++;
            }
            Thread.sleep(50);
        }

        // then it is set at once, and again after 1, 2, 4 … seconds
        long seconds = Duration.between(begin, Instant.now()).toSeconds();
        int atTheMost = 64 - Long.numberOfLeadingZeros(seconds + 1);
        assertThat(undone).isBetween(2, atTheMost);
    }

    @Test
    void aUsedUpBudgetPausesTheRunUntilItIsRaised() throws Exception {
        create("{sharding: {shards: 2, parallelism: 2}, budget: {maxCostUsd: '0.50'}}");
        eventually(() -> assertThat(pods.alive("wiki")).hasSize(2));

        // when the budget stops one runner, the others may finish what they have paid for
        try (TestingRunner second = TestingRunner.ofAPod(() -> progress(1, 300))) {
            List<Pod> alive = pods.alive("wiki");
            pods.run(alive.get(1), second.address());
            eventually(() -> assertThat(ready().getReason()).isEqualTo("Running"));
            pods.fail(alive.get(0), 66, TerminationMessage.write(paused(0)));
            eventually(() -> assertThat(ready().getMessage()).contains("shard 0 waits: 0.49 of 0.50 are spent"));
            assertThat(job("wiki-1").get().getSpec().getSuspend()).isFalse();

            // when none works any more, the run pauses
            pods.fail(alive.get(1), 66, TerminationMessage.write(paused(1)));
            eventually(() -> {
                assertThat(job("wiki-1").get().getSpec().getSuspend()).isTrue();
                assertThat(is(ConditionType.Suspended)).isTrue();
                assertThat(condition(ConditionType.Suspended).getReason()).isEqualTo("BudgetExhausted");
                assertThat(condition(ConditionType.Suspended).getMessage())
                        .isEqualTo("0.49 of 0.50 are spent: raise or remove the budget, and the run goes on from its"
                                + " checkpoint");
            });
        }
        assertThat(is(ConditionType.Failed)).isFalse();
        assertThat(job().getStatus().costUsd()).isEqualTo("0.49");
        assertThat(pods.alive("wiki")).isEmpty();
        assertStaysAsItIs();

        // when a person suspends and resumes it, it is paused all the same
        edit("{spec: {suspend: true}}");
        eventually(() -> assertThat(ready().getReason()).isEqualTo("Suspended"));
        edit("{spec: {suspend: false}}");
        eventually(() -> assertThat(ready().getReason()).isEqualTo("BudgetExhausted"));
        assertStaysAsItIs();

        // when the budget is raised, the pods that start know of it
        edit("{spec: {budget: {maxCostUsd: '0.80'}}}");
        eventually(() -> assertThat(pods.alive("wiki")).hasSize(2));
        assertThat(configMap("wiki-1").get().getData().get("embeddingjob.yaml")).contains("maxCostUsd: \"0.80\"");
        eventually(() -> {
            assertThat(is(ConditionType.Suspended)).isFalse();
            assertThat(job("wiki-1").get().getSpec().getSuspend()).isFalse();
            assertThat(job("wiki-1").get().getMetadata().getAnnotations()).doesNotContainKey(BudgetPause.ANNOTATION);
        });
        pods.alive("wiki").forEach(pod -> pods.succeed(pod, ended(TestingPods.shard(pod))));
        eventually(() -> assertThat(is(ConditionType.Complete)).isTrue());
        assertThat(events()).contains("BudgetExhausted").doesNotContain("Retrying", "Failing");
    }

    @Test
    void aBudgetThatIsLoweredBelowWhatIsSpentStopsPodsThatDoNotKnowIt() throws Exception {
        create("{sharding: {shards: 1, parallelism: 1}, budget: {maxCostUsd: '0.80'}}");
        eventually(() -> assertThat(pods.alive("wiki")).hasSize(1));
        try (TestingRunner runner = TestingRunner.ofAPod(() -> new TestingProgressBuilder()
                .job(namespace + "/wiki")
                .embedded(300)
                .costUsd("0.49")
                .build())) {
            pods.run(pods.alive("wiki").getFirst(), runner.address());
            eventually(() -> assertThat(job().getStatus().costUsd()).isEqualTo("0.49"));

            edit("{spec: {budget: {maxCostUsd: '0.30'}}}");

            eventually(() -> {
                assertThat(job("wiki-1").get().getSpec().getSuspend()).isTrue();
                assertThat(ready().getReason()).isEqualTo("BudgetExhausted");
                assertThat(ready().getMessage()).startsWith("the run has cost 0.49 US dollars, more than the 0.30");
            });
        }
        assertStaysAsItIs();
    }

    @Test
    void aNewNonceStopsTheRunThatWorksBeforeTheNextStarts() throws Exception {
        create("{sharding: {shards: 2, parallelism: 2}}");
        eventually(() -> assertThat(pods.alive("wiki")).hasSize(2));

        edit("{spec: {runNonce: 2}}");

        eventually(() -> {
            assertThat(job("wiki-1").get()).isNull();
            assertThat(job("wiki-2").get()).isNotNull();
            assertThat(configMap("wiki-1").get()).isNull();
            assertThat(configMap("wiki-2").get()).isNotNull();
            assertThat(job().getStatus().run()).isEqualTo(2);
            assertThat(pods.alive("wiki"))
                    .hasSize(2)
                    .allSatisfy(pod -> assertThat(pod.getMetadata().getLabels()).containsEntry(RunLabels.RUN, "2"));
        });
    }

    @Test
    void aSmallerNonceStartsTheNextRunToo() throws Exception {
        create("{runNonce: 20261130}");
        eventually(() -> assertThat(job("wiki-1").get()).isNotNull());

        edit("{spec: {runNonce: 1}}");

        eventually(() -> {
            assertThat(job("wiki-2").get()).isNotNull();
            assertThat(job().getStatus().run()).isEqualTo(2);
            assertThat(job().getStatus().runNonce()).isEqualTo(1);
        });
    }

    @Test
    void aDeletedJobTakesEverythingWithIt() {
        create("{sharding: {shards: 2, parallelism: 2}}");
        eventually(() -> assertThat(pods.alive("wiki")).hasSize(2));

        CLIENT.resource(job()).delete();

        // The garbage collector looks for new kinds of owners twice a minute.
        eventually(Duration.ofSeconds(90), () -> {
            assertThat(job("wiki-1").get()).isNull();
            assertThat(configMap("wiki-1").get()).isNull();
            assertThat(pods.all("wiki")).isEmpty();
        });
    }

    @Test
    void whatIsTakenAwayByHandComesBack() {
        create("{}");
        eventually(() -> assertThat(pods.alive("wiki")).isNotEmpty());
        String first = job("wiki-1").get().getMetadata().getUid();

        configMap("wiki-1").delete();
        eventually(() -> assertThat(configMap("wiki-1").get()).isNotNull());

        job("wiki-1").delete();
        eventually(() -> assertThat(job("wiki-1").get())
                .satisfies(again -> assertThat(again.getMetadata().getUid()).isNotEqualTo(first)));

        // and labels, by which it is seen
        job("wiki-1")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\": {\"labels\": {\"%s\": null}}}".formatted(RunLabels.MANAGED_BY));
        eventually(() -> assertThat(job("wiki-1").get().getMetadata().getLabels())
                .containsEntry(RunLabels.MANAGED_BY, RunLabels.MANAGED_BY_VALUE));
    }

    @Test
    void aJobOfAnotherOwnerIsLeftAlone() {
        Job foreign = new JobBuilder()
                .withNewMetadata()
                .withName("wiki-1")
                .withNamespace(namespace)
                .endMetadata()
                .withNewSpec()
                .withSuspend(true)
                .withNewTemplate()
                .withNewSpec()
                .withRestartPolicy("Never")
                .addNewContainer()
                .withName("other")
                .withImage("example.org/other")
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
        String before = CLIENT.resource(foreign).create().getMetadata().getResourceVersion();

        create("{}");

        eventually(() -> {
            assertThat(ready().getReason()).isEqualTo("Blocked");
            assertThat(ready().getMessage()).contains("wiki-1").contains("does not belong");
        });
        assertThat(job("wiki-1")
                        .get()
                        .getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .getFirst()
                        .getName())
                .isEqualTo("other");
        assertThat(before).isNotEmpty();
    }

    @Test
    void aTemplateThatMakesNoPodIsRefusedWithASentenceUntilItIsCorrected() throws Exception {
        create("{template: {serviceAccountName: deployer}}");

        eventually(() -> {
            assertThat(is(ConditionType.Stalled)).isTrue();
            assertThat(ready().getMessage())
                    .startsWith("spec.template.serviceAccountName is deployer, which this operator does not allow");
        });
        assertThat(job("wiki-1").get()).isNull();
        assertStaysAsItIs();

        edit("{spec: {template: {serviceAccountName: null}}}");
        eventually(() -> {
            assertThat(is(ConditionType.Stalled)).isFalse();
            assertThat(job("wiki-1").get()).isNotNull();
        });
    }

    @Test
    void whatTheApiServerRefusesIsToldInItsWords() {
        create("{template: {tolerations: [{key: gpu, operator: Sometimes}]}}");

        eventually(() -> {
            assertThat(is(ConditionType.Stalled)).isTrue();
            assertThat(ready().getMessage()).contains("tolerations").contains("Sometimes");
        });
    }

    @Test
    void aRestartedOperatorGoesOnWithoutDoingAnythingTwice() {
        create("{sharding: {shards: 2, parallelism: 2}}");
        eventually(() -> {
            assertThat(pods.alive("wiki")).hasSize(2);
            assertStaysAsItIs();
        });
        List<String> events = events();
        Job before = job("wiki-1").get();
        String statusBefore = job().getMetadata().getResourceVersion();

        operator.close();
        operator = TestingOperator.start(CLUSTER, namespace);

        assertStaysAsItIs();
        assertThat(job().getMetadata().getResourceVersion()).isEqualTo(statusBefore);
        assertThat(job("wiki-1").get().getMetadata().getUid())
                .isEqualTo(before.getMetadata().getUid());
        assertThat(job("wiki-1").get().getMetadata().getGeneration())
                .isEqualTo(before.getMetadata().getGeneration());
        assertThat(events()).isEqualTo(events);

        // and what happens from now on is seen
        pods.alive("wiki").forEach(pod -> pods.succeed(pod, ended(TestingPods.shard(pod))));
        eventually(() -> assertThat(is(ConditionType.Complete)).isTrue());
    }

    @Test
    void whatHappenedWhileNoOperatorWasThereIsSeenAfterwards() {
        create("{sharding: {shards: 2, parallelism: 2}}");
        eventually(() -> assertThat(pods.alive("wiki")).hasSize(2));
        operator.close();

        pods.alive("wiki").forEach(pod -> pods.succeed(pod, ended(TestingPods.shard(pod))));
        operator = TestingOperator.start(CLUSTER, namespace);

        eventually(() -> {
            assertThat(is(ConditionType.Complete)).isTrue();
            assertThat(job().getStatus().documents().embedded()).isEqualTo(2000);
        });
    }

    @Test
    void mereNumbersAreWrittenOnceAnInterval() throws Exception {
        create("{}");
        eventually(() -> assertThat(pods.alive("wiki")).isNotEmpty());
        AtomicLong embedded = new AtomicLong();
        try (TestingRunner runner = TestingRunner.ofAPod(() -> progress(0, embedded.incrementAndGet() % 1000))) {
            pods.run(pods.alive("wiki").getFirst(), runner.address());
            eventually(() -> assertThat(ready().getReason()).isEqualTo("Running"));
            double before = metric("embedding_operator_status_writes_total");

            Thread.sleep(5000);

            assertThat(metric("embedding_operator_status_writes_total") - before)
                    .isBetween(2.0, 6.0);
            assertThat(runner.requests()).isLessThan(20);
        }
    }

    @Test
    void aJobOfANamespaceThatIsNotWatchedIsLeftAlone() {
        EmbeddingJob elsewhere = TestingManifest.wiki("{metadata: {uid: null, generation: null}}");
        elsewhere.getMetadata().setNamespace(CLUSTER.newNamespace());
        CLIENT.resource(elsewhere).create();

        create("{}");
        eventually(() -> assertThat(job("wiki-1").get()).isNotNull());

        assertThat(CLIENT.resource(elsewhere).get().getStatus()).isNull();
    }

    @Test
    void theOperatorTellsOfItself() {
        create("{}");
        eventually(() -> assertThat(ready().getReason()).isEqualTo("Pending"));

        assertThat(operator.get("/healthz").statusCode()).isEqualTo(200);
        assertThat(operator.get("/readyz").body()).isEqualTo("ok\n");
        assertThat(operator.get("/metrics").body())
                .contains("embedding_operator_jobs{state=\"Pending\"} 1.0")
                .contains("operator_sdk_reconciliations_success_total")
                .contains("jvm_memory_used_bytes")
                .doesNotContain("wiki");
    }

    private void create(String spec) {
        EmbeddingJob manifest =
                TestingManifest.wiki("{metadata: {uid: null, generation: null}, spec: %s}".formatted(spec));
        manifest.getMetadata().setNamespace(namespace);
        CLIENT.resource(manifest).create();
    }

    private void edit(String yamlMergePatch) throws JsonProcessingException {
        String json = new YAMLMapper().readTree(yamlMergePatch).toString();
        CLIENT.resource(job()).patch(PatchContext.of(PatchType.JSON_MERGE), json);
    }

    private void patchJob(String json) {
        job("wiki-1").patch(PatchContext.of(PatchType.JSON_MERGE), json);
    }

    private EmbeddingJob job() {
        return CLIENT.resources(EmbeddingJob.class)
                .inNamespace(namespace)
                .withName("wiki")
                .get();
    }

    private Resource<Job> job(String name) {
        return CLIENT.batch().v1().jobs().inNamespace(namespace).withName(name);
    }

    private Resource<ConfigMap> configMap(String name) {
        return CLIENT.configMaps().inNamespace(namespace).withName(name);
    }

    private Condition ready() {
        return condition(ConditionType.Ready);
    }

    private boolean is(ConditionType type) {
        return condition(type).getStatus().equals("True");
    }

    private Condition condition(ConditionType type) {
        assertThat(job().getStatus()).isNotNull();
        return job().getStatus().conditions().stream()
                .filter(condition -> condition.getType().equals(type.name()))
                .findFirst()
                .orElseThrow();
    }

    /** The reasons of the operator's events, in the order of their writing. */
    private List<String> events() {
        return CLIENT.events().v1().events().inNamespace(namespace).list().getItems().stream()
                .filter(event -> JobEvents.CONTROLLER.equals(event.getReportingController()))
                .map(event -> event.getReason())
                .toList();
    }

    private double metric(String name) {
        return operator.get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
                .sum();
    }

    /** For two seconds, nothing is written. */
    private void assertStaysAsItIs() {
        String version = job().getMetadata().getResourceVersion();
        try {
            Thread.sleep(2000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        assertThat(job().getMetadata().getResourceVersion()).isEqualTo(version);
    }

    private Progress progress(int shard, long embedded) {
        return new TestingProgressBuilder()
                .job(namespace + "/wiki")
                .shard(shard)
                .embedded(embedded)
                .build();
    }

    private Progress paused(int shard) {
        return new TestingProgressBuilder()
                .job(namespace + "/wiki")
                .shard(shard)
                .embedded(300)
                .phase(Progress.Phase.Paused)
                .costUsd("0.49")
                .build()
                .withOutcome(
                        Progress.Phase.Paused,
                        "0.49 of 0.50 are spent: raise or remove the budget, and the run goes on from its checkpoint");
    }

    private Progress ended(int shard) {
        return ended(shard, 2);
    }

    /** @param completeShards that the runner found in the sink when it ended, of two */
    private Progress ended(int shard, int completeShards) {
        return new TestingProgressBuilder()
                .job(namespace + "/wiki")
                .run(job().getStatus().run())
                .shard(shard)
                .embedded(1000)
                .phase(Progress.Phase.Complete)
                .sink(completeShards, 2)
                .build();
    }
}
