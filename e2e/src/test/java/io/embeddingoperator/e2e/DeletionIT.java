package io.embeddingoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.ExitCode;
import io.embeddingoperator.e2e.testing.DisruptedJob;
import io.embeddingoperator.e2e.testing.TestingCluster;
import io.embeddingoperator.e2e.testing.TestingJob;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The EmbeddingJob is deleted in mid-run, and wanted again. */
class DeletionIT {
    private static final String MANAGED_BY = "app.kubernetes.io/managed-by";

    private final TestingCluster cluster = TestingCluster.shared();

    @Test
    void everythingGoesWithTheJobAndWhatWasStoredIsNotPaidForAgain() {
        try (DisruptedJob run = DisruptedJob.start(cluster);
                LastWords lastWords = LastWords.of(run.job())) {
            run.awaitFirstWindow();
            List<String> atWork = names(run.job().runningPods());

            // when
            run.disrupt(run.job()::delete);

            // then nothing is left, and the runners ended as they should
            run.job().await("nothing of it", job -> children(job).toList().isEmpty());
            assertThat(atWork)
                    .isNotEmpty()
                    .allSatisfy(pod -> assertThat(lastWords.of(pod))
                            .returns(ExitCode.TERMINATED.code(), ContainerStateTerminated::getExitCode)
                            .extracting(ContainerStateTerminated::getMessage)
                            .asString()
                            .contains("Interrupted"));
            long stored = run.job().storedDocuments();
            assertThat(stored).isBetween(1L, DisruptedJob.DOCUMENTS - 1L);
            long gone = run.job().database().number("SELECT 1000 * extract(epoch FROM clock_timestamp())");

            // and when one of the same name is applied
            run.job().apply();

            // then it does the rest, and only the rest
            run.assertUnharmed();
            assertThat(storedUntil(run.job(), gone)).isEqualTo(stored);
            assertThat(run.job().status().documents().skipped()).isEqualTo(stored);
            assertThat(run.job().status().documents().embedded()).isEqualTo(DisruptedJob.DOCUMENTS - stored);
        }
    }

    @Test
    void aJobThatIsReplacedAtOnceWaitsForTheOldPods() {
        try (DisruptedJob run = DisruptedJob.start(cluster)) {
            run.awaitFirstWindow();
            String former = run.job().current().getMetadata().getUid();

            // when
            run.disrupt(() -> {
                run.job().delete();
                run.job().apply();
            });

            // then
            assertThat(run.job().current().getMetadata().getUid()).isNotEqualTo(former);
            run.assertUnharmed();
            assertThat(run.job().status().documents().skipped()).isPositive();
        }
    }

    private static long storedUntil(TestingJob job, long millis) {
        return job.database()
                .number("SELECT count(DISTINCT id) FROM vectors WHERE embedded_at <= to_timestamp(%d / 1000.0)"
                        .formatted(millis));
    }

    private Stream<HasMetadata> children(TestingJob job) {
        KubernetesClient client = cluster.client();
        String namespace = job.namespace();
        return Stream.of(
                        client.batch().v1().jobs().inNamespace(namespace).list().getItems(),
                        client.configMaps()
                                .inNamespace(namespace)
                                .withLabel(MANAGED_BY)
                                .list()
                                .getItems(),
                        job.pods())
                .flatMap(List::stream);
    }

    private static List<String> names(List<Pod> pods) {
        return pods.stream().map(pod -> pod.getMetadata().getName()).toList();
    }

    /** How pods ended that nobody can be asked about any more. */
    private record LastWords(Map<String, Pod> gone, SharedIndexInformer<Pod> informer)
            implements AutoCloseable, ResourceEventHandler<Pod> {
        static LastWords of(TestingJob job) {
            Map<String, Pod> gone = new ConcurrentHashMap<>();
            SharedIndexInformer<Pod> informer =
                    job.cluster().client().pods().inNamespace(job.namespace()).runnableInformer(0);
            LastWords words = new LastWords(gone, informer);
            informer.addEventHandler(words);
            informer.start().toCompletableFuture().join();
            return words;
        }

        ContainerStateTerminated of(String pod) {
            assertThat(gone).containsKey(pod);
            return gone.get(pod)
                    .getStatus()
                    .getContainerStatuses()
                    .getFirst()
                    .getState()
                    .getTerminated();
        }

        @Override
        public void onAdd(Pod pod) {
            // Its end matters.
        }

        @Override
        public void onUpdate(Pod before, Pod after) {
            // Its end matters.
        }

        @Override
        public void onDelete(Pod pod, boolean finalStateUnknown) {
            gone.put(pod.getMetadata().getName(), pod);
        }

        @Override
        public void close() {
            informer.close();
        }
    }
}
