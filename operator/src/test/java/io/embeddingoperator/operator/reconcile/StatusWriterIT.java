package io.embeddingoperator.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.operator.event.JobEvents;
import io.embeddingoperator.operator.metrics.OperatorMetrics;
import io.embeddingoperator.operator.status.StatusDecision;
import io.embeddingoperator.operator.testing.TestingClock;
import io.embeddingoperator.operator.testing.TestingCluster;
import io.embeddingoperator.operator.testing.TestingManifest;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.Cloner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The status of an EmbeddingJob that was deleted meanwhile, on a real API server. */
class StatusWriterIT {
    private static final TestingCluster CLUSTER = TestingCluster.shared();
    private static final KubernetesClient CLIENT = CLUSTER.client();

    private final String namespace = CLUSTER.newNamespace();
    private final TestingClock clock = new TestingClock();
    private final StatusWriter writer = new StatusWriter(
            Duration.ofSeconds(5),
            new JobEvents(CLIENT, "operator-0", clock),
            new OperatorMetrics(new SimpleMeterRegistry()),
            clock);

    @Test
    void anotherOneOfTheSameNameIsNotTold() {
        // given a job that is deleted and made again while its status is decided
        EmbeddingJob gone = create();
        EmbeddingJobStatus status = StatusDecision.blocked(gone, clock.instant(), "a sentence of the job that is gone");
        CLIENT.resource(gone).delete();
        EmbeddingJob again = create();

        // when
        write(gone, status, again);

        // then
        assertThat(CLIENT.resource(again).get().getStatus()).isNull();
        assertThat(CLIENT.events().v1().events().inNamespace(namespace).list().getItems())
                .isEmpty();
    }

    @Test
    void noEventIsPublishedForAJobThatIsDeletedForGood() {
        EmbeddingJob gone = create();
        CLIENT.resource(gone).delete();

        write(gone, StatusDecision.blocked(gone, clock.instant(), "a sentence"), null);

        assertThat(CLIENT.resource(gone).get()).isNull();
    }

    /** @param cached what the operator's cache holds meanwhile; null for nothing */
    private void write(EmbeddingJob job, EmbeddingJobStatus status, EmbeddingJob cached) {
        writer.write(job, status, Duration.ZERO, context(cached));
    }

    private EmbeddingJob create() {
        EmbeddingJob manifest = TestingManifest.wiki("{metadata: {uid: null, generation: null}}");
        manifest.getMetadata().setNamespace(namespace);
        return CLIENT.resource(manifest).create();
    }

    /** The SDK's, as far as a write that fails needs it. */
    @SuppressWarnings("unchecked")
    private static Context<EmbeddingJob> context(EmbeddingJob cached) {
        Cloner cloner = new EmbeddingJobCloner(CLIENT.getKubernetesSerialization());
        InvocationHandler[] answers = new InvocationHandler[1];
        answers[0] = (_, method, arguments) -> switch (method.getName()) {
            case "getClient" -> CLIENT;
            case "getResourceCloner" -> cloner;
            case "get" -> Optional.<HasMetadata>ofNullable(cached);
            case "fieldManager" -> EmbeddingJobReconciler.FIELD_MANAGER;
            default ->
                Proxy.newProxyInstance(
                        Context.class.getClassLoader(), new Class<?>[] {method.getReturnType()}, answers[0]);
        };
        return (Context<EmbeddingJob>)
                Proxy.newProxyInstance(Context.class.getClassLoader(), new Class<?>[] {Context.class}, answers[0]);
    }
}
