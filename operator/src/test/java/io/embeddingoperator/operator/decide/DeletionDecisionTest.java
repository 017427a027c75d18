package io.embeddingoperator.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.decide.NextAction.CreateCancelJob;
import io.embeddingoperator.operator.decide.NextAction.RemoveFinalizer;
import io.embeddingoperator.operator.decide.NextAction.StartCancelJob;
import io.embeddingoperator.operator.decide.NextAction.StopRun;
import io.embeddingoperator.operator.decide.NextAction.Wait;
import io.embeddingoperator.operator.desired.CancelJob;
import io.embeddingoperator.operator.desired.RunnerJob;
import io.embeddingoperator.operator.testing.TestingImages;
import io.embeddingoperator.operator.testing.TestingManifest;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class DeletionDecisionTest {
    private static final Instant DELETED = Instant.parse("2026-11-01T00:00:00Z");
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private static final String COMPLETE = "status: {run: 1, conditions: [{type: Complete, status: \"True\"}]}";

    private final EmbeddingJob manifest = TestingManifest.wiki("""
            metadata:
              deletionTimestamp: "%s"
              finalizers: [embedding-operator.io/cancel-batches]
              annotations: {embedding-operator.io/batch-sinks: "vectors/uri public.article_embeddings"}
            spec:
              embedder:
                onnx: null
                openai: {model: m, dimensions: 8, apiKey: {secretKeyRef: {name: openai, key: key}}}
            """.formatted(DELETED));
    private final Job run = RunnerJob.desired(manifest, TestingImages.IMAGES);
    private final Job prepared = CancelJob.desired(manifest, TestingImages.IMAGES, LIMIT);
    private final Job started =
            new JobBuilder(prepared).editSpec().withSuspend(false).endSpec().build();

    private NextAction decide(List<Job> runs, Job cancel, Duration after) {
        return decide(manifest, runs, cancel, after);
    }

    private static NextAction decide(EmbeddingJob manifest, List<Job> runs, Job cancel, Duration after) {
        return DeletionDecision.of(manifest, runs, Optional.ofNullable(cancel), DELETED.plus(after), LIMIT);
    }

    private NextAction decide(List<Job> runs, Job cancel) {
        return decide(runs, cancel, Duration.ofSeconds(1));
    }

    @Test
    void aJobWhoseBatchesAreAllImportedGoesAtOnce() {
        EmbeddingJob complete = TestingManifest.changed(manifest, COMPLETE);

        assertThat(decide(complete, List.of(), null, Duration.ZERO)).isEqualTo(new RemoveFinalizer(Optional.empty()));
    }

    @Test
    void batchesOfAnEarlierRunAreCancelledAlsoWhenTheLastFailedOrWroteElsewhere() {
        EmbeddingJob failed = TestingManifest.changed(manifest, """
                spec: {runNonce: 2}
                status: {run: 2, conditions: [{type: Failed, status: "True"}]}
                """);
        EmbeddingJob completeElsewhere =
                TestingManifest.changed(manifest, "spec: {sink: {pgvector: {table: public.others}}}\n" + COMPLETE);

        assertThat(decide(failed, List.of(), null, Duration.ZERO)).isEqualTo(new CreateCancelJob());
        assertThat(decide(completeElsewhere, List.of(), null, Duration.ZERO)).isEqualTo(new CreateCancelJob());
    }

    @Test
    void batchesThatNoJobOfTheManifestCanCancelAreWarnedOf() {
        EmbeddingJob local = TestingManifest.changed(
                manifest, "spec: {embedder: {openai: null, onnx: {model: {bundled: all-minilm-l6-v2}}}}\n" + COMPLETE);
        EmbeddingJob elsewhere = TestingManifest.changed(
                manifest, "spec: {sink: {pgvector: {connection: {secretKeyRef: {name: others, key: uri}}}}}");

        assertThat(decide(local, List.of(), null, Duration.ZERO))
                .isEqualTo(new RemoveFinalizer(
                        Optional.of("the manifest names no key for the batches of an earlier run")));
        assertThat(decide(elsewhere, List.of(), null, Duration.ZERO)).isEqualTo(new CreateCancelJob());
        assertThat(decide(elsewhere, List.of(), ended("Complete"), Duration.ZERO))
                .isEqualTo(new RemoveFinalizer(
                        Optional.of("an earlier run wrote to a database that the manifest does not name any"
                                + " more (Secret and table: vectors/uri public.article_embeddings)")));
    }

    @Test
    void batchesAreNotedBeforeThePodsGoThatKnowOfThem() {
        assertThat(decide(List.of(run), null)).isEqualTo(new CreateCancelJob());
        assertThat(decide(List.of(run), prepared)).isEqualTo(new StopRun(run));
    }

    @Test
    void theyAreCancelledOnceNoPodMakesNewOnes() {
        Job stopping = deleting(run);

        assertThat(decide(List.of(stopping), prepared)).isEqualTo(new Wait("the Job wiki-1 is stopping"));
        assertThat(decide(List.of(), prepared)).isEqualTo(new StartCancelJob(prepared));
        assertThat(decide(List.of(), started)).isEqualTo(new Wait("the Job wiki-cancel cancels the batches"));
    }

    @Test
    void theyAreNotedForGood() {
        EmbeddingJob complete = TestingManifest.changed(manifest, COMPLETE);

        assertThat(decide(complete, List.of(), prepared, Duration.ofSeconds(1)))
                .isEqualTo(new StartCancelJob(prepared));
    }

    @Test
    void aPodOnALostNodeHoldsNothingUp() {
        assertThat(decide(List.of(deleting(run)), prepared, Duration.ofMinutes(1)))
                .isEqualTo(new StartCancelJob(prepared));
    }

    @Test
    void itGoesWhenTheyAreCancelled() {
        assertThat(decide(List.of(), ended("Complete"))).isEqualTo(new RemoveFinalizer(Optional.empty()));
        assertThat(decide(List.of(), ended("Failed")))
                .isEqualTo(new RemoveFinalizer(Optional.of("the Job wiki-cancel failed")));
    }

    @Test
    void itGoesInAnyCaseWhenTheTimeIsOver() {
        assertThat(decide(List.of(), started, LIMIT))
                .isEqualTo(new RemoveFinalizer(Optional.of("the Job wiki-cancel was not done within 600 s")));
        assertThat(decide(List.of(run), null, LIMIT))
                .isEqualTo(
                        new RemoveFinalizer(Optional.of("the Job that cancels them could not be made within 600 s")));
    }

    @Test
    void aDeletionThatKeepsTheJobKeepsItsBatches() {
        manifest.getMetadata().setFinalizers(List.of("embedding-operator.io/cancel-batches", "orphan"));

        assertThat(decide(List.of(run), null)).isEqualTo(new RemoveFinalizer(Optional.empty()));
    }

    private Job ended(String how) {
        return new JobBuilder(started)
                .withNewStatus()
                .addNewCondition()
                .withType(how)
                .withStatus("True")
                .endCondition()
                .endStatus()
                .build();
    }

    private static Job deleting(Job job) {
        return new JobBuilder(job)
                .editMetadata()
                .withDeletionTimestamp(DELETED.toString())
                .endMetadata()
                .build();
    }
}
