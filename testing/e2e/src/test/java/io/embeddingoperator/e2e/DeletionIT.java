package io.embeddingoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.e2e.testing.DisruptedJob;
import io.embeddingoperator.e2e.testing.PodHistory;
import io.embeddingoperator.e2e.testing.TestingCluster;
import io.embeddingoperator.e2e.testing.TestingJob;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The EmbeddingJob is deleted in mid-run, and wanted again. */
class DeletionIT {
    private static final String MANAGED_BY = "app.kubernetes.io/managed-by";

    private final TestingCluster cluster = TestingCluster.shared();

    @Test
    void everythingGoesWithTheJobAndWhatWasStoredIsNotPaidForAgain() {
        try (DisruptedJob run = DisruptedJob.start(cluster);
                PodHistory pods = PodHistory.of(run.job())) {
            run.awaitFirstWindow();
            List<String> atWork = run.job().podsAtWork().stream()
                    .map(pod -> pod.getMetadata().getName())
                    .toList();

            // when
            run.disrupt(run.job()::delete);

            // then nothing is left, and the runners ended as they should
            run.job().await("nothing of it", job -> children(job).toList().isEmpty());
            pods.assertLeftWithACheckpoint(atWork);
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
}
